"""Tables → the PBX's files → a real call → the journal's rows; and the same with everything of ours stopped."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest
import soundfile

from cases.numbers import canonical
from cases.unreached_keeper import UnreachedKeeper
from cases.unreached_rows import Site
from models.db import make_engine
from pbx_config.carrier import Carrier
from pbx_config.contract import Milestone
from pbx_config.pbx import Pbx
from reports.record import attempts_between
from tests.cti.stage import Stage, cti_process, stage
from tests.pbx_config import journal
from tests.support.eventually import eventually
from tests.support.noon import noon_zone
from tests.support.pbx import running_carrier

pytestmark = [pytest.mark.pbx, pytest.mark.db]


@pytest.fixture
async def carrier(line: Pbx) -> AsyncIterator[Carrier]:
    async with running_carrier(line) as running:
        yield running


def words() -> bytes:
    out = io.BytesIO()
    soundfile.write(out, 0.3 * np.sin(2 * np.pi * 1300 * np.arange(8000) / 8000), 8000, format="WAV")
    return out.getvalue()


async def changed(conn: asyncpg.Connection, statement: str, *values: Any) -> None:
    """As the API does: the change and the new version in one transaction."""
    async with conn.transaction():
        await conn.execute(statement, *values)
        await conn.execute("UPDATE line_hours SET version = version + 1")


async def given_an_incident(on: Stage) -> int:
    wav = words()
    sound_id = uuid.uuid4()
    await on.conn.execute(
        "INSERT INTO line_sound (id, sha256, seconds, wav, by) VALUES ($1, $2, 1, $3, 'boss')",
        sound_id, hashlib.sha256(wav).hexdigest(), wav,
    )  # fmt: skip
    await changed(
        on.conn,
        "INSERT INTO incident (id, title, area, prefixes, sound_id, started_by)"
        " VALUES ($1, '滨北停暖', '济南', '1391234 531', $2, 'boss')",
        uuid.uuid4(), sound_id,
    )  # fmt: skip
    return int(await on.conn.fetchval("SELECT number FROM incident"))


async def joins(line: Pbx, carrier: Carrier, number: str) -> None:
    call = await carrier.place(number)
    await eventually(lambda: Milestone.INCIDENT_HEARD in dict(journal.milestones(line, number)), 20)
    await call.press("1")
    assert (await call.ended()).by_line
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))


async def missed(conn: asyncpg.Connection, dsn: str) -> list[str]:
    """Who is owed a call back; those of whom the day's numbers say the same."""
    engine = make_engine(dsn, pool_size=2)
    try:
        await UnreachedKeeper(engine, Site(noon_zone())).look()
    finally:
        await engine.dispose()
    now = datetime.now(UTC)
    attempts = await attempts_between(conn, now - timedelta(hours=1), now, canonical, "hotline")
    listed = [r["number"] for r in await conn.fetch("SELECT number FROM unreached ORDER BY number")]
    assert listed == sorted(a.caller for a in attempts)
    return listed


async def test_a_change_holds_for_the_next_call_and_its_steps_are_rows(line: Pbx, dsn: str, carrier: Carrier) -> None:
    folder = line.settings.line
    told = {"line_dir": str(folder), "log_dir": str(line.settings.log)}
    async with stage(line, dsn) as on:
        async with cti_process(line, dsn, **told):
            await eventually((folder / "plan").exists, 30)
            assert len((folder / "plan").read_text()) >= 400 * 96 + 10
            until = datetime.now(UTC) + timedelta(hours=1)
            await changed(
                on.conn, "INSERT INTO line_override (id, profile, until, by) VALUES ($1, 'surge', $2, 'boss')",
                uuid.uuid4(), until,
            )  # fmt: skip
            await eventually((folder / "override").exists, 10)
            number = await given_an_incident(on)
            await eventually(lambda: (folder / "incidents").read_text() == str(number), 10)
            call = await carrier.place("053112340001")  # hears it, presses nothing, goes on as usual
            await call.ended()

            async def steps() -> list[tuple[str, str]]:
                rows = await on.conn.fetch(
                    "SELECT s.kind, s.value FROM call_step s JOIN call c ON c.id = s.call_id"
                    " WHERE c.caller = '053112340001' ORDER BY s.at"
                )
                return [(row["kind"], row["value"]) for row in rows]

            async def written() -> bool:
                return await steps() == [("incident_heard", str(number)), ("profile", "surge")]

            await eventually(written, 20)
        # Nothing of ours runs any more: it is announced, the key adds, and the row comes later.
        await joins(line, carrier, "13912340002")
        assert await on.conn.fetchval("SELECT count(*) FROM call WHERE caller = '13912340002'") == 0
        async with cti_process(line, dsn, **told):

            async def added() -> Any:
                return await on.conn.fetchval(
                    "SELECT count(*) FROM call_step s JOIN call c ON c.id = s.call_id"
                    " WHERE c.caller = '13912340002' AND s.kind = 'incident_joined' AND s.value = $1", str(number)
                )  # fmt: skip

            await eventually(added, 30)

            async def over() -> Any:
                return await on.conn.fetchval("SELECT ended_at FROM call WHERE caller = '13912340002'")

            await eventually(over, 30)
            assert await missed(on.conn, dsn) == ["053112340001"], "the one who pressed nothing, and met nobody"
            await changed(on.conn, "UPDATE incident SET ended_at = now(), ended_by = 'boss'")
            await eventually(lambda: not list(Path(folder).glob("incident-*")), 10)


async def test_a_row_that_no_line_can_do_leaves_the_files_as_they_were(line: Pbx, dsn: str) -> None:
    folder = line.settings.line
    async with stage(line, dsn) as on, cti_process(line, dsn, line_dir=str(folder)):
        await eventually((folder / "profile-n").exists, 30)
        before = (folder / "profile-n").read_text()
        wrong = "UPDATE line_profile SET on_full = 'duty', on_full_to = '0013105551234' WHERE name = 'night'"
        await changed(on.conn, wrong)
        await changed(on.conn, "UPDATE line_profile SET max_waiting = 7 WHERE name = 'day'")
        await changed(on.conn, "UPDATE line_profile SET on_full = 'message', on_full_to = '' WHERE name = 'night'")
        await eventually(lambda: (folder / "profile-d").read_text().startswith("7|"), 10)
        assert (folder / "profile-n").read_text() == before


async def test_a_call_that_the_telephone_on_duty_answered_is_answered_at_no_seat(
    line: Pbx, dsn: str, carrier: Carrier
) -> None:
    folder, duty, caller = line.settings.line, "053188880001", "13912340003"
    await carrier.subscriber(duty, answer_after_s=0.5, seconds=2)
    told = {"line_dir": str(folder), "log_dir": str(line.settings.log)}
    async with stage(line, dsn) as on, cti_process(line, dsn, **told):
        await eventually((folder / "profile-d").exists, 30)
        await changed(on.conn, "UPDATE line_profile SET on_no_agent = 'duty', on_no_agent_to = $1", duty)
        await eventually(lambda: duty in (folder / "profile-h").read_text(), 10)
        call = await carrier.place(caller)
        await call.ended()

        async def row() -> Any:
            return await on.conn.fetchrow("SELECT * FROM call WHERE caller = $1 AND ended_at IS NOT NULL", caller)

        found = await eventually(row, 20)
        assert (found["outcome"], found["agent_no"], found["seat"]) == ("answered", None, None)
        assert found["talk_s"] > 0.5
        assert found["hung_up_by"] == "outside"
        legs = await on.conn.fetch("SELECT party, outcome FROM leg WHERE call_id = $1 ORDER BY started_at", found["id"])
        assert [(leg["party"], leg["outcome"]) for leg in legs] == [("citizen", None), ("outside", "answered")]
        steps = await on.conn.fetch("SELECT kind, value FROM call_step WHERE call_id = $1 ORDER BY at", found["id"])
        assert ("overflow", f"no_agent duty {duty}") in [(step["kind"], step["value"]) for step in steps]
