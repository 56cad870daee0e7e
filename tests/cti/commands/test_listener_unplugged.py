"""A listener's telephone loses its plug: no BYE ever comes, and screens and the log have it right all the same."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pbx_config.settings import QueueTuning
from tests.cti.commands.conftest import OWN
from tests.cti.commands.test_listening import BOSS, BOSS_SEAT, asks, given_a_supervisor, given_a_talk, hears, log
from tests.cti.stage import cti_process, stage
from tests.support.pbx import running_pbx
from tests.support.scene import CALLER, CITIZEN, Scene, scene
from tests.support.sip_phone import SipPhone

pytestmark = [pytest.mark.pbx, pytest.mark.db]
PLUG_S = 5  # without sound for so long, a seat's telephone is gone


@asynccontextmanager
async def sends_sound(phone: SipPhone) -> AsyncIterator[None]:
    """Silence, twenty milliseconds at a time, as long as the telephone has its plug."""
    dialog = phone.active[-1]
    assert dialog.invite is not None
    port = re.search(r"m=audio (\d+)", dialog.invite.body)
    assert port is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp:
        rtp.bind((phone.address, phone.port + 1))

        async def send() -> None:
            for n in range(1 << 15):
                head = bytes([0x80, 8]) + n.to_bytes(2, "big") + (160 * n).to_bytes(4, "big") + b"plug"
                rtp.sendto(head + b"\xd5" * 160, (phone.server[0], int(port[1])))
                await asyncio.sleep(0.02)  # the pace of sound

        sending = asyncio.create_task(send())
        try:
            yield
            assert not sending.done(), sending.exception()
        finally:
            sending.cancel()


@pytest.fixture
async def town(dsn: str) -> AsyncIterator[Scene]:
    """A line that soon misses a telephone, and a working cti that reads its journal."""
    with running_pbx(OWN, queue=QueueTuning(ring_s=4), node="t21p", seat_rtp_timeout_s=PLUG_S) as pbx:
        for said in pbx.settings.data.rglob("*notice*.wav"):  # ten seconds of words, not tested here
            said.write_bytes(said.read_bytes()[: 44 + 16_000])
        changes = {"wrap_up_s": 60.0, "log_dir": str(pbx.settings.log)}
        async with stage(pbx, dsn) as on, cti_process(pbx, dsn, **changes), scene(on) as here:
            await on.working()
            yield here


async def test_a_listeners_telephone_loses_its_plug(town: Scene) -> None:
    """As long as it sends sound it is not missed; then the switch misses it, screens forget it, the log says why."""
    await given_a_talk(town)
    await given_a_supervisor(town)
    assert await asks(town, "call.whisper") == ("succeeded", None)
    await hears(town, (BOSS_SEAT, "whisper"))
    phone = town.phones[BOSS_SEAT]
    async with sends_sound(phone):
        await asyncio.sleep(PLUG_S + 3)  # longer than the limit: a telephone that sends sound is not missed
        await hears(town, (BOSS_SEAT, "whisper"))
    phone.close()
    await town.assert_gone(BOSS_SEAT, within_s=PLUG_S + 10)
    await hears(town)
    assert town.call_id not in await town.on.live("ears")
    [row] = await log(town, 1)
    assert (row["seat"], row["agent_no"], row["mode"]) == (BOSS_SEAT, BOSS, "whisper")
    assert row["ended_by"] == "telephone_gone"
    assert PLUG_S + 3 <= (row["ended_at"] - row["started_at"]).total_seconds() <= 3 * PLUG_S + 10
    await town.assert_talking_together(CITIZEN, "8001")
    assert {party["number"] for party in await town.parties()} == {CALLER, "8001"}
