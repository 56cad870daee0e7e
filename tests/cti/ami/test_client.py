"""The client's life and its actions: every action ends, every loss is said, lists are whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cti.ami import ActionRefused, AmiClient, AmiHeaderRefused, AmiLost, AmiNotConnected, AmiTimeout, Link, LinkState
from tests.cti.ami.fake_ami import HOST, FakeAmi
from tests.support.eventually import eventually


@pytest.fixture
async def server() -> AsyncIterator[FakeAmi]:
    fake = await FakeAmi().start()
    yield fake
    await fake.stop()


@pytest.fixture
async def client(server: FakeAmi) -> AsyncIterator[AmiClient]:
    client = AmiClient(HOST, server.port, "u", "s", frozenset({"Tick", "DeviceStateChange"}))
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.live)
    yield client
    client.close()
    await running


async def test_the_ways_of_a_link(server: FakeAmi) -> None:
    client = AmiClient(HOST, server.port, "u", "s")
    links: list[Link] = []
    client.on_link = links.append
    snapshots: list[LinkState] = []

    async def snapshot() -> None:
        snapshots.append(client.link.state)

    client.snapshot = snapshot
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.live)
    server.cut()
    await eventually(lambda: client.link.live and client.link.epoch == 2)
    client.close()
    await running
    once = [LinkState.CONNECTED, LinkState.SNAPSHOTTING, LinkState.LIVE]
    assert [link.state for link in links] == [*once, LinkState.LOST, LinkState.CONNECTING, *once, LinkState.CLOSED]
    assert snapshots == [LinkState.SNAPSHOTTING] * 2
    lost = links[3]
    assert (lost.reason, links[4].since) == ("ami.lost", lost.since), "retries do not move 'since'"
    assert [link.epoch for link in links] == sorted(link.epoch for link in links)


async def test_an_asterisk_that_is_away_is_found_when_it_comes(server: FakeAmi) -> None:
    port = server.port
    await server.stop()
    client = AmiClient(HOST, port, "u", "s")
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.reason == "ami.unreachable")
    with pytest.raises(AmiNotConnected):
        await client.action("Ping")
    await server.start(port)
    await eventually(lambda: client.link.live)
    client.close()
    await running


async def test_a_snapshot_that_fails_makes_a_new_connection(server: FakeAmi) -> None:
    client = AmiClient(HOST, server.port, "u", "s")
    tries: list[int] = []

    async def snapshot() -> None:
        tries.append(client.link.epoch)
        if len(tries) == 1:
            await client.list_action("QueueStatus", timeout_s=0.1)

    client.snapshot = snapshot
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.live)
    assert tries == [1, 2]
    client.close()
    await running
    assert client.link.reason == "ami.closed"


async def test_close_ends_a_run_that_is_still_connecting() -> None:
    client = AmiClient("127.0.11.250", 1, "u", "s")
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.state is LinkState.LOST)
    client.close()
    await asyncio.wait_for(running, 1)
    assert (client.link.state, client.link.reason) == (LinkState.CLOSED, "ami.unreachable"), "what was wrong, not that"


async def test_close_while_the_login_is_not_answered(server: FakeAmi) -> None:
    server.deaf = True
    client = AmiClient(HOST, server.port, "u", "s")
    running = asyncio.create_task(client.run())
    await eventually(lambda: server.connections == 1)
    client.close()
    await asyncio.wait_for(running, 1)
    assert server.connections == 1


async def test_a_login_without_the_class_system_says_so(server: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti.ami.client.BOOT_HINT_S", 0.1)
    monkeypatch.setattr("cti.ami.client.BOOT_HINTS_MOST", 1000)
    server.booted = False
    client = AmiClient(HOST, server.port, "u", "s")
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.reason == "ami.not_booted")
    await server.event("FullyBooted")
    await eventually(lambda: client.link.live)
    assert client.link.reason is None
    client.close()
    await running


async def test_a_class_that_was_mended_is_noticed_at_a_new_login(
    server: FakeAmi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk says FullyBooted once, after the login, and to nobody whose rights come later."""
    monkeypatch.setattr("cti.ami.client.BOOT_HINT_S", 0.1)
    server.booted = False
    client = AmiClient(HOST, server.port, "u", "s")
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.reason == "ami.not_booted")
    server.booted = True
    await eventually(lambda: client.link.live)
    assert server.connections >= 2
    client.close()
    await running


async def test_list_actions_are_whole_and_in_order_amid_other_events(client: AmiClient, server: FakeAmi) -> None:
    got: list[str] = []
    client.on_event = lambda event: got.append(event.name)

    async def answer(fake: FakeAmi, action: dict[str, str]) -> None:
        action_id = action["ActionID"]
        await fake.reply(action, EventList="start", Message="will follow")
        await fake.event("DeviceStateChange", ActionID=action_id, Device="PJSIP/8001", State="INUSE")
        await fake.event("Tick")
        await fake.event("DeviceStateChange", Device="PJSIP/8003", State="INUSE")
        await fake.event("DeviceStateChange", ActionID=action_id, Device="PJSIP/8002", State="RINGING")
        await fake.event("DeviceStateListComplete", ActionID=action_id, EventList="Complete", ListItems="2")

    server.answers["DeviceStateList"] = answer
    response = await client.list_action("DeviceStateList")
    assert [event["Device"] for event in response.events] == ["PJSIP/8001", "PJSIP/8002"]
    assert got == ["Tick", "DeviceStateChange"]
    assert client.pending == 0


async def test_items_that_come_after_the_deadline_are_no_news(client: AmiClient, server: FakeAmi) -> None:
    got: list[str] = []
    client.on_event = lambda event: got.append(event.name)
    with pytest.raises(AmiTimeout):
        await client.list_action("DeviceStateList", timeout_s=0.05)
    late = server.asked[0]
    await server.reply(late, EventList="start")
    await server.event("DeviceStateChange", ActionID=late["ActionID"], Device="PJSIP/8001", State="INUSE")
    await server.event("Tick")
    await eventually(lambda: got)
    assert got == ["Tick"]


async def test_a_refused_list_is_an_error_with_asterisks_words(client: AmiClient, server: FakeAmi) -> None:
    async def answer(fake: FakeAmi, action: dict[str, str]) -> None:
        await fake.reply(action, "Error", Message="Permission denied")

    server.answers["CoreShowChannels"] = answer
    with pytest.raises(ActionRefused, match="Permission denied"):
        await client.list_action("CoreShowChannels")
    assert (await client.action("CoreShowChannels")).ok is False


async def test_a_thousand_actions_that_nobody_answers_leave_nothing(client: AmiClient) -> None:
    ends = await asyncio.gather(*[client.action("Status", timeout_s=0.1) for _ in range(1000)], return_exceptions=True)
    assert {type(end) for end in ends} == {AmiTimeout}
    assert client.pending == 0


async def test_an_asker_that_gave_up_leaves_nothing(client: AmiClient) -> None:
    asking = asyncio.create_task(client.action("Status", timeout_s=30))
    await eventually(lambda: client.pending == 1)
    asking.cancel()
    await eventually(lambda: client.pending == 0)


async def test_actions_on_their_way_end_as_lost_and_are_not_sent_again(client: AmiClient, server: FakeAmi) -> None:
    asking = [asyncio.create_task(client.action("Originate", {"Channel": f"PJSIP/{n}"})) for n in range(3)]
    await eventually(lambda: len(server.asked) == 3)
    server.cut()
    assert {type(end) for end in await asyncio.gather(*asking, return_exceptions=True)} == {AmiLost}
    await eventually(lambda: client.link.epoch == 2 and client.link.live)
    assert len(server.asked) == 3


async def test_action_ids_are_ours_and_never_twice(client: AmiClient, server: FakeAmi) -> None:
    await asyncio.gather(*[client.action("Status", timeout_s=0.1) for _ in range(50)], return_exceptions=True)
    ids = {action["ActionID"] for action in server.asked}
    assert len(ids) == 50
    assert all(len(action_id) == 32 for action_id in ids)


async def test_cli_output_is_kept_line_by_line(client: AmiClient, server: FakeAmi) -> None:
    async def answer(fake: FakeAmi, action: dict[str, str]) -> None:
        text = f"Response: Success\r\nActionID: {action['ActionID']}\r\nMessage: Command output follows\r\n"
        await fake.send(f"{text}Output: one\r\nOutput: two: 2\r\n\r\n".encode())

    server.answers["Command"] = answer
    assert (await client.action("Command", {"Command": "core show x"})).output == ("one", "two: 2")


async def test_a_line_longer_than_asterisk_reads_is_refused(client: AmiClient, server: FakeAmi) -> None:
    with pytest.raises(AmiHeaderRefused):
        await client.action("Setvar", {"Value": "路" * 400})
    assert server.asked == []
