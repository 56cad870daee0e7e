"""Starting, crashing, restarting and stopping real Asterisks."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from pbx_config import contract
from pbx_config.carrier_link import CarrierLink, Event
from pbx_config.errors import CommandFailed, PortTaken, StartFailed
from pbx_config.pbx import Pbx
from pbx_config.process import parse_version
from tests.pbx_config import journal
from tests.support.eventually import eventually
from tests.support.pbx import (
    asterisk_for_tests,
    pbx_settings,
    queue_add,
    running_carrier,
    running_pbx,
    seat_secret,
    short_folder,
)

pytestmark = pytest.mark.pbx
ADDRESS = "127.0.10.3"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5", (20, 6, 0)),
        ("Asterisk certified/20.7-cert4", (20, 7, 0)),
        ("Asterisk 23.0", (23, 0, 0)),
        ("bash: asterisk: not found", None),
    ],
)
def test_versions_are_read(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse_version(text) == version


def test_it_starts_cleanly_and_leaves_nothing() -> None:
    begun = time.monotonic()
    with running_pbx(ADDRESS) as pbx:
        assert time.monotonic() - begun < 15
        pid = pbx.process.pid
        assert pid is not None
        log = (pbx.settings.log / "messages.log").read_text()
        assert not [row for row in log.splitlines() if "ERROR" in row or "WARNING" in row]
        loaded = pbx.cli("module show")
        for name in ("chan_pjsip", "app_queue", "app_mixmonitor", "app_confbridge", "cel_custom", "res_srtp"):
            assert f"{name}.so" in loaded
        for application in ("Queue", "MixMonitor", "Playback", "CELGenUserEvent", "ExecIf", "Echo"):
            assert "is not registered" not in pbx.cli(f"core show application {application}")
    assert not psutil.pid_exists(pid)


async def test_members_pauses_and_registrations_survive_a_crash() -> None:
    with running_pbx(ADDRESS, quick_notice=True) as pbx:
        async with running_carrier(pbx) as carrier:
            await carrier.telephone("8001", seat_secret(pbx, "8001"), answer_after_s=0, seconds=1)
            queue_add(pbx, "8001", "1001")
            queue_add(pbx, "8002", "1002")
            pbx.cli("queue pause member PJSIP/8002 queue hotline reason break+wrap-up")
            await eventually(lambda: "break+wrap-up" in astdb(pbx))  # Asterisk commits its database every second
            pbx.process.kill()
            begun = time.monotonic()
            pbx.start()
            assert time.monotonic() - begun < 10
            assert sorted(journal.members(pbx)) == ["PJSIP/8001", "PJSIP/8002"]
            rows = {r.split("(")[0].strip(): r for r in pbx.cli("queue show hotline").splitlines() if "PJSIP/" in r}
            assert "paused" not in rows["1001"]
            assert "paused:break+wrap-up" in rows["1002"]
            call = await carrier.place("13912341001")
            assert (await call.ended()).by_line
            await eventually(lambda: ("COMPLETEAGENT", "1001") in journal.queue_log(pbx, "13912341001"))


def astdb(pbx: Pbx) -> str:
    """What a crash would leave of the queue's members."""
    with closing(sqlite3.connect(pbx.settings.db / "astdb.sqlite3")) as database:
        rows = database.execute("SELECT value FROM astdb WHERE key LIKE '/Queue/PersistentMembers/%'").fetchall()
    return ";".join(value for (value,) in rows)


def test_a_taken_port_is_named() -> None:
    with short_folder() as home, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind((ADDRESS, 5060))
        pbx = Pbx(pbx_settings(ADDRESS, home), asterisk_for_tests())
        with pytest.raises(PortTaken, match=r"UDP port 5060 on 127\.0\.10\.3") as caught:
            pbx.start()
        assert caught.value.fields["port"] == 5060


def test_a_broken_configuration_is_explained_with_its_log() -> None:
    with short_folder() as home:
        pbx = Pbx(pbx_settings(ADDRESS, home), asterisk_for_tests())
        pbx.prepare()
        (pbx.settings.etc / "modules.conf").unlink()
        with pytest.raises(StartFailed, match=r"modules\.conf"):
            pbx.start()
        assert not pbx.process.running
        with pytest.raises(CommandFailed):
            pbx.cli("core show version")


async def asterisk_for_tests_dies_with_its_parent() -> None:
    with short_folder() as home:
        script = (
            "import signal, pathlib\n"
            "from pbx_config.pbx import Pbx\n"
            "from tests.support.pbx import pbx_settings, seed_prompts, asterisk_for_tests\n"
            f"pbx = Pbx(pbx_settings({ADDRESS!r}, pathlib.Path({str(home)!r})), asterisk_for_tests())\n"
            "seed_prompts(pbx.settings.data); pbx.prepare(); pbx.start()\n"
            "print('pid', pbx.process.pid, flush=True)\n"
            "signal.pause()\n"
        )
        parent = subprocess.Popen(  # noqa: ASYNC220 - returns at once
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        try:
            assert parent.stdout is not None
            pid = int(next(row for row in parent.stdout if row.startswith("pid")).split()[1])
            assert psutil.pid_exists(pid)
        finally:
            os.kill(parent.pid, signal.SIGKILL)
            parent.wait()
            assert parent.stdout is not None
            parent.stdout.close()
        await eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


async def test_changed_settings_reach_a_running_asterisk() -> None:
    with running_pbx(ADDRESS) as pbx:
        object.__setattr__(pbx.settings.queue, "max_waiting", 7)
        assert {p.name for p in pbx.apply()} == {"queues.conf", "extensions.conf"}
        await eventually(lambda: "(max 7)" in pbx.cli("queue show hotline"))
        assert pbx.apply() == []
        object.__setattr__(pbx.settings.queue, "max_waiting", 100)


async def test_manager_users_hear_and_may_what_the_contract_says() -> None:
    with running_pbx(ADDRESS, quick_notice=True) as pbx:
        heard: list[Event] = []
        cti, doctor = CarrierLink(heard.append), CarrierLink(lambda event: None)
        for link, user in ((cti, contract.AmiUser.CTI), (doctor, contract.AmiUser.DOCTOR)):
            await link.open(pbx.settings.address, pbx.settings.ami_port, user, pbx.settings.ami_secrets[user])
        try:
            await eventually(lambda: "FullyBooted" in {e["Event"] for e in heard})
            member = {"Queue": "hotline", "Interface": "PJSIP/8001"}
            await cti.ask("QueueAdd", member | {"MemberName": "1001", "StateInterface": "PJSIP/8001"})
            with pytest.raises(CommandFailed, match="Permission denied"):
                await doctor.ask("QueueRemove", member)
            with pytest.raises(CommandFailed, match="Permission denied"):
                await doctor.ask("Originate", {"Channel": "PJSIP/8001", "Exten": "1"})
            for action in ("Command", "UpdateConfig"):
                with pytest.raises(CommandFailed, match="Permission denied"):
                    await cti.ask(action, {"Command": "core show version", "Channel": "PJSIP/8001"})
            async with running_carrier(pbx) as carrier:
                await (await carrier.place("13912341002", seconds=3)).ended()
            await eventually(lambda: "QueueCallerAbandon" in {e["Event"] for e in heard})
            names = {e["Event"] for e in heard}
            assert names >= {"Newchannel", "QueueCallerJoin", "QueueMemberAdded", "Hangup"}
            assert names.isdisjoint(contract.AMI_EVENTS_EXCLUDED)
            # FullyBooted is written by the manager itself, without a time.
            assert not [e for e in heard if "Timestamp" not in e and e["Event"] != "FullyBooted"]
        finally:
            await cti.close()
            await doctor.close()
