"""F4, F5, F6: whatever the network does to the stream, the events are the same, in order, and memory is bounded."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.ami import AmiClient, Event
from cti.ami.message import parse_event
from cti.ami.splitter import BLANK, Splitter
from tests.cti.ami.fake_ami import HOST, FakeAmi, event_bytes
from tests.support.eventually import eventually

STREAM = (
    b"Asterisk Call Manager/9.0.0\r\n"
    + event_bytes("Tick", N="1", CallerIDName="张先生 😀")
    + event_bytes("Tick", N="2", Empty="")
    + event_bytes("Unwanted", N="x")
    + event_bytes("Tick", N="3")
)


def test_every_cut_in_two_gives_the_same_blocks() -> None:
    whole = Splitter().feed(STREAM)
    assert len(whole) == 4
    for at in range(len(STREAM) + 1):
        splitter = Splitter()
        assert splitter.feed(STREAM[:at]) + splitter.feed(STREAM[at:]) == whole
        assert splitter.held_bytes == 0


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
@settings(deadline=None)
def test_any_cuts_give_the_same_blocks(cuts: list[int]) -> None:
    splitter, got, last = Splitter(), [], 0
    for at in [*sorted(cuts), len(STREAM)]:
        got += splitter.feed(STREAM[last:at])
        last = at
    assert got == Splitter().feed(STREAM)


@pytest.mark.parametrize("step", [1, 2, 3, 5, 1000, 1 << 16])
def test_a_message_over_the_limit_is_dropped_counted_and_never_held(step: int) -> None:
    big = event_bytes("Tick", N="big", Body="x" * (10_000_000 if step >= 1000 else 50_000))
    stream = event_bytes("Tick", N="1") + big + event_bytes("Tick", N="2") + event_bytes("Tick", N="3")
    limit = 8192
    splitter, got, most_held = Splitter(limit), [], 0
    for at in range(0, len(stream), step):
        got += splitter.feed(stream[at : at + step])
        most_held = max(most_held, splitter.held_bytes)
    assert [parse_event(block)["N"] for block in got] == ["1", "2", "3"]
    assert splitter.dropped == 1
    assert most_held <= limit + step


def test_two_big_messages_in_a_row_and_an_unfinished_one() -> None:
    big = event_bytes("Tick", Body="x" * 500)
    splitter = Splitter(100)
    assert splitter.feed(big + big + event_bytes("Tick", N="1") + big[:300]) == [
        event_bytes("Tick", N="1")[: -len(BLANK)]
    ]
    assert splitter.feed(big[300:] + event_bytes("Tick", N="2")) == [event_bytes("Tick", N="2")[: -len(BLANK)]]
    assert splitter.dropped == 3


def test_bytes_that_are_no_utf8_stay_visible_and_cost_nothing_else() -> None:
    event = parse_event(b"Event: Name\r\nCallerIDName: M\xfcller\x00\r\nUniqueid: 1.2")
    assert event == {"Event": "Name", "CallerIDName": "M\ufffdller\x00", "Uniqueid": "1.2"}


def test_repeated_ragged_and_empty_headers() -> None:
    event = parse_event(
        b"Event: Name\r\nChanVariable: A=1\r\nno colon here\r\nChanVariable: B=2\r\nEmpty:\r\nTight:x: y"
    )
    assert event.every("ChanVariable") == ["A=1", "B=2"]
    assert event.every("Empty") == [""]
    assert event.every("Absent") == []
    assert event["Tight"] == "x: y"
    assert parse_event(b"Event: A\r\nV: 1\r\nV: 2").every("V") == ["1", "2"]


@pytest.fixture
async def server() -> AsyncIterator[FakeAmi]:
    fake = await FakeAmi().start()
    yield fake
    await fake.stop()


@pytest.fixture
async def client(server: FakeAmi) -> AsyncIterator[AmiClient]:
    client = AmiClient(HOST, server.port, "u", "s", frozenset({"Tick"}), limit_bytes=1 << 16)
    running = asyncio.create_task(client.run())
    await eventually(lambda: client.link.live)
    yield client
    client.close()
    await running


def ticks(client: AmiClient) -> list[str]:
    got: list[str] = []
    client.on_event = lambda event: got.append(event["N"]) if event.name == "Tick" else None
    return got


async def test_one_byte_segments_on_the_wire(client: AmiClient, server: FakeAmi) -> None:
    got = ticks(client)
    await server.send_pieces(STREAM.partition(b"\r\n")[2], 1)
    await eventually(lambda: len(got) == 3)
    assert got == ["1", "2", "3"]


async def test_ten_megabytes_in_one_event_on_the_wire(client: AmiClient, server: FakeAmi) -> None:
    got = ticks(client)
    big = event_bytes("Tick", N="big", Body="x" * 10_000_000)
    tracemalloc.start()
    await server.event("Tick", N="1")
    await server.send_pieces(big, 1 << 18)
    await server.event("Tick", N="2")
    await eventually(lambda: got == ["1", "2"])
    assert client.delivery.dropped == 1
    assert tracemalloc.get_traced_memory()[1] < 8_000_000, "the big message was held"
    tracemalloc.stop()
    assert client.link.live


async def test_f5_one_percent_of_the_handlers_raise(client: AmiClient, server: FakeAmi) -> None:
    got: list[int] = []

    def handler(event: Event) -> None:
        n = int(event["N"])
        if n % 100 == 7:
            raise ValueError(f"event {n}")
        got.append(n)

    client.on_event = handler
    await server.send(b"".join(event_bytes("Tick", N=str(n)) for n in range(1000)))
    await eventually(lambda: len(got) == 990)
    assert got == [n for n in range(1000) if n % 100 != 7]
    assert client.delivery.raised == 10
    assert [aside.event["N"] for aside in client.delivery.set_aside] == [str(n) for n in range(7, 1000, 100)]
    assert "ValueError: event 907" in client.delivery.set_aside[-1].traceback
    assert server.connections == 1


async def test_f6_duplicates_arrive_as_duplicates_in_order(client: AmiClient, server: FakeAmi) -> None:
    """The wire neither merges nor reorders: what a repeated fact means is for cti.live to decide."""
    got = ticks(client)
    await server.send(b"".join(event_bytes("Tick", N=n) * 2 for n in "123"))
    await eventually(lambda: len(got) == 6)
    assert got == list("112233")


async def test_a_late_answer_between_two_events_belongs_to_neither(client: AmiClient, server: FakeAmi) -> None:
    got: list[dict[str, str]] = []
    client.on_event = lambda event: got.append(dict(event))
    late = b"Response: Success\r\nActionID: gone\r\nMessage: late\r\n\r\n"
    await server.send(event_bytes("Tick", N="1") + late + event_bytes("Tick", N="2"))
    await eventually(lambda: len(got) == 2)
    assert got == [{"Event": "Tick", "N": "1"}, {"Event": "Tick", "N": "2"}]
