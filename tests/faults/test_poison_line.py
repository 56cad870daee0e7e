"""Lines that nobody can read, in the real journal while calls run: set aside with their reason, nothing else stops."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from random import Random

import pytest

from tests.faults.nemesis import Nemesis
from tests.faults.settling import hung_up, settled
from tests.support.house import house, open_desk
from tests.support.sipp import Mix, plan_calls

PBX = "127.0.16.1"
SEED = 11
CEL_POISON = (
    b'"CHAN_START","not a time","139","12345","from-trunk","PJSIP/trunk-1","","","t16-1.1","t16-1.1","","",""\n',
    b"\x00\xff\xfe no line of anybody's\n",
    b'"HANGUP","1795417987.5"\n',
    b'"ANSWER","1795417987.5","1390000\xc3\x28","s","line","PJSIP/trunk-1","","","t16-1.2","t16-1.2","","","{""a"":}"\n',
)
QUEUE_POISON = (b"yesterday|t16-1.1|hotline|NONE|ENTERQUEUE||139|1\n", b"|||\n")


@pytest.mark.fault
@pytest.mark.pbx
@pytest.mark.db
@pytest.mark.timeout(120)
async def test_poison_lines_while_calls_run() -> None:
    plans = plan_calls(SEED, 40, Mix(talk_ms=(1000, 3000)))
    async with house(PBX, seats=50) as h:
        h.start("cti")
        h.start("worker")
        await h.connected()
        await asyncio.to_thread(open_desk, h, plans)
        nemesis = Nemesis(Random(SEED))
        files = (h.pbx.settings.cel_file, CEL_POISON), (h.pbx.settings.queue_log_file, QUEUE_POISON)
        for path, lines in files:
            for line in lines:
                nemesis.plan("poison", (1, 8), lambda p=path, text=line: _append(p, text))
        calls = h.town.call(plans, 5)
        await nemesis.run()
        await hung_up(calls, 40)
        poison = len(CEL_POISON) + len(QUEUE_POISON)
        verdict = await settled(h, calls=40, dead_letters=poison)
        letters = await h.fetch("SELECT source, reason, raw FROM dead_letter ORDER BY id")
    assert verdict.outcomes["answered"] > 20
    assert {bytes(r["raw"]).rstrip(b"\n") for r in letters} == {p.rstrip(b"\n") for p in CEL_POISON + QUEUE_POISON}
    assert all(r["reason"] for r in letters)


def _append(path: Path, text: bytes) -> None:
    """One write with O_APPEND: as Asterisk's own, it comes between lines, never inside one."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)
