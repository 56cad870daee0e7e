"""The manager's line reset in mid-event again and again (F1), and half-open (F2)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from random import Random

import pytest
import uvloop

from cti.ami import AmiClient
from cti.live.translate import WANTED
from tests.faults.nemesis import Nemesis
from tests.faults.settling import hung_up, like_the_pbx, settled
from tests.support.eventually import eventually
from tests.support.house import House, house, open_desk
from tests.support.proxy import proxy
from tests.support.sipp import Mix, plan_calls

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db]
PBX, LINE = "127.0.16.1", ("127.0.16.2", 5038)
SEED = 7


@pytest.mark.timeout(150)
async def test_line_reset_every_five_seconds() -> None:
    plans = plan_calls(SEED, 75, Mix(talk_ms=(1000, 4000)))
    with proxy(*LINE, (PBX, 5038), seed=SEED) as line:
        async with house(PBX, seats=60, ami=LINE) as h:
            h.start("cti")
            h.start("worker")
            await h.connected()
            await asyncio.to_thread(open_desk, h, plans)
            nemesis = Nemesis(Random(SEED))
            for n in range(3):
                nemesis.plan("cut", (2 + 5 * n, 3 + 5 * n), line.cut)
            calls = h.town.call(plans, 5)
            await nemesis.run()
            await hung_up(calls, 60)
            await settled(h, calls=75)
            await like_the_pbx(h, within_s=10)
            assert line.cuts == 3
            await eventually(lambda: _gaps_told(h, 3), 10)


async def _gaps_told(h: House, cuts: int) -> bool:
    """The feed says of every gap when it began and when it was over, and none lasted five seconds."""
    rows = await h.fetch("SELECT body->>'connected' AS up, fact_at FROM feed WHERE topic = 'node' ORDER BY seq")
    gaps, since = [], None
    for row in rows:
        if row["up"] == "false" and since is None:
            since = row["fact_at"]
        elif row["up"] == "true" and since is not None:
            gaps.append((row["fact_at"] - since).total_seconds())
            since = None
    return len(gaps) >= cuts and since is None and max(gaps[-cuts:]) < 5


@pytest.mark.timeout(90)
async def test_half_open_line_is_noticed_and_mended() -> None:
    plans = plan_calls(SEED, 10, Mix(gone_in_notice=0, gone_soon=0, talk_ms=(1000, 2000)))
    with proxy(*LINE, (PBX, 5038), seed=SEED) as line:
        async with house(PBX, seats=10, ami=LINE) as h:
            h.start("cti")
            await h.connected()
            await asyncio.to_thread(open_desk, h, plans)
            line.frozen = True
            await eventually(lambda: _told(h, up=False), within_s=10)
            calls = h.town.call(plans, 5)
            await hung_up(calls, 30)
            line.frozen = False
            await h.connected(10)
            await like_the_pbx(h, within_s=10)
            h.start("worker")
            await settled(h, calls=10)


def test_connection_gone_before_the_loop_looks_at_it() -> None:
    """A busy process learns in one turn of its loop (uvloop, as in production) that a connection was made and reset."""
    accepted, state = uvloop.run(_busy_while_reset())
    assert accepted >= 3, "it must try again and again"
    assert state in ("lost", "connecting")


async def _busy_while_reset() -> tuple[int, str]:
    """(connections made and reset, what the client says of its line); an AssertionError when the client died."""
    loop, held = asyncio.get_running_loop(), Accepting("127.0.16.3", 5038)
    client = AmiClient("127.0.16.3", 5038, "cti", "secret", WANTED)
    running = asyncio.create_task(client.run())

    def busy() -> None:
        time.sleep(0.05)  # the loop is kept busy: that is the fault
        loop.call_soon(busy)

    loop.call_soon(busy)
    try:
        await eventually(lambda: held.accepted >= 3 or running.done(), 20)
        assert not running.done(), running.exception()
        return held.accepted, client.link.state.value
    finally:
        held.close()
        client.close()
        await running


class Accepting:
    """Accepts connections and resets them at once, in a thread."""

    def __init__(self, address: str, port: int) -> None:
        self.accepted = 0
        self._server = socket.create_server((address, port))
        threading.Thread(target=self._serve, name="resetting", daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._server.accept()
                self.accepted += 1
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.close()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


async def _told(h: House, *, up: bool) -> bool:
    rows = await h.fetch("SELECT body->>'connected' AS up, body->>'reason' AS reason FROM live WHERE topic = 'node'")
    return any(r["up"] == str(up).lower() and (up or r["reason"]) for r in rows)
