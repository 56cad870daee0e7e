"""How long an hour of journal takes to catch up: 36,000 calls (10 a second), as cti reads it after having been away.

    python -m bench.catchup [--calls N]

The lines are those of the golden traces with fresh ids and shifted times, written in the order of their time as
Asterisk would have. They are read by the journal reader into a private PostgreSQL (fsync on, as in production). The
same raw lines are then COPYed, already parsed, into an empty copy of the raw tables: the bound that no reader can pass.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from cti.journal.entries import Entry, Stream, entries_of
from cti.journal.reader import JournalReader, JournalSettings
from cti.journal.tables import copy_raw
from cti.journal.tail import RawLine
from models import cluster as pg
from models.migrations.runner import migrate
from pbx_config import contract

TRACES = Path(__file__).resolve().parents[1] / "tests/cti/journal/traces"
# Shares of a busy hour; the trace's calls that the switch ended are no part of an hour's course.
MIX = {
    "answered": 40, "agent_hangs_up_first": 25, "hold": 8, "abandoned": 8, "gone_while_ringing": 4, "left_in_notice": 5,
    "no_answer_then_next_seat": 6, "rejected_then_next_seat": 2, "no_agent": 2,
}  # fmt: skip
RATE = 10
LIMIT_S = 60
START_S = 1_790_000_000


def templates() -> dict[str, tuple[str, list[tuple[float, str, bytes]]]]:
    """Trace → (its linkedid, [(seconds after its begin, stream, line)]), with ids and times as %-marks."""
    found = {}
    for name in MIX:
        cel, queue = ((TRACES / name / f).read_text().splitlines() for f in ("cel.csv", "queue_log"))
        linkedid = cel[0].split('","')[9]
        began = float(cel[0].split('","')[1])
        lines = [(float(line.split('","')[1]) - began, "cel", line) for line in cel]
        lines += [(int(line.split("|")[0]) - int(began), "queue_log", line) for line in queue if linkedid in line]
        found[name] = (linkedid, lines)
    return found


def generate(folder: Path, calls: int) -> dict[str, int]:
    """Write cel.csv and queue_log of ``calls`` calls at 10 a second; returns how many lines of each."""
    rng = random.Random(12345)
    known, names, weights = templates(), list(MIX), list(MIX.values())
    piles: dict[str, list[tuple[float, str]]] = {"cel": [], "queue_log": []}
    serial = 0
    for n in range(calls):
        linkedid, lines = known[rng.choices(names, weights)[0]]
        begin = START_S + n / RATE + rng.random() / RATE
        node, _, old = linkedid.partition("-")
        seconds = old.split(".")[0]
        for after, stream, line in lines:
            at = begin + after
            fresh = _renumbered(line, node, seconds, int(begin), serial)
            stamp = f"{at:.6f}" if stream == "cel" else str(int(at))
            piles[stream].append((at, _stamped(fresh, stream, stamp)))
        serial += 4
    counts = {}
    for stream, file in (("cel", contract.CEL_FILE), ("queue_log", contract.QUEUE_LOG_FILE)):
        piles[stream].sort(key=lambda p: p[0])
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line + "\n" for _, line in piles[stream]))
        counts[stream] = len(piles[stream])
    return counts


def _renumbered(line: str, node: str, seconds: str, begin: int, serial: int) -> str:
    """Every id of the trace (``node-SECONDS.n``, of its first seconds) as one of this call."""
    out, rest = [], line
    prefix = f"{node}-{seconds[:6]}"
    while (at := rest.find(prefix)) >= 0:
        end = at + len(node) + 1 + 10
        number = rest[end + 1]
        out.append(f"{rest[:at]}{node}-{begin}.{serial + int(number)}")
        rest = rest[end + 2 :]
    return "".join(out) + rest


def _stamped(line: str, stream: str, stamp: str) -> str:
    if stream == "queue_log":
        return f"{stamp}|{line.split('|', 1)[1]}"
    event, _, rest = line.split('","', 2)
    return f'{event}","{stamp}","{rest}'


def batches(path: Path, stream: Stream) -> Iterator[list[Entry]]:
    offset, raws = 0, []
    for raw in path.read_bytes().splitlines():
        raws.append(RawLine("bound", offset, offset + len(raw) + 1, raw))
        offset += len(raw) + 1
        if len(raws) == 9000:
            yield entries_of(stream, raws)
            raws = []
    yield entries_of(stream, raws)


async def measure_bound(dsn: str, folder: Path) -> float:
    """Seconds that COPY of the same lines takes, parsing not counted."""
    conn = await asyncpg.connect(dsn)
    took = 0.0
    for stream, file in ((Stream.CEL, contract.CEL_FILE), (Stream.QUEUE_LOG, contract.QUEUE_LOG_FILE)):
        for some in batches(folder / file, stream):
            began = time.perf_counter()
            await copy_raw(conn, "bound", *((some, []) if stream is Stream.CEL else ([], some)))
            took += time.perf_counter() - began
    await conn.close()
    return took


async def measure(cluster: pg.Cluster, folder: Path, lines: dict[str, int], calls: int) -> dict[str, float]:
    await pg.ensure_database(cluster)
    await migrate(cluster.dsn)
    reader = JournalReader(JournalSettings("t12", folder, cluster.dsn))
    cpu, began = time.process_time(), time.perf_counter()
    await reader.catch_up()
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    conn = await asyncpg.connect(cluster.dsn)
    stored = await conn.fetchval("SELECT count(*) FROM call WHERE ended_at IS NOT NULL")
    dead = await conn.fetchval("SELECT count(*) FROM dead_letter")
    await conn.close()
    if (stored, dead) != (calls, 0):
        raise SystemExit(f"wrong rows: {stored} ended calls of {calls}, {dead} dead letters")
    await pg.ensure_database(cluster, "bound")
    await migrate(cluster.dsn_of("bound"))
    bound = await measure_bound(cluster.dsn_of("bound"), folder)
    total = sum(lines.values())
    return {
        "calls": calls, "lines": total, "seconds": round(took, 2), "lines_per_s": round(total / took),
        "calls_per_s": round(calls / took), "cpu_ms_per_call": round(cpu / calls * 1000, 3),
        "copy_seconds": round(bound, 2), "times_plain_copy": round(took / bound, 2),
        "max_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=36_000, help="36,000 is an hour at 10 calls/s")
    calls = parser.parse_args().calls
    home = Path(tempfile.mkdtemp(prefix="lxcatchup"))
    home.chmod(0o755)
    cluster = pg.Cluster(home / "data", pg.free_port(), "bench")
    try:
        print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} writing the journal of {calls} calls …", file=sys.stderr, flush=True)
        lines = generate(home / "log", calls)
        pg.init(cluster)
        pg.start(cluster)
        found = asyncio.run(measure(cluster, home / "log", lines, calls))
    finally:
        pg.stop(cluster, "immediate")
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(found, indent=1))
    limit_s = LIMIT_S * calls / 36_000
    print(f"{found['seconds']} s, limit {limit_s:g} s: {'ok' if found['seconds'] < limit_s else 'TOO SLOW'}")
    return 0 if found["seconds"] < limit_s else 1


if __name__ == "__main__":
    raise SystemExit(main())
