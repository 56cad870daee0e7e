"""A recording as a file that may leave the house: watermarked copy and manifest in one archive (docs/decisions/0008).

Makes the archive in a folder of its own; writing the rows, and sending and removing the archive, is the caller's.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
import zipfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from models.quality import ExportFormat
from models.recording import Recording
from recordings.errors import ExportFailed
from recordings.exporter import Job, Made
from recordings.program import answer_of
from recordings.store import Store, fetch

_PROGRAM: Final = "recordings.exporter"
_SUFFIX: Final = {ExportFormat.OPUS: "opus", ExportFormat.WAV: "wav"}
NOTE: Final = (
    "本文件是市民热线录音的副本，导出已登记；左声道为受理员，右声道为市民。"
    " A copy of a recording of the citizen hotline; its export is on record. Left: agent, right: citizen."
)


@dataclass(frozen=True, slots=True)
class Order:
    """Who takes a copy, when and why. ``export_id`` is the watermark."""

    export_id: uuid.UUID
    login: str
    display_name: str
    address: str
    at: datetime
    reason: str
    format: ExportFormat
    mark_every_s: float  # 0: nothing audible


@dataclass(frozen=True, slots=True)
class Exported:
    archive: Path
    file_name: str
    made: Made


def file_name(order: Order, zone: ZoneInfo) -> str:
    """Says of itself that it is a copy, whose and when; nothing of the citizen."""
    login = re.sub(r"[^A-Za-z0-9.-]", "_", order.login)
    when = f"{order.at.astimezone(zone):%Y%m%dT%H%M%S}"
    return f"lianxin-copy_{when}_by-{login}_{order.export_id.hex[:12]}.{_SUFFIX[order.format]}"


def tags(recording: Recording, order: Order) -> dict[str, str]:
    """The comments that stand inside the file."""
    who = f"{order.login} ({order.display_name})"
    return {
        "TITLE": f"Lianxin recording {recording.id}, copy {order.export_id}",
        "DATE": order.at.isoformat(timespec="seconds"),
        "COPYRIGHT": NOTE,
        "LIANXIN_EXPORT": str(order.export_id),
        "LIANXIN_EXPORTED_BY": who,
        "LIANXIN_EXPORTED_AT": order.at.isoformat(timespec="seconds"),
        "LIANXIN_REASON": order.reason,
        "LIANXIN_RECORDING": str(recording.id),
        "LIANXIN_CALL": str(recording.call_id),
        "LIANXIN_SOURCE_SHA256": recording.sha256 or "",
        "DESCRIPTION": f"{who}: {order.reason}",
    }


async def export(store: Store, recording: Recording, order: Order, folder: Path, zone: ZoneInfo) -> Exported:
    """Make the archive in ``folder``.

    Raises:
        StoreMismatch: what the store gives is not what was kept: no copy of that leaves the house.
        RecordingGone, StoreAway, ExportFailed
    """
    name = file_name(order, zone)
    source, target = folder / "kept.ogg", folder / name
    size = await _fetch(store, recording, source)
    job = Job(str(source), str(target), order.format.value, tags(recording, order), order.mark_every_s)
    made = await _make(job, recording.duration_s or 0.0)
    source.unlink()
    archive = folder / f"{name}.zip"
    manifest = json.dumps(_manifest(recording, order, name, made, size), ensure_ascii=False, indent=2)
    await asyncio.to_thread(_pack, archive, target, manifest)
    target.unlink()
    return Exported(archive, name, made)


async def _fetch(store: Store, recording: Recording, target: Path) -> int:
    return await fetch(store, recording.store_key or "", recording.sha256 or "", target)


async def _make(job: Job, duration_s: float) -> Made:
    """Raises: ExportFailed."""
    return Made(**await answer_of(_PROGRAM, asdict(job), duration_s, ExportFailed))


def _manifest(recording: Recording, order: Order, name: str, made: Made, source_bytes: int) -> dict[str, Any]:
    kept = {
        "recording_id": str(recording.id), "call_id": str(recording.call_id), "part": recording.part,
        "started_at": recording.started_at.isoformat() if recording.started_at else None,
        "duration_s": recording.duration_s, "state": recording.state, "reason": recording.reason,
        "pauses": recording.pauses or [], "evidence": recording.undeletable, "size_bytes": source_bytes,
        "sha256": recording.sha256,
    }  # fmt: skip
    return {
        "export_id": str(order.export_id), "note": NOTE,
        "exported_by": {"login": order.login, "name": order.display_name, "address": order.address},
        "exported_at": order.at.isoformat(), "reason": order.reason,
        "file": {"name": name, "format": order.format.value, "audible_mark_every_s": order.mark_every_s} | asdict(made),
        "kept": kept,
    }  # fmt: skip


def _pack(archive: Path, audio: Path, manifest: str) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        out.write(audio, audio.name)
        out.writestr("manifest.json", manifest)
