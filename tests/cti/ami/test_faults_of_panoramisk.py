"""Each fault of panoramisk 1.4 that the guard exists for: shown on bare panoramisk, absent on ours.

The number in a test's name is the fault's number in docs/decisions/0002-guard-around-panoramisk.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from panoramisk.call_manager import CallManager

from cti.ami import AmiClient, LinkState
from tests.cti.ami.drivers import Bare, Guarded
from tests.cti.ami.fake_ami import HOST, FakeAmi, event_bytes
from tests.support.eventually import eventually

# bare panoramisk throws tasks and exceptions away; that is what is shown here
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeAmi]:
    fake = await FakeAmi().start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(params=[Bare, Guarded], ids=["bare", "guarded"])
async def ami(request: pytest.FixtureRequest, server: FakeAmi) -> AsyncIterator[Any]:
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    driver = request.param(server)
    await driver.connect()
    yield driver
    await driver.end()


async def test_01_a_character_cut_by_a_segment_is_lost(ami: Any, server: FakeAmi) -> None:
    await server.send_pieces(event_bytes("Name", CallerIDName="张先生"), 1)
    await server.event("Tick")
    await eventually(lambda: ami.events and ami.events[-1][0] == "Tick")
    names = [headers.get("CallerIDName") for name, headers in ami.events if name == "Name"]
    assert (names != ["张先生"]) is ami.faulty


async def test_02_a_raising_handler_costs_the_link_and_the_rest_of_the_chunk(ami: Any, server: FakeAmi) -> None:
    def raise_on_first(event: Any) -> None:
        if ami.header(event, "N") == "1":
            raise RuntimeError("a fault in a handler")

    ami.handler = raise_on_first
    await server.send(event_bytes("Tick", N="1") + event_bytes("Tick", N="2"))
    await eventually(lambda: ("Tick", {"Event": "Tick", "N": "1"}) in ami.events)
    await eventually(lambda: len(ami.events) > 1 or server.connections > 1)
    got_the_second = ("Tick", {"Event": "Tick", "N": "2"}) in ami.events
    assert (not got_the_second) is ami.faulty
    assert (server.connections > 1) is ami.faulty
    if not ami.faulty:
        aside = ami.client.delivery.set_aside[0]
        assert aside.event["N"] == "1"
        assert "a fault in a handler" in aside.traceback


async def test_03_handlers_finish_out_of_order(ami: Any, server: FakeAmi) -> None:
    finished: list[str] = []
    first_may_go = asyncio.Event()

    async def slow_first(n: str) -> None:
        if n == "1":
            await first_may_go.wait()
        finished.append(n)
        first_may_go.set()

    # Ours takes no coroutine function at all: a handler is called, and has finished, in the order of the wire.
    ami.handler = (
        (lambda event: slow_first(event.n)) if ami.faulty else (lambda event: finished.append(ami.header(event, "N")))
    )
    await server.send(event_bytes("Tick", N="1") + event_bytes("Tick", N="2"))
    await eventually(lambda: len(finished) == 2)
    assert (finished != ["1", "2"]) is ami.faulty


async def test_04_queue_add_hangs_for_ever(ami: Any, server: FakeAmi) -> None:
    async def added(fake: FakeAmi, action: dict[str, str]) -> None:
        await fake.reply(action, Message="Added interface to queue")

    server.answers["QueueAdd"] = added
    became = await ami.ask("QueueAdd", {"Queue": "hotline", "Interface": "PJSIP/8001"})
    assert became == ("hangs" if ami.faulty else "answered")


@pytest.mark.parametrize("name", ["Atxfer", "CancelAtxfer", "PlayDTMF"])
async def test_05_some_actions_break_the_link(ami: Any, server: FakeAmi, name: str) -> None:
    async def queued(fake: FakeAmi, action: dict[str, str]) -> None:
        await fake.reply(action, Message=f"{name} successfully queued")

    server.answers[name] = queued
    became = await ami.ask(name, {"Channel": "PJSIP/8001-00000001"})
    assert (became != "answered") is ami.faulty
    await eventually(lambda: (server.connections > 1) is ami.faulty)


async def test_06_an_unanswered_action_is_replayed_after_reconnecting(ami: Any, server: FakeAmi) -> None:
    asking = asyncio.create_task(ami.ask("Originate", {"Channel": "PJSIP/8001"}))
    await eventually(lambda: server.asked_names() == ["Originate"])
    server.cut()
    await eventually(lambda: server.logins == 2)
    became = await asking
    await server.event("Tick")
    await eventually(lambda: ("Tick", {"Event": "Tick"}) in ami.events)
    assert (len(server.asked) > 1) is ami.faulty, "somebody's telephone would ring minutes later"
    assert became == ("hangs" if ami.faulty else "ami.lost")


async def test_07_no_action_times_out_and_its_entry_leaks(ami: Any, server: FakeAmi) -> None:
    became = await ami.ask("Status", {})
    assert became == ("hangs" if ami.faulty else "ami.timeout")
    assert (ami.entries > 0) is ami.faulty


async def test_08_a_half_open_link_is_never_noticed(ami: Any, server: FakeAmi) -> None:
    server.deaf = True
    if ami.faulty:
        for _ in range(60):  # 6 s of silence while it goes on believing
            await asyncio.sleep(0.1)
            assert ami.up
    else:
        await eventually(lambda: not ami.up, within_s=5.0)
        assert ami.client.link.reason == "ami.silent"


async def test_09_a_refused_login_is_no_error_to_bare_panoramisk(server: FakeAmi) -> None:
    server.secret_ok = False
    bare = Bare(server)
    bare.manager.loop = asyncio.get_running_loop()
    await bare.manager.connect()
    await eventually(lambda: server.logins >= 5)  # tried again at once, and again, and nobody was told
    assert bare.manager.authenticated is False
    await bare.end()


async def test_09_a_refused_login_is_said_and_retried_slowly(server: FakeAmi) -> None:
    server.secret_ok = False
    guarded = Guarded(server)
    seen: list[LinkState] = []
    guarded.client.on_link = lambda link: seen.append(link.state)
    guarded.task = asyncio.create_task(guarded.client.run())
    await eventually(lambda: guarded.client.link.state is LinkState.REFUSED)
    assert guarded.client.link.reason == "ami.refused"
    for _ in range(10):
        await asyncio.sleep(0.1)  # a second in which nobody may try again
    assert server.logins == 1
    assert seen == [LinkState.REFUSED]
    await guarded.end()
    assert seen[-1] is LinkState.CLOSED


async def test_10_close_during_the_wait_for_reconnecting(ami: Any, server: FakeAmi) -> None:
    if ami.faulty:
        ami.manager.reconnect_timeout = 0.2
    server.cut()
    await eventually(lambda: not ami.up)
    ami.close()
    if ami.faulty:
        await eventually(lambda: server.connections == 2)
    else:
        await ami.task
        assert server.connections == 1
        assert ami.client.link.state is LinkState.CLOSED


async def test_11_a_line_end_in_a_value_injects_headers(ami: Any, server: FakeAmi) -> None:
    became = await ami.ask("Setvar", {"Channel": "PJSIP/8001-1", "Value": "x\r\nAction: Command"})
    await ami.ask("Status", {})
    first = server.asked[0]
    assert (first.get("Value") == "x") is ami.faulty
    assert (became == "AmiHeaderRefused") is not ami.faulty
    if not ami.faulty:
        assert server.asked_names() == ["Status"]


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\x00b", "a\r\n\r\nAction: Logoff"])
@pytest.mark.parametrize("where", ["name", "value", "list", "action"])
async def test_11_every_header_name_and_value_is_refused(server: FakeAmi, bad: str, where: str) -> None:
    guarded = Guarded(server)
    await guarded.connect()
    cases: dict[str, dict[str, Any]] = {"name": {bad: "x"}, "value": {"X": bad}, "list": {"X": ["ok", bad]}}
    headers = cases.get(where, {})
    assert await guarded.ask(bad if where == "action" else "Status", headers) == "AmiHeaderRefused"
    assert server.asked == []
    assert guarded.entries == 0
    await guarded.end()


async def test_12_a_missing_header_reads_as_empty(ami: Any, server: FakeAmi) -> None:
    got: list[Any] = []
    ami.handler = lambda event: got.append((ami.header(event, "Empty"), ami.header(event, "Absent")))
    await server.event("Tick", Empty="")
    await eventually(lambda: got)
    assert got[0] == ("", "" if ami.faulty else None)


async def test_13_calls_of_one_second_are_mixed_up(server: FakeAmi) -> None:
    two = event_bytes("Newchannel", Uniqueid="1790000000.1") + event_bytes("Newchannel", Uniqueid="1790000000.2")
    bare = CallManager(host=HOST, port=server.port, username="u", secret="s")
    bare.loop = asyncio.get_running_loop()
    await bare.connect()
    await eventually(lambda: bare.authenticated)
    seen: list[str] = []
    guarded = AmiClient(HOST, server.port, "u", "s", frozenset({"Newchannel"}))
    guarded.on_event = lambda event: seen.append(event["Uniqueid"]) if event.name == "Newchannel" else None
    running = asyncio.create_task(guarded.run())
    await eventually(lambda: guarded.link.live)
    await server.send(two)
    await eventually(lambda: bare.calls_queues and len(seen) == 2)
    assert list(bare.calls_queues) == ["1790000000"]
    assert seen == ["1790000000.1", "1790000000.2"]
    bare.connect = lambda *a, **k: None
    bare.close()
    await asyncio.sleep(0)
    guarded.close()
    await running
