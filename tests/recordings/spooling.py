"""Spool files as Asterisk leaves them, call rows as the journal writes them, and a recorder to run over both."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import soundfile

from pbx_config import contract
from recordings.service import run
from recordings.settings import RecorderSettings

NODE = "rec"
RATE = contract.SPOOL_SAMPLE_RATE
AGENT_HZ = 440.0
CITIZEN_HZ = 1000.0


def tone(hz: float, seconds: float, level: float = 0.3) -> bytes:
    """Raw 16-bit samples of a sine."""
    t = np.arange(round(seconds * RATE)) / RATE
    samples: bytes = (np.sin(2 * np.pi * hz * t) * level * 32767).astype("<i2").tobytes()
    return samples


def header(length: int, rate: int = RATE) -> bytes:
    """The 44 bytes that Asterisk's format_wav writes; length 0 until it closes the file."""
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", length + 36 if length else 0, b"WAVE")
        + fmt
        + struct.pack("<4sI", b"data", length)
    )


def closed(audio: bytes) -> bytes:
    return header(len(audio)) + audio


@dataclass(frozen=True)
class Desk:
    """One PBX's spool, store and database."""

    settings: RecorderSettings
    pool: asyncpg.Pool
    store: Path

    @property
    def spool(self) -> Path:
        return self.settings.spool

    def put(
        self, linkedid: str, receive: bytes | None, transmit: bytes | None, age_s: float = 30, part: int = 1
    ) -> None:
        """Leave files in the spool, as old as ``age_s``."""
        stem = contract.recording_stem(linkedid, part)
        when = time.time() - age_s
        for suffix, data in ((contract.SPOOL_SUFFIX_RECEIVE, receive), (contract.SPOOL_SUFFIX_TRANSMIT, transmit)):
            if data is not None:
                path = self.spool / f"{stem}{suffix}"
                path.write_bytes(data)
                os.utime(path, (when, when))

    async def call(
        self, linkedid: str, talk_s: float | None, outcome: str = "answered", ended_ago_s: float | None = 30
    ) -> uuid.UUID:
        """The journal's row of a call; ``talk_s`` None: nobody answered. ``ended_ago_s`` None: still going on."""
        call_id = contract.call_id(NODE, linkedid)
        ended = datetime.now(UTC) - timedelta(seconds=ended_ago_s) if ended_ago_s is not None else None
        answered = (ended or datetime.now(UTC)) - timedelta(seconds=talk_s) if talk_s is not None else None
        started = (answered or ended or datetime.now(UTC)) - timedelta(seconds=10)
        sql = """INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, answered_at, ended_at,
                 outcome, talk_s) VALUES ($1, $2, $3, 'inbound', '13912345678', '12345', $4, $5, $6, $7, $8)"""
        await self.pool.execute(
            sql, call_id, NODE, linkedid, started, answered, ended, outcome, talk_s if ended is not None else None
        )
        return call_id

    async def rows(self) -> list[asyncpg.Record]:
        """The parts, without what is mixed of them."""
        found: list[asyncpg.Record] = await self.pool.fetch(
            "SELECT * FROM recording WHERE part > 0 ORDER BY linkedid, part"
        )
        return found

    async def whole(self, linkedid: str) -> asyncpg.Record | None:
        """The one recording of a conference."""
        return await self.pool.fetchrow("SELECT * FROM recording WHERE linkedid = $1 AND part = 0", linkedid)

    async def row(self, linkedid: str) -> asyncpg.Record | None:
        return await self.pool.fetchrow("SELECT * FROM recording WHERE linkedid = $1", linkedid)

    async def letters(self) -> list[str]:
        rows = await self.pool.fetch("SELECT position FROM dead_letter WHERE source = 'recording' ORDER BY position")
        return [r["position"] for r in rows]

    async def health(self) -> dict[str, Any]:
        import json

        body = await self.pool.fetchval("SELECT body FROM live WHERE topic = 'recorder' AND key = $1", NODE)
        return dict(json.loads(body)) if body else {}

    def in_spool(self) -> list[str]:
        return sorted(p.name for p in self.spool.iterdir() if p.is_file())

    def set_aside(self) -> list[str]:
        folder = self.settings.aside
        return sorted(os.listdir(folder)) if folder.exists() else []

    def objects(self) -> list[str]:
        """Keys in the folder store, whatever they are."""
        return sorted(str(p.relative_to(self.store)) for p in self.store.rglob("*") if p.is_file())

    def audio(self, row: asyncpg.Record) -> tuple[np.ndarray, int]:
        samples, rate = soundfile.read(self.store / row["store_key"], always_2d=True)
        return samples, rate

    def changed(self, **changes: Any) -> Desk:
        return replace(self, settings=replace(self.settings, **changes))


def desk_settings(dsn: str, home: Path, **changes: Any) -> RecorderSettings:
    """Settings with short waits; ``home`` gets spool/, work/ and store/."""
    for name in ("spool", "work", "store"):
        (home / name).mkdir(exist_ok=True)
    settings = RecorderSettings(
        node=NODE,
        dsn=dsn,
        spool=home / "spool",
        work=home / "work",
        store_url=str(home / "store"),
        scan_every_s=0.05,
        settle_s=0.3,
        call_wait_s=0.3,
        reconcile_every_s=0.1,
        disk_every_s=0.1,
        retry_first_s=0.1,
        retry_most_s=0.5,
        missing_after_s=5,
        health_every_s=0.2,
        encoders=1,
    )
    return replace(settings, **changes)


@contextlib.asynccontextmanager
async def recorder(settings: RecorderSettings) -> AsyncIterator[asyncio.Task[None]]:
    """The recorder as ``lianxin worker`` runs it."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, stop))
    try:
        yield task
    finally:
        stop.set()
        await task


def level_db(samples: np.ndarray, hz: float, rate: int = RATE) -> float:
    """Level of one frequency in one channel; 0 dB is a full sine."""
    window = np.hanning(len(samples))
    turn = np.exp(-2j * np.pi * hz * np.arange(len(samples)) / rate)
    return float(20 * np.log10(abs(np.sum(samples * window * turn)) * 2 / np.sum(window) + 1e-9))
