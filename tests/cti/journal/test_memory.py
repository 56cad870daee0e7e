"""What the journal's reader keeps in memory does not grow with the calls that it has read."""

from __future__ import annotations

import asyncpg
import pytest

from cti.journal import calls
from cti.journal.entries import Stream, entries_of
from cti.journal.tail import RawLine
from tests.cti.journal.conftest import Journal, trace
from tests.support.growth import grown_bytes

POLLS = 500


def raw_lines(name: str, stream: Stream) -> list[RawLine]:
    return [RawLine("f", n, n + 1, raw) for n, raw in enumerate(trace(name, stream.value).splitlines())]


@pytest.mark.parametrize("stream", Stream)
def test_reading_leaves_nothing_to_the_collector(stream: Stream) -> None:
    """Four times a second: a buffer of 16 kB that waited for it made 200 MB in an hour."""
    raws = raw_lines("answered", stream)
    assert stream is not Stream.CEL or any(b'""' in raw.raw for raw in raws)  # what only the csv module can read
    assert grown_bytes(lambda: entries_of(stream, raws), POLLS) < POLLS * 100


@pytest.mark.db
async def test_nobody_owns_a_channel_of_no_call(
    journal: Journal, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk's stand-in for whom an Originate did not reach, many times a day."""
    monkeypatch.setattr(calls, "_KEEP_ENDED", 0)
    journal.write("answered")
    refused = b'"CHAN_START","1795416968.000001","12345","failed","room-outside","OutgoingSpoolFailed","","",'
    journal.append("cel", b"".join(refused + b'"t12-9.%d","t12-9.%d","","",""\n' % (n, n) for n in range(50)))
    reader = await journal.read()
    assert await pool.fetchval("SELECT count(*) FROM call WHERE ended_at IS NOT NULL") == 1
    assert (len(reader._store._calls), reader._store._calls._owner) == (0, {})
