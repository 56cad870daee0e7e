"""The search of recordings over a million calls: how long each filter takes, and its plan where it is slow.

python -m bench.recordings_search [calls]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from cases.numbers import forms
from cases.words import query
from models import cluster as pg
from models.db import make_engine, transaction
from models.migrations.runner import migrate
from recordings.search import ScoreState, Wanted, find

# One call a minute, backwards; each 1,000th recording is missing, each 5,000th evidence; each 10th call has a case.
SEED = """
INSERT INTO account (id, login, display_name, role, password_hash) VALUES (gen_random_uuid(), 'a', 'a', 'agent', '');
INSERT INTO category (code, parent, name_zh, name_en, initials)
  VALUES ('01', NULL, '', '', ''), ('0101', '01', '', '', ''), ('0102', '01', '', '', '');
INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, answered_at, ended_at, outcome, queue,
  agent_no, talk_s, hung_up_by, satisfaction)
  SELECT md5('c' || i)::uuid, 'n', i::text, CASE WHEN i % 20 = 0 THEN 'outbound' ELSE 'inbound' END,
  '139' || lpad((i % 300000)::text, 8, '0'), '138' || lpad((i % 300000)::text, 8, '0'), t, t, t, 'answered',
  CASE WHEN i % 200 = 0 THEN 'night' ELSE 'hotline' END, (1001 + i % 60)::text, 60,
  CASE WHEN i % 3 = 0 THEN 'agent' ELSE 'citizen' END, CASE WHEN i % 50 = 0 THEN 1 + i % 3 END
  FROM generate_series(1, $N) i, LATERAL (SELECT now() - i * interval '1 minute' AS t) x;
INSERT INTO leg (id, call_id, uniqueid, channel, party, number, started_at, answered_at, agent_no)
  SELECT md5('l' || linkedid)::uuid, id, '', '', 'agent', '', started_at, started_at, agent_no FROM call;
INSERT INTO recording (id, call_id, node, linkedid, part, state, duration_s, store_key, undeletable)
  SELECT md5('r' || linkedid)::uuid, id, 'n', linkedid, 1,
  CASE WHEN linkedid::int % 1000 = 0 THEN 'missing' ELSE 'complete' END, 20 + linkedid::int % 600, 'k',
  linkedid::int % 5000 = 0 FROM call;
INSERT INTO "case" (id, number, draft_id, state, disposition, account_id, title, citizen_name, citizen_number,
  contact_number, address, landmark, kind, category, description, wish, urgency, words, created_at)
  SELECT md5('k' || linkedid)::uuid, linkedid, md5('d' || linkedid)::uuid, 'accepted', 'open', (SELECT id FROM account),
  '', '', '', '', '', '', 'help', CASE WHEN linkedid::int % 30 = 0 THEN '0101' ELSE '0102' END, '', '', 'normal',
  CASE WHEN linkedid::int % 900000 = 0 THEN '极光 光' ELSE '路灯 灯' END::tsvector, started_at
  FROM call WHERE linkedid::int % 10 = 0;
INSERT INTO case_call (case_id, call_id) SELECT md5('k' || linkedid)::uuid, id FROM call WHERE linkedid::int % 10 = 0;
INSERT INTO score (id, recording_id, agent_no, form_id, account_id, answers, comment, total)
  SELECT md5('s' || linkedid)::uuid, id, '1001', (SELECT id FROM score_form), (SELECT id FROM account), '{}', '', 80
  FROM recording WHERE linkedid::int % 400 = 0;
ANALYZE;
"""

LONG_AGO = datetime.now(UTC) - timedelta(days=100)
QUESTIONS: dict[str, Wanted] = {
    "everything": Wanted(),
    "number": Wanted(numbers=tuple(forms("13900001234"))),
    "number nobody has": Wanted(numbers=tuple(forms("13799999999"))),
    "agent": Wanted(agent_no="1007"),
    "agent nobody is": Wanted(agent_no="9999"),
    "own, of a day": Wanted(own="1007", since=LONG_AGO, until=LONG_AGO + timedelta(days=1)),
    "queue of 1 in 200": Wanted(queue="night"),
    "a day": Wanted(since=LONG_AGO, until=LONG_AGO + timedelta(days=1)),
    "missing": Wanted(state="missing"),
    "short: there are none": Wanted(state="short"),
    "longer than all": Wanted(shortest_s=900),
    "evidence": Wanted(undeletable=True),
    "not satisfied": Wanted(satisfaction=3),
    "hung up by agency: none": Wanted(hung_up_by="outside"),
    "outbound": Wanted(direction="outbound"),
    "case number": Wanted(case_number="500000"),
    "category": Wanted(category="0101"),
    "frequent word": Wanted(words=query("路灯")),
    "rare word": Wanted(words=query("极光")),
    "word nobody wrote": Wanted(words=query("海啸")),
    "frequent word, rare agent": Wanted(words=query("路灯"), agent_no="9999"),
    "scored": Wanted(score=ScoreState.SCORED),
    "unscored": Wanted(score=ScoreState.UNSCORED),
    "appealed: none": Wanted(score=ScoreState.APPEALED),
    "danger: none": Wanted(danger=True),
}


async def measure(dsn: str) -> None:
    engine = make_engine(dsn)
    for name, wanted in QUESTIONS.items():
        took: list[float] = []
        after: Any = None
        for _ in range(3):  # three pages
            async with transaction(engine) as session:
                began = time.perf_counter()
                page = await find(session, wanted, after, 51)
                took.append((time.perf_counter() - began) * 1000)
            after = (page[-1].call.started_at, page[-1].recording.id) if page else None
            if len(page) < 51:
                break
        print(f"{name:28} {len(page):3} rows  " + "  ".join(f"{ms:7.1f} ms" for ms in took), flush=True)
    await engine.dispose()


async def main(calls: int) -> None:
    with tempfile.TemporaryDirectory(prefix="lxb") as home:
        Path(home).chmod(0o755)
        cluster = pg.Cluster(Path(home) / "data", pg.free_port(), "bench")
        pg.init(cluster)
        pg.start(cluster, fsync=False)
        try:
            await pg.ensure_database(cluster, "bench")
            await migrate(cluster.dsn_of("bench"))
            connection = await asyncpg.connect(cluster.dsn_of("bench"))
            began = time.perf_counter()
            await connection.execute(SEED.replace("$N", str(calls)))
            await connection.close()
            print(f"{calls} calls seeded in {time.perf_counter() - began:.0f} s", flush=True)
            await measure(cluster.dsn_of("bench"))
        finally:
            pg.stop(cluster, "immediate")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
