"""A million cases and their calls in a database, by COPY: ``python -m bench.seed DSN [--cases 1000000]``.

Seeded: the same numbers give the same rows. Texts are put together from phrases, so that frequent words (路灯) stand in
tens of thousands of cases and rare ones (a pole's number) in one. The word index is dropped while loading.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg

from cases import catalogue
from cases.words import tokens

STREETS = [
    "朝阳", "解放", "人民", "中山", "和平", "建设", "文化", "胜利", "青年", "新华", "泉城", "经十", "历山",
    "花园", "工业", "北园", "英雄山", "千佛山", "舜耕", "二环",
]  # fmt: skip
KINDS = [
    "路", "街", "大街", "巷", "小区", "社区",
]  # fmt: skip
TROUBLES = [
    "路灯不亮", "井盖破损", "停水三天", "暖气不热", "垃圾无人清运", "工地夜间施工噪声", "占道经营",
    "物业不作为", "电梯故障停运", "拖欠农民工工资", "公交车不准点", "违章建筑", "油烟扰民", "下水道堵塞",
    "路面坑洼", "医保报销咨询", "学区划分咨询", "预付卡不退费", "燃气泄漏", "停车位被占", "信号灯故障",
    "树木遮挡", "流浪狗伤人", "宽带断网",
]  # fmt: skip
DETAILS = [
    "市民反映该情况已经持续多日", "老人夜间出行不便", "多次联系未解决", "希望尽快处理", "附近有学校和幼儿园",
    "影响正常生活", "曾拨打热线反映过", "承诺三天内解决但未兑现", "天气转冷居民意见较大", "物业称不归其管理",
    "要求回电告知结果", "已造成车辆受损",
]  # fmt: skip
SURNAMES = "张王李赵刘陈杨黄周吴徐孙马朱胡林郭何高罗"
CASE_COLUMNS = [
    "id", "number", "draft_id", "state", "disposition", "agent_no", "account_id", "created_at", "title", "citizen_name",
    "citizen_number", "contact_number", "address", "landmark", "district", "kind", "category", "description", "wish",
    "confidential", "wants_answer", "urgency", "words",
]  # fmt: skip
ACCOUNT = uuid.UUID(int=7)
FIRST_CITIZEN = 13_900_000_000


def citizen(rng: random.Random) -> str:
    """Most people call once or twice, some every week."""
    crowd = 300 if rng.random() < 0.02 else 600_000
    return str(FIRST_CITIZEN + rng.randrange(crowd))


def phrase_tokens() -> dict[str, str]:
    """The tokens of every phrase, made once; a case's vector is their union."""
    names, places = (f"{s}先生" for s in SURNAMES), (s + k for s in STREETS for k in KINDS)
    phrases = itertools.chain(TROUBLES, DETAILS, places, names)
    return {p: " ".join(tokens(p)) for p in phrases}


def case_lines(count: int, rng: random.Random, until: datetime) -> Iterator[bytes]:
    """Lines of COPY's text format, oldest first. No value of ours needs escaping."""
    known = phrase_tokens()
    step = timedelta(days=900) / max(count, 1)
    day, counted = "", 0
    for n in range(count):
        at = until - step * (count - n)
        if (today := at.strftime("%Y%m%d")) != day:
            day, counted = today, 0
        counted += 1
        street, kind, trouble = rng.choice(STREETS), rng.choice(KINDS), rng.choice(TROUBLES)
        details, name = rng.sample(DETAILS, 3), rng.choice(SURNAMES) + "先生"
        pole = f"gd{n}"
        words = " ".join([known[street + kind], known[trouble], *(known[d] for d in details), known[name], pole])
        closed = rng.random() < 0.8
        row = [
            str(uuid.UUID(int=rng.getrandbits(128), version=4)), f"{day}-{counted:06d}",
            str(uuid.UUID(int=rng.getrandbits(128), version=4)), "closed" if closed else "accepted",
            "answered_on_spot" if closed else "open", f"10{rng.randrange(60):02d}", str(ACCOUNT), at.isoformat(),
            f"{street}{kind}{trouble}", name, citizen(rng), "", f"{street}{kind}{rng.randrange(300)}号", pole,
            "370102", "help", "0301", "，".join(details) + "。", "尽快处理", "f", "t", "normal", words,
        ]  # fmt: skip
        yield ("\t".join(row) + "\n").encode()


def call_lines(count: int, rng: random.Random, until: datetime) -> Iterator[bytes]:
    step = timedelta(days=900) / max(count, 1)
    for n in range(count):
        at = until - step * (count - n)
        call_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        row = [
            call_id, "seed", f"seed-{n}", "inbound", citizen(rng), "12345", at.isoformat(), at.isoformat(),
            (at + timedelta(minutes=3)).isoformat(), "answered", f"10{rng.randrange(60):02d}", "8001", "4.5", "170",
        ]  # fmt: skip
        yield ("\t".join(row) + "\n").encode()


CALL_COLUMNS = [
    "id", "node", "linkedid", "direction", "caller", "called", "started_at", "answered_at", "ended_at", "outcome",
    "agent_no", "seat", "wait_s", "talk_s",
]  # fmt: skip


class _Source:
    """What asyncpg's COPY reads: an asynchronous iterator of large pieces."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def __aiter__(self) -> _Source:
        return self

    async def __anext__(self) -> bytes:
        piece = b"".join(itertools.islice(self._lines, 2000))
        if not piece:
            raise StopAsyncIteration
        return piece


async def seed(dsn: str, cases: int = 1_000_000, calls: int | None = None, number: int = 1) -> float:
    """Load; returns the seconds it took. An account that owns the cases and the catalogue are made where missing."""
    began = time.monotonic()
    if number_seeded := await _seeded(dsn):
        raise SystemExit(f"there are {number_seeded:,} seeded cases already: give an empty database")
    rng, until = random.Random(number), datetime.now(UTC)
    await catalogue.seed(dsn)
    conn = await asyncpg.connect(dsn, command_timeout=1800)
    try:
        await conn.execute(
            "INSERT INTO account (id, login, display_name, role, password_hash, active)"
            " VALUES ($1, 'seed', 'Seed', 'agent', '', false) ON CONFLICT DO NOTHING",
            ACCOUNT,
        )
        await conn.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
            # Four foreign keys a row are most of the time, and the rows are right by construction.
            await conn.execute("SET session_replication_role = replica")
        await conn.execute("DROP INDEX ix_case_words")
        # The words are given as text: the union of phrases' tokens, repeated ones fall together in the cast.
        await _copy(conn, "case", CASE_COLUMNS, case_lines(cases, rng, until))
        await _copy(conn, "call", CALL_COLUMNS, call_lines(cases if calls is None else calls, rng, until))
        await conn.execute('CREATE INDEX ix_case_words ON "case" USING gin (words)')
        await conn.execute("VACUUM ANALYZE")
    finally:
        await conn.close()
    return time.monotonic() - began


async def _seeded(dsn: str) -> int:
    conn = await asyncpg.connect(dsn)
    try:
        found: int = await conn.fetchval('SELECT count(*) FROM "case" WHERE account_id = $1', ACCOUNT)
        return found
    finally:
        await conn.close()


async def _copy(conn: asyncpg.Connection, table: str, columns: list[str], lines: Iterator[bytes]) -> None:
    await conn.copy_to_table(table, source=_Source(lines), columns=columns, format="text", timeout=1800)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dsn")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=None)
    asked = parser.parse_args()
    print(f"{asked.cases:,} cases in {asyncio.run(seed(asked.dsn, asked.cases, asked.calls)):.1f} s")


if __name__ == "__main__":
    main()
