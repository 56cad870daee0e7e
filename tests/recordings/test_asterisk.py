"""Real Asterisk, real RTP: who is on which channel, a killed PBX, a disk that fills up during calls.

The truth that rows are compared with is Asterisk's own queue_log, read here with nothing but ``split``.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CallKind
from pbx_config.pbx import Pbx
from tests.recordings.patience import eventually
from tests.recordings.small_disk import mounted
from tests.recordings.spooling import AGENT_HZ, CITIZEN_HZ, RATE, Desk, level_db, recorder, tone
from tests.support.pbx import queue_add, running_carrier, running_pbx, seat_secret, short_folder

pytestmark = [pytest.mark.db, pytest.mark.pbx, pytest.mark.timeout(300)]
ADDRESS = "127.0.13.1"


@dataclass(frozen=True)
class Talk:
    """One call in queue_log."""

    linkedid: str
    answered_at: float | None
    ended_at: float | None
    talk_s: float | None


def talks(pbx: Pbx) -> dict[str, Talk]:
    found: dict[str, Talk] = {}
    for line in pbx.settings.queue_log_file.read_text().splitlines():
        at, linkedid, _, _, event, *data = line.split("|")
        if event == "ENTERQUEUE":
            found[linkedid] = Talk(linkedid, None, None, None)
        elif event == "CONNECT":
            found[linkedid] = replace(found[linkedid], answered_at=float(at))
        elif event in ("COMPLETEAGENT", "COMPLETECALLER"):
            found[linkedid] = replace(found[linkedid], ended_at=float(at), talk_s=float(data[1]))
        elif event == "ABANDON":
            found[linkedid] = replace(found[linkedid], ended_at=float(at))
    return found


@dataclass(frozen=True)
class Line:
    pbx: Pbx
    carrier: Carrier
    desk: Desk
    citizen_wav: Path
    agent_wav: Path

    async def sign_in(self, seat: str, agent_no: str) -> None:
        queue_add(self.pbx, seat, agent_no)
        await self.carrier.telephone(seat, seat_secret(self.pbx, seat), answer_after_s=0.2, wav=self.agent_wav)

    async def journal(self, talk: Talk, outcome: str = "answered") -> None:
        """The row that the journal would write."""
        answered, ended = (datetime.fromtimestamp(t, UTC) if t else None for t in (talk.answered_at, talk.ended_at))
        sql = """INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, answered_at, ended_at,
                 outcome, talk_s) VALUES ($1, $2, $3, 'inbound', '139', '12345', $4, $5, $6, $7, $8)"""
        call_id = contract.call_id(self.pbx.settings.node, talk.linkedid)
        await self.desk.pool.execute(
            sql,
            call_id,
            self.pbx.settings.node,
            talk.linkedid,
            answered or ended,
            answered,
            ended,
            outcome,
            talk.talk_s,
        )


def write_tone(path: Path, hz: float) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(tone(hz, 10))
    return path


@contextlib.asynccontextmanager
async def line(desk: Desk, spool: Path | None = None) -> AsyncIterator[Line]:
    with short_folder() as home, running_pbx(ADDRESS, home=home, spool_dir=spool) as pbx:
        desk = desk.changed(
            node=pbx.settings.node,
            spool=pbx.settings.spool,
            asterisk_pid_file=pbx.settings.run / "asterisk.pid",
            missing_after_s=1,
            stale_s=1,
            empty_stale_s=1,
        )
        async with running_carrier(pbx) as carrier:
            citizen, agent = write_tone(home / "c.wav", CITIZEN_HZ), write_tone(home / "a.wav", AGENT_HZ)
            yield Line(pbx, carrier, desk, citizen, agent)


def assert_voices(desk: Desk, row: asyncpg.Record) -> None:
    """Each tone on its own channel and not on the other."""
    samples, rate = desk.audio(row)
    assert rate == RATE
    middle = samples[RATE:-RATE]
    left, right = middle[:, 0], middle[:, 1]
    assert level_db(left, AGENT_HZ) > -20
    assert level_db(right, CITIZEN_HZ) > -20
    assert level_db(left, CITIZEN_HZ) < level_db(left, AGENT_HZ) - 40
    assert level_db(right, AGENT_HZ) < level_db(right, CITIZEN_HZ) - 40


async def test_each_voice_is_on_its_own_channel_for_the_length_of_the_talk(desk: Desk) -> None:
    """A second citizen waits unanswered meanwhile: his open, empty files are not touched until he is gone."""
    async with line(desk) as on:
        desk = on.desk
        await on.sign_in("8001", "1001")
        async with recorder(desk.settings):
            first = await on.carrier.place("13912345678", wav=on.citizen_wav)
            await eventually(lambda: any(t.answered_at for t in talks(on.pbx).values()))
            second = await on.carrier.place("13912345679", wav=on.citizen_wav)
            await first.answered()
            await eventually(lambda: len(talks(on.pbx)) == 2)
            await eventually(lambda: len(desk.in_spool()) == 4)
            assert "paused" in on.pbx.cli("queue pause member PJSIP/8001 queue hotline")
            await first.hang_up()
            talk = await eventually(lambda: next((t for t in talks(on.pbx).values() if t.talk_s), None))
            await on.journal(talk)
            row = await eventually(lambda: desk.row(talk.linkedid))
            await eventually(lambda: len(desk.in_spool()) == 2)
            # Both empty files have been "stale" for longer than allowed; only Asterisk's open files protect them.
            waiting = next(t for t in talks(on.pbx).values() if t.linkedid != talk.linkedid)
            assert all(name.startswith(waiting.linkedid) for name in desk.in_spool())
            await second.hang_up()
            gone = await eventually(
                lambda: next((t for t in talks(on.pbx).values() if t.ended_at and not t.talk_s), None)
            )
            assert gone.answered_at is None, on.pbx.settings.queue_log_file.read_text()
            await on.journal(gone, "abandoned")
            await eventually(lambda: not desk.in_spool())
        assert (row["state"], row["reason"], row["repaired"]) == ("complete", None, False)
        assert talk.talk_s is not None
        assert talk.talk_s > 5
        assert abs(row["duration_s"] - talk.talk_s) <= 1
        assert abs(len(desk.audio(row)[0]) / RATE - talk.talk_s) <= 1
        assert_voices(desk, row)
        assert len(await desk.rows()) == 1


async def test_a_killed_asterisk_costs_three_seconds_at_most(desk: Desk) -> None:
    async with line(desk) as on:
        desk = on.desk
        await on.sign_in("8001", "1001")
        async with recorder(desk.settings):
            await on.carrier.place("13912345678", wav=on.citizen_wav)
            talk = await eventually(
                lambda: next((t for t in talks(on.pbx).values() if t.answered_at), None), within_s=20
            )
            await eventually(lambda: talk.answered_at and time.time() - talk.answered_at > 9)
            assert len(desk.in_spool()) == 2
            on.pbx.process.kill()
            ended = time.time()
            await on.journal(replace(talk, ended_at=ended, talk_s=ended - talk.answered_at), "lost")
            row = await eventually(lambda: desk.row(talk.linkedid))
            await eventually(lambda: not desk.in_spool())
        lost_s = ended - talk.answered_at - row["duration_s"]
        assert 0 < lost_s < 4  # three, and queue_log's whole seconds
        assert row["repaired"]
        assert (row["state"], row["reason"]) in (("short", "header_repaired"), ("complete", "header_repaired"))
        assert_voices(desk, row)


@pytest.mark.fault
async def test_calls_go_on_while_the_disk_fills_up(desk: Desk, tmp_path: Path) -> None:
    """Three calls: one before, one during which the spool fills up, one that begins on the full disk."""
    with mounted(tmp_path / "tiny", size="1m") as disk:
        async with line(desk, disk.path) as on:
            desk = on.desk
            for seat, agent in (("8001", "1001"), ("8002", "1002"), ("8003", "1003")):
                await on.sign_in(seat, agent)
            async with recorder(desk.settings):
                before = await on.carrier.place("13900000001", wav=on.citizen_wav)
                await eventually(lambda: _talking(on.pbx, 1, for_s=5))
                await before.hang_up()
                during = await on.carrier.place("13900000002", wav=on.citizen_wav)
                await eventually(lambda: _talking(on.pbx, 2, for_s=0))
                await eventually(lambda: any(p.stat().st_size for p in disk.path.glob("*.wav")))
                ballast = disk.fill()
                await eventually(lambda: _alarm(desk, "disk_full"))
                after = await on.carrier.place("13900000003", wav=on.citizen_wav)
                await eventually(lambda: _talking(on.pbx, 3, for_s=5))
                for call in (during, after):
                    assert not call.is_over
                    await call.hang_up()
                    end = await call.ended()
                    assert (end.kind, end.by_line) == (CallKind.HUNG_UP, False)
                told = await eventually(lambda: _all_talked(on.pbx, 3))
                for talk in told:
                    await on.journal(talk)
                rows = await eventually(lambda: _rows(desk, 3))
                await asyncio.to_thread(ballast.unlink)
                await eventually(lambda: not desk.in_spool())
    found = [(r["state"], r["reason"]) for r in sorted(rows, key=lambda r: r["linkedid"])]
    lengths = {t.linkedid: t.talk_s for t in told}
    assert found[0] in (("complete", None), ("short", "shorter_than_talk"))  # short only if it is, see below
    assert found[1] == ("short", "disk_full")
    assert found[2] in (("missing", "disk_full"), ("short", "disk_full"))
    for row in rows:
        if row["state"] != "missing":
            heard_s = len(desk.audio(row)[0]) / RATE
            assert heard_s == pytest.approx(row["duration_s"], abs=0.01)
            lacking = (lengths[row["linkedid"]] or 0) - heard_s
            assert (lacking > 1) == (row["state"] == "short")
    assert all((length or 0) > 4 for length in lengths.values())  # no call was cut


async def _alarm(desk: Desk, reason: str) -> bool:
    import json

    body = await desk.pool.fetchval("SELECT body FROM live WHERE topic = 'recorder'")
    return bool(body) and reason in json.loads(body)["reasons"]


def _talking(pbx: Pbx, count: int, for_s: float) -> bool:
    """``count`` calls were answered, the last one ``for_s`` ago."""
    answered = [t.answered_at for t in talks(pbx).values() if t.answered_at]
    return len(answered) == count and time.time() - max(answered) >= for_s


def _all_talked(pbx: Pbx, count: int) -> list[Talk] | None:
    found = [t for t in talks(pbx).values() if t.talk_s]
    return found if len(found) == count else None


async def _rows(desk: Desk, count: int) -> list[asyncpg.Record] | None:
    rows = await desk.rows()
    return rows if len(rows) == count else None
