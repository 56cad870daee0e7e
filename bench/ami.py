"""AMI decoding: ours against bare panoramisk and against plain splitting, on a stream captured from a real Asterisk.

    python -m bench.ami [--rounds N] [--capture]

``bench/data/ami-stream.bin`` is the stream of a manager session with every class and no filter (``--capture`` makes it
anew: real calls through a real line). The same bytes, in segments of 4096, go to
  * bare panoramisk with 25 patterns (one handler each, as wide-spread dialler code registers them),
  * the guard, whose one handler passes each event to the same handlers by its name,
  * ``bytes.split`` on the blank line, and nothing else: the bound.
Handlers read one header and count. CPU seconds, medians over interleaved rounds; ratios are what counts.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from bench.ami_capture import capture
from cti.ami.message import Event
from cti.ami.panoramisk_guard import Delivery, GuardedProtocol
from cti.ami.splitter import BLANK
from cti.live.translate import WANTED

STREAM = Path(__file__).parent / "data" / "ami-stream.bin"
SEGMENT = 4096
REPEAT = 6  # the stream is fed so often in one round, so that a round is long enough to be measured
NEEDED_OF_PANORAMISK, NEEDED_OF_SPLITTING = 10.0, 0.25
# What cti wants, and what is usually watched beside it: 25 names.
PATTERNS = tuple(sorted(WANTED | {"FullyBooted", "Shutdown", "ContactStatus", "PeerStatus", "QueueCallerAbandon",
                                  "Newstate", "DialBegin", "DialEnd"}))[:25]  # fmt: skip


class Handlers:
    """The same work for both, and little of it, since decoding is what is measured: count, and read one header."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.uniqueid: str | None = None

    def panoramisk(self, manager: Manager, event: Any) -> None:
        self.counts[event.event] += 1
        self.uniqueid = event.get("Uniqueid")

    def guarded(self, event: Event) -> None:
        self.counts[event.name] += 1
        self.uniqueid = event.get("Uniqueid")


class Wire:
    """Enough of a transport for a protocol that only receives."""

    def close(self) -> None: ...

    def is_closing(self) -> bool:
        return False


def bare() -> tuple[Callable[[bytes], None], Handlers]:
    handlers = Handlers()
    manager = Manager(loop=asyncio.get_running_loop())
    for pattern in PATTERNS:
        manager.register_event(pattern, handlers.panoramisk)
    protocol = AMIProtocol()
    protocol.connection_made(Wire())
    protocol.factory, protocol.encoding, protocol.queue = manager, "utf8", deque()
    return protocol.data_received, handlers


def guarded() -> tuple[Callable[[bytes], None], Handlers]:
    handlers = Handlers()
    by_name: dict[str, Callable[[Event], None]] = dict.fromkeys(PATTERNS, handlers.guarded)
    delivery = Delivery(frozenset(p.encode() for p in PATTERNS), lambda event: by_name[event.name](event))
    protocol = GuardedProtocol(delivery, lambda exc: None)
    protocol.connection_made(Wire())
    return protocol.data_received, handlers


def splitting() -> tuple[Callable[[bytes], None], list[int]]:
    held, seen = [b""], [0]

    def feed(data: bytes) -> None:
        *blocks, held[0] = (held[0] + data).split(BLANK)
        seen[0] += len(blocks)

    return feed, seen


def segments(stream: bytes) -> list[bytes]:
    return [stream[at : at + SEGMENT] for at in range(0, len(stream), SEGMENT)]


def cpu_s(feed: Callable[[bytes], None], pieces: list[bytes]) -> float:
    began = time.process_time()
    for _ in range(REPEAT):
        for piece in pieces:
            feed(piece)
    return time.process_time() - began


def no_character_lost(stream: bytes) -> int:
    """Cut one call's stream in two at every byte: the handlers must see the same texts. Returns the number of cuts."""
    part = stream[: stream.index(BLANK, 24_000) + len(BLANK)]
    wanted = frozenset(p.encode() for p in PATTERNS)

    def texts(pieces: list[bytes]) -> list[Event]:
        got: list[Event] = []
        protocol = GuardedProtocol(Delivery(wanted, got.append), lambda exc: None)
        protocol.connection_made(Wire())
        for piece in pieces:
            protocol.data_received(piece)
        return got

    whole = texts([part])
    for at in range(len(part) + 1):
        if texts([part[:at], part[at:]]) != whole:
            raise SystemExit(f"a cut at byte {at} changes what is delivered")
    return len(part) + 1


async def measure(rounds: int) -> int:
    stream = STREAM.read_bytes()
    events = stream.count(BLANK)
    pieces = segments(stream)
    times: dict[str, list[float]] = {"panoramisk": [], "guard": [], "splitting": []}
    counted: dict[str, Counter[str]] = {}
    for _ in range(rounds):
        for name, make in (("panoramisk", bare), ("guard", guarded)):
            feed, handlers = make()
            times[name].append(cpu_s(feed, pieces))
            counted[name] = handlers.counts
        times["splitting"].append(cpu_s(splitting()[0], pieces))
    if counted["panoramisk"] != counted["guard"]:
        raise SystemExit(f"not the same events: {counted}")
    rate = {name: events * REPEAT / statistics.median(values) for name, values in times.items()}
    cuts = no_character_lost(stream)
    return report(stream, events, sum(counted["guard"].values()) // REPEAT, rate, cuts)


def report(stream: bytes, events: int, wanted: int, rate: dict[str, float], cuts: int) -> int:
    of_panoramisk, of_splitting = rate["guard"] / rate["panoramisk"], rate["guard"] / rate["splitting"]
    print(f"stream: {len(stream):,} bytes, {events:,} events, {wanted:,} of them wanted by {len(PATTERNS)} patterns")
    for name, value in rate.items():
        print(f"  {name:<11} {value:>12,.0f} events per CPU second (median)")
    print(f"guard / panoramisk = {of_panoramisk:.1f}   (needed {NEEDED_OF_PANORAMISK:g})")
    print(f"guard / splitting  = {of_splitting:.2f}   (needed {NEEDED_OF_SPLITTING:g})")
    print(f"cut at every byte: {cuts:,} cuts, no character lost")
    return 0 if of_panoramisk >= NEEDED_OF_PANORAMISK and of_splitting >= NEEDED_OF_SPLITTING else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--capture", action="store_true", help="capture the stream anew from real calls")
    args = parser.parse_args()
    if args.capture:
        capture(STREAM)
    return asyncio.run(measure(args.rounds))


if __name__ == "__main__":
    sys.exit(main())
