"""F9: the spool's disk is low, full, read-only or out of inodes; the disks of copies and of the store are full."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recordings.disk import Periods
from recordings.judgement import Reason
from tests.recordings.patience import eventually
from tests.recordings.small_disk import SmallDisk, mounted
from tests.recordings.spooling import Desk, closed, header, recorder, tone

pytestmark = pytest.mark.db


def reasons(desk: Desk, *expected: str) -> Callable[[], object]:
    async def check() -> object:
        body = await desk.health()
        return body if sorted(body.get("reasons", ["none yet"])) == sorted(expected) else None

    return check


async def test_alarm_before_the_disk_is_full_and_at_once_when_it_is(desk: Desk) -> None:
    with mounted(desk.spool) as disk:
        async with recorder(desk.settings):
            await eventually(reasons(desk))
            ballast = disk.fill(leave=150_000)
            body = await eventually(reasons(desk, "disk_low"))
            assert body["free_bytes"] < 0.1 * body["total_bytes"]
            disk.fill()
            await eventually(reasons(desk, "disk_low", "disk_full"))
            ballast.unlink()
            await eventually(reasons(desk))


async def test_calls_of_a_full_disk_say_so_exactly(desk: Desk) -> None:
    """What Asterisk left: nothing, an empty file, a cut file, and a call that ended before it was full."""
    with mounted(desk.spool) as disk:
        desk.put("d-empty", b"", b"")
        desk.put("d-cut", header(0) + tone(1000, 4), header(0) + tone(440, 4))
        desk.put("d-whole", closed(tone(1000, 3)), closed(tone(440, 3)))
        disk.fill()
        async with recorder(desk.changed(call_wait_s=60, missing_after_s=0.1).settings):
            await eventually(reasons(desk, "disk_low", "disk_full"))
            await desk.call("d-before", 10.0, ended_ago_s=300)
            for name, talk_s in (("d-nothing", 10.0), ("d-empty", 10.0), ("d-cut", 10.0), ("d-whole", 3.0)):
                await desk.call(name, talk_s, ended_ago_s=0)
            await eventually(lambda: _count(desk, 5))
        found = {r["linkedid"]: (r["state"], r["reason"]) for r in await desk.rows()}
    assert found == {
        "d-before": ("missing", "no_file"),
        "d-nothing": ("missing", "disk_full"),
        "d-empty": ("missing", "disk_full"),
        "d-cut": ("short", "disk_full"),
        "d-whole": ("complete", None),
    }


async def _count(desk: Desk, count: int) -> bool:
    return len(await desk.rows()) == count


async def test_a_read_only_spool_keeps_its_files_until_it_can_let_them_go(desk: Desk) -> None:
    with mounted(desk.spool) as disk:
        await desk.call("d-1", 2.0)
        desk.put("d-1", closed(tone(1000, 2)), closed(tone(440, 2)))
        disk.remount("ro")
        async with recorder(desk.settings):
            await eventually(reasons(desk, "read_only", "spool.failed"))
            row = await desk.row("d-1")
            assert row is not None
            assert len(desk.in_spool()) == 2
            disk.remount("rw")
            await eventually(lambda: not desk.in_spool())
            await eventually(reasons(desk))
        assert len(desk.objects()) == 2
        assert await desk.pool.fetchval("SELECT count(*) FROM feed WHERE topic = 'recording'") == 1


async def test_out_of_inodes_is_an_alarm_of_its_own(desk: Desk) -> None:
    with mounted(desk.spool, inodes=4) as disk:
        files = [disk.path / f".{n}" for n in range(3)]
        for file in files:
            file.touch()
        async with recorder(desk.settings):
            await eventually(reasons(desk, "disk_low", "no_inodes"))
            for file in files:
                file.unlink()
            await eventually(reasons(desk))


@pytest.mark.parametrize(("folder", "alarm"), [("work", "recording.work_full"), ("store", "recording.store_away")])
async def test_no_room_for_the_copy(desk: Desk, folder: str, alarm: str) -> None:
    place: Path = desk.settings.work if folder == "work" else desk.store
    with mounted(place, size="64k") as disk:
        await desk.call("d-1", 30.0)
        desk.put("d-1", closed(tone(1000, 30)), closed(tone(440, 30)))
        async with recorder(desk.settings):
            await eventually(lambda: _has(desk, alarm))
            assert (len(desk.in_spool()), await desk.rows()) == (2, [])
            _grow(disk)
            await eventually(lambda: not desk.in_spool())
        (row,) = await desk.rows()
        assert row["state"] == "complete"
        assert len(desk.objects()) == 2


def _grow(disk: SmallDisk) -> None:
    disk.remount("size=4m")


async def _has(desk: Desk, alarm: str) -> bool:
    return alarm in (await desk.health()).get("reasons", ())


def test_periods_survive_a_restart_and_a_torn_file(tmp_path: Path) -> None:
    path = tmp_path / "trouble.json"
    at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    first = Periods(path)
    first.load()
    size = path.stat().st_size
    first.see(Reason.DISK_FULL, at)
    first.see(Reason.DISK_FULL, at + timedelta(minutes=1))
    first.see(None, at + timedelta(minutes=10))
    first.see(Reason.READ_ONLY, at + timedelta(hours=2))
    again = Periods(path)
    again.load()
    assert path.stat().st_size == size
    hour = timedelta(hours=1)
    assert again.during(at + timedelta(minutes=9), at + hour) is Reason.DISK_FULL
    assert again.during(at - hour, at - timedelta(minutes=1)) is None
    assert again.during(at + timedelta(minutes=11), at + hour) is None
    assert again.during(at + 3 * hour, at + 4 * hour) is Reason.READ_ONLY
    for n in range(500):
        again.see(Reason.DISK_FULL if n % 2 else None, at + timedelta(days=1, minutes=n))
    assert path.stat().st_size == size
    assert len(json.loads(path.read_text())) == 200
    path.write_bytes(path.read_bytes()[: size // 1000])
    torn = Periods(path)
    torn.load()
    assert torn.during(at, at + timedelta(days=2)) is None
