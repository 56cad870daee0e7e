"""Who dialled past the desk is an alarm of the record: once, whatever is read again."""

from __future__ import annotations

import json

import asyncpg
import pytest

from pbx_config.contract import DESK_SILENT
from tests.cti.journal.conftest import NODE, Journal, empty, trace

pytestmark = pytest.mark.db


async def told(pool: asyncpg.Pool) -> list[tuple[str, str, str]]:
    rows = await pool.fetch("SELECT code, who, detail FROM alarm ORDER BY at")
    return [(row["code"], row["who"], row["detail"]) for row in rows]


async def woken(pool: asyncpg.Pool) -> list[str]:
    return [json.loads(r["body"])["who"] for r in await pool.fetch("SELECT body FROM feed WHERE topic = 'alarm'")]


async def test_a_telephone_that_dials_abroad_and_a_number_that_is_not_ours(
    journal: Journal, pool: asyncpg.Pool
) -> None:
    journal.write("denied")
    await journal.read()
    alarms = [("line.seat_dialled", "8001", "0014155550100"), ("line.trunk_dialled", "13912345678", "110")]
    assert await told(pool) == alarms
    assert sorted(await woken(pool)) == ["13912345678", "8001"]
    # Acknowledged, and the journal is read again from its first byte, with and without what it wrote: nothing anew.
    await pool.execute("UPDATE alarm SET acknowledged_by = 'boss', acknowledged_at = now()")
    await journal.reader().replay()
    assert len(await woken(pool)) == 2
    await empty(pool)
    await journal.reader().replay()
    assert await told(pool) == alarms
    assert await pool.fetchval("SELECT count(*) FROM alarm WHERE acknowledged_by = 'boss'") == 2
    assert await woken(pool) == []


async def test_a_desk_without_sound_is_an_alarm_that_a_replay_gives_again(journal: Journal, pool: asyncpg.Pool) -> None:
    """What cti had written into queue_log of a seat that kept its call; the stay in the queue is what it was."""
    stamp, uniqueid, queue, agent_no, *_ = next(
        line.split("|") for line in trace("answered", "queue_log").decode().splitlines() if "|CONNECT|" in line
    )
    journal.write("answered")
    await journal.read()
    stays = await pool.fetch("SELECT * FROM queue_entry")
    journal.append("queue_log", f"{stamp}|{uniqueid}|{queue}|{agent_no}|{DESK_SILENT}|8003\n".encode())
    await journal.read()
    alarms = [("line.desk_silent", NODE, "8003")]
    assert await told(pool) == alarms
    assert await woken(pool) == [NODE]
    await journal.reader().replay()
    assert (await told(pool), await woken(pool)) == (alarms, [NODE]), "once"
    assert await pool.fetch("SELECT * FROM queue_entry") == stays
