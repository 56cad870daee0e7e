"""A journal folder, its reader, and the rows as plain values."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cti.journal.reader import JournalReader, JournalSettings
from pbx_config import contract
from tests.cti.journal.capture import TRACES

NODE = "t12"
NAMES = sorted(p.name for p in TRACES.iterdir())
MOVED = [name for name in NAMES if '"room-' in (TRACES / name / "cel.csv").read_text()]
DERIVED = ("call", "leg", "queue_entry", "ring_attempt", "agent_event", "wish")
RAW = ("cel_event", "queue_log_event")
FILES = {"cel": contract.CEL_FILE, "queue_log": contract.QUEUE_LOG_FILE}


def trace(name: str, stream: str) -> bytes:
    """The captured bytes of one stream ("cel" or "queue_log")."""
    return (TRACES / name / {"cel": "cel.csv", "queue_log": "queue_log"}[stream]).read_bytes()


@dataclass
class Journal:
    """Asterisk's log folder as the tests write it."""

    folder: Path
    settings: JournalSettings

    def path(self, stream: str) -> Path:
        return self.folder / FILES[stream]

    def append(self, stream: str, data: bytes) -> None:
        self.path(stream).parent.mkdir(parents=True, exist_ok=True)
        with self.path(stream).open("ab") as file:
            file.write(data)

    def write(self, name: str) -> None:
        for stream in FILES:
            self.append(stream, trace(name, stream))

    def reader(self) -> JournalReader:
        return JournalReader(self.settings)

    async def read(self) -> JournalReader:
        """What a cti that has just been started reads."""
        reader = self.reader()
        await reader.catch_up()
        return reader


@pytest.fixture
def journals(tmp_path: Path, dsn: str) -> Callable[..., Journal]:
    """Make a journal: a folder of its own on the test's database."""

    def make(node: str = NODE, folder: str = "log", poll_s: float = 0.02) -> Journal:
        return Journal(tmp_path / folder, JournalSettings(node, tmp_path / folder, dsn, poll_s))

    return make


@pytest.fixture
def journal(journals: Callable[..., Journal]) -> Journal:
    return journals()


async def rows(pool: asyncpg.Pool, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """Tables as sorted plain values, without what two runs may differ in (serial ids, time of writing)."""
    found = {}
    for table in tables or DERIVED + RAW + ("dead_letter", "journal_position"):
        serial = "- 'id'" if table in (*RAW, "dead_letter") else ""
        records = await pool.fetch(f"SELECT to_jsonb(t) {serial} - 'updated_at' - 'at_' AS r FROM {table} t")
        plain = [json.loads(r["r"]) for r in records]
        if table == "dead_letter":
            plain = [{k: v for k, v in r.items() if k != "at"} for r in plain]
        found[table] = sorted(plain, key=lambda r: json.dumps(r, sort_keys=True))
    if not found.get("wish"):  # of few calls; the traces of all others say nothing of it
        found.pop("wish", None)
    return found


async def empty(pool: asyncpg.Pool) -> None:
    await pool.execute(f"TRUNCATE {', '.join((*DERIVED, *RAW))}, dead_letter, journal_position, feed, live CASCADE")
