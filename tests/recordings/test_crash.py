"""F10 of the recorder: the real process killed after every single step, and at any time; the end is always the same."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from recordings.orphans import orphans
from recordings.pipeline import Step
from recordings.store import open_store
from tests.recordings.patience import eventually
from tests.recordings.spooling import Desk, closed, header, recorder, tone

pytestmark = [pytest.mark.db, pytest.mark.fault, pytest.mark.timeout(600)]
PROJECT = Path(__file__).resolve().parents[2]
Fill = Callable[[Desk, str], Awaitable[None]]


async def _whole(desk: Desk, name: str) -> None:
    """The longer side has to go last."""
    await desk.call(name, 3.0)
    desk.put(name, header(0) + tone(1000, 2), closed(tone(440, 3)))


async def _one_side_bad(desk: Desk, name: str) -> None:
    await desk.call(name, 2.0)
    desk.put(name, b"garbage" * 9, closed(tone(440, 2)))


async def _empty(desk: Desk, name: str) -> None:
    await desk.call(name, 2.0)
    desk.put(name, b"", header(0))


# What is put in → (state, reason, objects, letters) that must come out.
CASES: dict[str, tuple[Fill, str, str, int, int]] = {
    "whole": (_whole, "complete", "agent_ok", 2, 0),
    "bad": (_one_side_bad, "complete", "citizen_unreadable", 2, 1),
    "empty": (_empty, "missing", "empty", 0, 0),
}


async def _run_dying(desk: Desk, at: int, tmp_path: Path, kill_after_s: float | None = None) -> list[str]:
    """The steps that the process told before it was killed."""
    told = tmp_path / "told.json"
    told.write_text(json.dumps({"dsn": desk.settings.dsn, "home": str(desk.spool.parent)}))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.recordings.dying_recorder", str(told), str(at),
        stdout=asyncio.subprocess.PIPE, cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    try:
        if kill_after_s is not None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(process.wait(), kill_after_s)
            process.kill()
        out, _ = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == -9
    return [line for line in out.decode().splitlines() if line in list(Step)]


async def _mend(desk: Desk) -> None:
    async with recorder(desk.settings):
        await eventually(lambda: not desk.in_spool())


async def _check(desk: Desk, name: str, kind: str) -> None:
    _, state, reason, objects, letters = CASES[kind]
    row = await desk.row(name)
    assert row is not None
    expected = "citizen_shorter" if reason == "agent_ok" else reason  # the killed side is also the shorter one
    assert (row["state"], row["reason"]) == (state, expected)
    rows = await desk.rows()
    keys = {k for r in rows for k in (r["store_key"], r["peaks_key"]) if k}
    assert set(desk.objects()) == keys
    if objects:
        data = (desk.store / row["store_key"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (row["size_bytes"], row["sha256"])
    assert len([p for p in await desk.letters() if p.startswith(name)]) == letters
    assert len([p for p in desk.set_aside() if p.startswith(name)]) == letters
    told = await desk.pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'recording' AND key = $1", str(row["id"]))
    assert told == 1
    assert list(desk.settings.work.glob("job-*")) == []


@pytest.mark.parametrize("kind", list(CASES))
async def test_killed_after_every_step(desk: Desk, tmp_path: Path, kind: str) -> None:
    fill = CASES[kind][0]
    seen: set[str] = set()
    at = 0
    while Step.FREED not in seen:
        at += 1
        name = f"{kind}-{at}.1"
        await fill(desk, name)
        steps = await _run_dying(desk, at, tmp_path)
        assert len(steps) == at
        seen.update(steps)
        await _mend(desk)
        await _check(desk, name, kind)
    missing = set(Step) - seen
    assert (
        missing
        <= {
            "whole": {Step.LETTER_WRITTEN, Step.SET_ASIDE},
            "bad": set(),
            "empty": {s for s in Step if s not in (Step.FOUND, Step.ROW_WRITTEN, Step.FIRST_FREED, Step.FREED)},
        }[kind]
    )
    assert (await orphans(desk.pool, open_store(desk.settings.store_url), grace_s=0)).objects == []


async def test_killed_at_any_time(desk: Desk, tmp_path: Path) -> None:
    """Also in the middle of encoding and of writing an object. Seeded; the times are what the machine makes of them."""
    chance = random.Random(7)
    for n in range(6):
        names = [f"any-{n}.{m}" for m in range(3)]
        for name in names:
            await desk.call(name, 20.0)
            desk.put(name, closed(tone(1000, 20)), closed(tone(440, 20)))
        await _run_dying(desk, -1, tmp_path, kill_after_s=0.5 + 3 * chance.random())
        async with recorder(desk.settings):
            await eventually(lambda: not desk.in_spool())
    rows = await desk.rows()
    assert [r["state"] for r in rows] == ["complete"] * 18
    assert set(desk.objects()) == {k for r in rows for k in (r["store_key"], r["peaks_key"])}
    for row in rows:
        assert hashlib.sha256((desk.store / row["store_key"]).read_bytes()).hexdigest() == row["sha256"]
    assert await desk.pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'recording'") == 18
