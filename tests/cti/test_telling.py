"""All of an incident are called: who heard it, who did not, whom nobody calls; and a cti that falls meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
import io
import signal
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import soundfile

from pbx_config.carrier import Carrier
from pbx_config.pbx import Pbx
from tests.cti.stage import Stage, cti_process, stage
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import running_carrier

pytestmark = [pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

WORDS_HZ, WORDS_S = 1300, 3
LISTENS, BUSY, LEAVES, ABROAD = "13912340001", "13912340002", "13912340003", "0013105551234"


@pytest.fixture
async def carrier(line: Pbx) -> AsyncIterator[Carrier]:
    async with running_carrier(line) as running:
        yield running


@pytest.fixture
async def on(line: Pbx, dsn: str) -> AsyncIterator[Stage]:
    async with stage(line, dsn) as s:
        yield s


def zone_where_it_is(hour: int) -> str:
    """A time zone by whose clock it is that hour now."""
    ahead = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


def told(line: Pbx, timezone: str = "") -> dict[str, str | None]:
    folders: dict[str, str | None] = {"line_dir": str(line.settings.line), "log_dir": str(line.settings.log)}
    return folders | {"timezone": timezone or zone_where_it_is(12)}


async def given_a_round(on: Stage, *numbers: str) -> uuid.UUID:
    out = io.BytesIO()
    tone = 0.3 * np.sin(2 * np.pi * WORDS_HZ * np.arange(WORDS_S * 8000) / 8000)
    soundfile.write(out, tone, 8000, format="WAV")
    wav, sound_id, incident, telling = out.getvalue(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    await on.conn.execute(
        "INSERT INTO line_sound (id, sha256, seconds, wav, by) VALUES ($1, $2, $3, $4, 'boss')",
        sound_id, hashlib.sha256(wav).hexdigest(), float(WORDS_S), wav,
    )  # fmt: skip
    await on.conn.execute(
        "INSERT INTO incident (id, title, sound_id, started_by, ended_at, ended_by)"
        " VALUES ($1, '滨北停暖', $2, 'boss', now(), 'boss')",
        incident, sound_id,
    )  # fmt: skip
    async with on.conn.transaction():
        await on.conn.execute(
            "INSERT INTO telling (id, incident_id, sound_id, asked_by) VALUES ($1, $2, $3, 'boss')",
            telling, incident, sound_id,
        )  # fmt: skip
        await on.conn.executemany(
            "INSERT INTO told (telling_id, number) VALUES ($1, $2)", [(telling, number) for number in numbers]
        )
    return telling


async def state(on: Stage, number: str) -> tuple[str, int, str | None]:
    row = await on.conn.fetchrow("SELECT state, attempts, why FROM told WHERE number = $1", number)
    assert row is not None
    return row["state"], row["attempts"], row["why"]


async def becomes(on: Stage, number: str, *wanted: Any, within_s: float = 40) -> None:
    async def is_so() -> bool:
        return await state(on, number) == wanted

    await eventually(is_so, within_s)


async def test_each_is_called_and_what_became_of_each_is_written_down(
    line: Pbx, dsn: str, on: Stage, carrier: Carrier
) -> None:
    listens = await carrier.subscriber(LISTENS, answer_after_s=1)
    await carrier.subscriber(BUSY, reject=True)
    await carrier.subscriber(LEAVES, answer_after_s=0.5, seconds=2)
    await given_a_round(on, LISTENS, BUSY, LEAVES, ABROAD)
    async with cti_process(line, dsn, **told(line)):
        await becomes(on, LISTENS, "told", 1, None)
        await becomes(on, BUSY, "waiting", 1, "leg.busy")
        await becomes(on, LEAVES, "waiting", 1, "told.not_heard")
        await becomes(on, ABROAD, "missed", 1, "number.not_allowed")
        again = await on.conn.fetch("SELECT next_at > now() + interval '5 minutes' AS later FROM told WHERE why <> ''")
        assert all(row["later"] for row in again)
        await eventually(lambda: "0 active channels" in line.cli("core show channels count"), 20)
    assert (listens.rings, listens.callers) == (1, ["12345"])
    heard = sound.read(listens.heard()[0])
    assert sound.share(heard, WORDS_HZ) > 0.95
    assert len(heard) > 2 * WORDS_S * 8000, "it was said twice"
    assert await on.conn.fetchval("SELECT count(*) FROM call") == 0, "no call of the hotline's"
    assert await on.live("call") == {}


async def test_nobody_is_called_at_night(line: Pbx, dsn: str, on: Stage, carrier: Carrier) -> None:
    listens = await carrier.subscriber(LISTENS)
    await given_a_round(on, LISTENS)
    async with cti_process(line, dsn, **told(line, zone_where_it_is(3))):
        await on.working()
        await asyncio.sleep(3)  # six of its looks
        assert await state(on, LISTENS) == ("waiting", 0, None)
    assert listens.rings == 0


async def test_a_cti_that_falls_calls_nobody_twice_who_has_heard_it(
    line: Pbx, dsn: str, on: Stage, carrier: Carrier
) -> None:
    listens = await carrier.subscriber(LISTENS)
    await given_a_round(on, LISTENS)
    async with cti_process(line, dsn, **told(line)) as process:
        await eventually(lambda: listens.answers, 40)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await eventually(lambda: "0 active channels" in line.cli("core show channels count"), 30)
    assert (await state(on, LISTENS))[0] == "calling"
    await on.conn.execute("UPDATE told SET at = at - interval '1 hour'")  # nobody of ours ran for so long
    async with cti_process(line, dsn, **(told(line) | {"log_dir": None})):
        await on.working()
        await asyncio.sleep(2)  # four of its looks, before the journal is read
        assert (await state(on, LISTENS))[0] == "calling"
    async with cti_process(line, dsn, **told(line)):
        await becomes(on, LISTENS, "told", 1, None, within_s=60)
    assert listens.rings == 1
