"""The disk of recordings full during calls (F9): calls go on, each recording says what it is, an alarm is told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.settling import hung_up, settled
from tests.support.eventually import eventually
from tests.support.house import House, house, open_desk
from tests.support.sipp import FOREVER_MS, Plan

PBX = "127.0.16.1"
CALLS = 24
SPOOL = "size=3m"  # 24 calls of 10 s make 7.7 MB


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lxfull", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", SPOOL, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        folder.rmdir()
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@pytest.mark.fault
@pytest.mark.pbx
@pytest.mark.db
@pytest.mark.timeout(180)
async def test_spool_full_during_calls() -> None:
    plans = [Plan(str(13_900_000_000 + n), 12_000, 300, FOREVER_MS) for n in range(CALLS)]
    with small_disk() as disk:
        async with house(PBX, seats=30, spool_dir=disk) as h:
            h.start("cti")
            h.start("worker")
            await h.connected()
            await asyncio.to_thread(open_desk, h, plans)
            calls = h.town.call(plans, 8)
            await eventually(lambda: _alarm(h, "disk_full"), 30)
            await hung_up(calls, 60)
            verdict = await settled(h, calls=CALLS, within_s=90, audio_may_be_lost=True)
            short = await h.fetch("SELECT reason FROM recording WHERE state <> 'complete'")
            await eventually(lambda: _alarm_over(h), 20)
    assert verdict.outcomes == {"answered": CALLS}, verdict
    assert short, "the disk was full, yet every recording is complete: the test did not test"
    assert {r["reason"] for r in short} == {"disk_full"}


async def _alarm(h: House, reason: str) -> bool:
    rows = await h.fetch("SELECT body FROM feed WHERE topic = 'recorder' AND body->'reasons' ? $1", reason)
    return bool(rows)


async def _alarm_over(h: House) -> bool:
    rows = await h.fetch("SELECT body->'reasons' AS reasons FROM live WHERE topic = 'recorder'")
    return bool(rows) and rows[0]["reasons"] == "[]"
