"""Asterisk's files turned over by logrotate with the file that docs/install.md gives, in the middle of calls."""

from __future__ import annotations

import asyncio
import getpass
import grp
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.settling import hung_up, settled
from tests.support.eventually import eventually
from tests.support.house import House, house, open_desk, with_rotated
from tests.support.pbx import PROJECT
from tests.support.sipp import FOREVER_MS, Plan, Sipp

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db]
PBX = "127.0.16.1"
CALLS = 30
RELOAD = re.compile(r'env LIANXIN_VAR=\S+ \S+/lianxin pbx-cli "logger reload"')


@pytest.mark.timeout(240)
async def test_no_call_is_lost_while_the_journal_is_rotated() -> None:
    """cel.csv in the rush; everything while all talk: Asterisk itself loses a line of queue_log as it reopens it."""
    plans = [Plan(str(13_900_000_000 + n), FOREVER_MS, 300, 9_000 + 100 * n) for n in range(2 * CALLS)]
    async with house(PBX, seats=CALLS + 5) as h:
        everything, journal = turning(h)
        h.start("cti")
        h.start("worker")
        await h.connected()
        await asyncio.to_thread(open_desk, h, plans)
        first = h.town.call(plans[:CALLS], 5, name="first")
        await eventually(lambda: _told(h, "connected") >= 5, 30)
        await asyncio.to_thread(turn_over, journal)
        await _all_talk(h, first, CALLS)
        await asyncio.to_thread(turn_over, everything)
        h.kill("cti")  # it sees the next two only afterwards
        await hung_up(first, 60)
        second = h.town.call(plans[CALLS:], 5, name="second", host=131)
        await eventually(lambda: _told(h, "connected") >= CALLS + 5, 30)
        await asyncio.to_thread(turn_over, journal)
        await _all_talk(h, second, 2 * CALLS)
        await asyncio.to_thread(turn_over, everything)
        h.start("cti")
        await hung_up(second, 60)
        verdict = await settled(h, calls=2 * CALLS)
        _turned(h)
    assert verdict.outcomes == {"answered": 2 * CALLS}, verdict


async def _all_talk(h: House, calls: Sipp, connected: int) -> None:
    await eventually(lambda: _told(h, "connected") == connected, 30)
    assert calls.running


def _told(h: House, event: str) -> int:
    return sum(log.read_text().count(f"{event}|") for log in h.town.logs if log.exists())


def _turned(h: House) -> None:
    settings = h.pbx.settings
    for path, times in ((settings.cel_file, 4), (settings.queue_log_file, 2), (settings.log / "messages.log", 2)):
        assert len(with_rotated(path)) == times + 1, f"{path.name} was turned over less often"
        assert path.exists(), f"Asterisk did not go on in a new {path.name}"
    assert not re.search("journal file (vanished|truncated)", h.log_of("cti"))


def turning(h: House) -> tuple[Path, Path]:
    """deploy/logrotate with this test's folder, user and Asterisk in place of production's: all of it, cel.csv's part.

    Messages are turned over unpacked here, so that they can be counted.
    """
    settings, text = h.pbx.settings, (PROJECT / "deploy" / "logrotate").read_text()
    text, changed = re.subn(r"/var/lib/lianxin/pbx/log", str(settings.log), text)
    assert changed == 4
    asterisk = shlex.join([*h.pbx.asterisk.command, "-C", str(settings.etc / "asterisk.conf"), "-rx", "logger reload"])
    text, changed = RELOAD.subn(lambda _: asterisk, text)
    assert changed == 2
    text = text.replace("su lianxin lianxin", f"su {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name}")
    found = []
    for name, part in (("everything", text.replace("    compress\n", "")), ("journal", text[: text.index("}") + 2])):
        found.append(h.home / f"{name}.logrotate")
        found[-1].write_text(part)
        found[-1].chmod(0o600)
    with (settings.log / "messages.log").open("a") as messages:
        messages.write("something to turn over\n")
    return found[0], found[1]


def turn_over(conf: Path) -> None:
    program = shutil.which("logrotate", path="/usr/sbin:/usr/bin")
    assert program, "logrotate is needed here: install the package logrotate"
    state = conf.with_name("logrotate.state")
    done = subprocess.run([program, "--force", "--state", state, conf], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
