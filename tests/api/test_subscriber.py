"""One screen's queue, and the waves that wake many: no server, no socket."""

import asyncio
import json
import time
from typing import Any

from api.subscriber import AT_ONCE, Line, Subscriber
from api.wave import LONGEST_REST_S, PORTION, Wave
from tests.support.eventually import eventually


def viewer() -> Any:
    return None


def test_a_full_queue_is_dropped_and_marked() -> None:
    sub = Subscriber(viewer(), 0, limit=3)
    for seq in (1, 2, 3):
        sub.row(Line(seq, f'"seq":{seq}}}'))
    assert not sub.overflowed
    sub.row(Line(4, '"seq":4}'))
    assert sub.overflowed
    assert sub.take() is None
    sub.restart(4)
    sub.row(Line(5, '"seq":5}'))
    assert sub.take() == '{"type":"row","prev":4,"seq":5}'


def test_queue_rows_wait_for_the_newest_and_go_before_any_other_row() -> None:
    sub = Subscriber(viewer(), 0, limit=100)
    sub.hold("hotline", Line(1, '"seq":1}'))
    sub.let_go()
    sub.hold("hotline", Line(2, '"seq":2}'))
    sub.hold("second", Line(3, '"seq":3}'))
    sub.hold("hotline", Line(4, '"seq":4}'))
    sub.row(Line(5, '"seq":5}'))
    sent = [json.loads(sub.take() or ""), sub.take()]
    assert sent == [[{"type": "row", "prev": prev, "seq": seq} for prev, seq in ((0, 1), (1, 3), (3, 4), (4, 5))], None]


def test_what_waits_goes_out_at_once_but_not_in_a_message_without_end() -> None:
    sub = Subscriber(viewer(), 0, limit=100)
    for seq in range(1, AT_ONCE + 2):
        sub.row(Line(seq, f'"seq":{seq}}}'))
    assert [row["seq"] for row in json.loads(sub.take() or "")] == list(range(1, AT_ONCE + 1))
    assert sub.take() == f'{{"type":"row","prev":{AT_ONCE},"seq":{AT_ONCE + 1}}}', "one is no list"
    assert sub.take() is None


async def test_a_wave_wakes_everybody_in_portions_and_rests_as_long_as_it_took() -> None:
    woken: list[tuple[float, int]] = []
    loop = asyncio.get_running_loop()

    class Slow(Subscriber):
        def wake(self) -> None:
            time.sleep(0.0005)  # what a send costs here
            woken.append((loop.time(), turns))

    turns, screens = 0, [Slow(viewer(), 0, limit=9) for _ in range(PORTION * 2 + 1)]
    wave = Wave(lambda: screens)
    wave.ask()
    loop.call_soon(wave.ask)
    while len(woken) < len(screens):
        await asyncio.sleep(0)
        turns += 1
    assert [n for _, n in woken] == [0] * PORTION + [1] * PORTION + [2], "others had their turns between"
    await eventually(lambda: len(woken) == 2 * len(screens))
    first, last, again = woken[0][0], woken[len(screens) - 1][0], woken[len(screens)][0]
    assert again - last >= min(last - first, LONGEST_REST_S), "asked meanwhile, it began after the rest"
