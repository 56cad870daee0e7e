"""`lianxin run`, `call` and `doctor` for real: PostgreSQL, Asterisk, cti, worker, api, a citizen and a telephone."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.error
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from models import cluster as pg
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import Telephone
from tests.cli.hotline import DeskClient, Hotline, hotline
from tests.support.eventually import eventually
from tests.support.pbx import test_asterisk as asterisk

pytestmark = [pytest.mark.db, pytest.mark.pbx, pytest.mark.timeout(300)]

ADDRESS = "127.0.18.1"


@pytest.fixture(scope="module")
def running() -> Iterator[Hotline]:
    """One that runs for several tests, each of which leaves it running."""
    with hotline(ADDRESS) as one:
        one.start()
        asyncio.run(one.ready())
        yield one
        one.interrupt()
        assert asyncio.run(one.ended()) == 0
        assert one.processes() == {}


async def query(one: Hotline, sql: str, *args: Any) -> Any:
    conn = await asyncpg.connect(one.dsn)
    try:
        return await conn.fetchval(sql, *args)
    finally:
        await conn.close()


@asynccontextmanager
async def signed_in(one: Hotline, *, seconds: float = 0) -> AsyncIterator[Telephone]:
    """Agent 1001 at seat 8001, ready, with a SIP telephone that answers at once."""
    desk = DeskClient(one)
    account = desk.sign_in("agent1", (one.var / "secrets/demo-password").read_text())
    seat = account["seat"]
    telephone = desk.ask("GET", "/agent/phone")["phones"]["telephone"]
    citizens = [f"127.0.18.{n}" for n in range(150, 160)]
    async with Carrier(asterisk(), target_address=one.address, addresses=citizens) as carrier:
        phone = await carrier.telephone(seat, telephone["secret"], say="这里是热线", seconds=seconds)
        await desk.command("agent.sign_in", seat=seat, phone="telephone")
        await desk.command("agent.ready")
        yield phone
        await desk.command("agent.sign_out")


async def test_it_says_where_to_go_and_is_healthy(running: Hotline) -> None:
    said = await running.ready()
    password = (running.var / "secrets/demo-password").read_text()
    for part in (running.url, password, "agent1", "supervisor", "admin", "auditor", "12345", "make call FROM="):
        assert part in said
    health = running.health()
    assert health["status"] == "ok"
    assert {part["state"] for part in health["parts"]} == {"ok"}


async def test_a_call_is_answered_and_told_as_it_happens(running: Hotline) -> None:
    async with signed_in(running, seconds=4):
        done = await running.said("call", "--from", "13912345678", "--say", "路灯不亮了", "--case-within", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    order = [
        "13912345678 calls 12345",
        "switch answered",
        "queued",
        "ringing: ",
        "answered by ",
        "the agent hung up",
        "recording: ",
    ]
    places = [done.stdout.find(part) for part in order]
    assert -1 not in places, done.stdout
    assert places == sorted(places), done.stdout
    assert "(1001)" in done.stdout
    row = await query(running, "SELECT outcome FROM call WHERE caller = '13912345678' ORDER BY started_at DESC LIMIT 1")
    assert row == "answered"


async def test_two_calls_at_once_follow_each_their_own(running: Hotline) -> None:
    """Of the same number: the first is answered, the second waits and hangs up."""
    async with signed_in(running, seconds=25):
        both = await asyncio.gather(
            running.said("call", "--from", "13900000002", "--seconds", "20", "--case-within", "0"),
            running.said("call", "--from", "13900000002", "--seconds", "20", "--case-within", "0"),
        )
    assert sorted(done.returncode for done in both) == [0, 3], [done.stdout + done.stderr for done in both]
    waited = next(done for done in both if done.returncode == 3)
    assert "queued, place" in waited.stdout
    assert "hung up while waiting" in waited.stdout
    assert await query(running, "SELECT count(*) FROM call WHERE caller = '13900000002'") == 2


async def test_a_call_that_nobody_takes_is_not_a_success(running: Hotline) -> None:
    done = await running.said("call", "--from", "13900000003", "--seconds", "60", "--case-within", "0")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "no agent is signed in" in done.stdout
    assert "answered by" not in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--from", "139\r\nX"), "--from is not a telephone number"),
        (("--from", "13900000004", "--to", "12345;rm"), "--to is not a telephone number"),
        (("--from", "13900000004", "--say", "a", "--wav", "b.wav"), "--say or --wav"),
        (("--from", "13900000004", "--wav", "/no/such.wav"), "/no/such.wav"),
    ],
)
async def test_a_wrong_argument_is_a_sentence(running: Hotline, words: tuple[str, ...], expected: str) -> None:
    done = await running.said("call", *words)
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_doctor_finds_it_well(running: Hotline) -> None:
    done = await running.said("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    for part in (
        "PostgreSQL",
        "Asterisk 22",
        "AMI is on loopback",
        "no anonymous",
        "cti is connected",
        "worker is well",
    ):
        assert part in done.stdout
    assert "✗" not in done.stdout
    assert "! The trunk 127.0.18.141:5060 does not answer" in done.stdout  # nobody plays the town


async def test_a_second_run_in_the_same_folder_is_one_sentence(running: Hotline) -> None:
    done = await running.said("run")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"process {running.process and running.process.pid}" in done.stderr


async def test_a_dead_part_comes_back_and_the_line_did_not_notice(running: Hotline) -> None:
    line, dead = running.child("asterisk"), running.child("cti")
    os.kill(dead, signal.SIGKILL)
    await eventually(lambda: running.child("cti") != dead, within_s=30)
    await eventually(lambda: "cti runs again" in running.output.read_text())
    assert "cti ended unexpectedly (signal 9)" in running.output.read_text()
    assert running.child("asterisk") == line
    assert psutil.pid_exists(line)


async def test_an_account_is_made_signs_in_and_gets_a_new_password(running: Hotline) -> None:
    def account(*words: str, password: str) -> subprocess.CompletedProcess[str]:
        command, environment = running.command(*words), running.environment
        return subprocess.run(
            command, env=environment, input=f"{password}\n", capture_output=True, text=True, check=False
        )

    words = ("account-add", "li.na", "--role", "auditor", "--name", "李娜")
    short = await asyncio.to_thread(account, *words, password="short")
    assert (short.returncode, short.stdout) == (1, "")
    made = await asyncio.to_thread(account, *words, password="a-long-password")
    assert made.returncode == 0, made.stderr
    assert DeskClient(running).sign_in("li.na", "a-long-password")["role"] == "auditor"
    again = await asyncio.to_thread(account, *words, password="a-long-password")
    assert again.returncode == 1
    changed = await asyncio.to_thread(account, "account-password", "li.na", password="another-password")
    assert changed.returncode == 0, changed.stderr
    with pytest.raises(urllib.error.HTTPError, match="401"):
        DeskClient(running).sign_in("li.na", "a-long-password")
    assert DeskClient(running).sign_in("li.na", "another-password")["display_name"] == "李娜"


async def test_the_audit_is_whole_and_a_changed_row_shows(running: Hotline) -> None:
    done = await running.said("audit-verify")
    assert done.returncode == 0, done.stdout + done.stderr
    await query(running, "ALTER TABLE audit DISABLE TRIGGER USER")
    await query(running, "UPDATE audit SET subject = 'somebody else' WHERE id = (SELECT min(id) FROM audit)")
    done = await running.said("audit-verify")
    assert done.returncode == 1
    assert "changed or removed" in done.stderr


# ── starting and stopping: each test has a hotline of its own ───────────────────────────────────────────────────────


@pytest.fixture
def stopped() -> Iterator[Hotline]:
    with hotline("127.0.18.2") as one:
        yield one


async def test_ctrl_c_leaves_nothing_running_and_the_next_start_finds_all_data(stopped: Hotline) -> None:
    stopped.start()
    first = await stopped.ready()
    await query(stopped, "UPDATE account SET display_name = '王芳' WHERE login = 'agent1'")
    stopped.interrupt()
    assert await stopped.ended() == 0
    assert stopped.processes() == {}
    stopped.start()
    second = await stopped.ready()
    took = re.search(r"took ([\d.]+) s", second)
    assert took is not None
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # the promise is for a machine of our own
    assert float(took[1]) < 15 * busy
    assert "王芳" in second
    password = re.search(r"password (\S+)", first)
    assert password is not None
    assert password[0] in second
    stopped.interrupt()
    assert await stopped.ended() == 0
    assert stopped.processes() == {}


async def test_a_part_that_hangs_and_a_second_ctrl_c_change_nothing(stopped: Hotline) -> None:
    stopped.start()
    await stopped.ready()
    os.kill(stopped.child("worker"), signal.SIGSTOP)
    stopped.interrupt()
    await eventually(lambda: "Stopping" in stopped.output.read_text())
    stopped.interrupt()
    assert await stopped.ended() == 0
    assert stopped.processes() == {}
    assert "worker did not stop in time" in stopped.output.read_text()
    assert "Traceback" not in stopped.output.read_text()


async def test_after_kill_9_the_children_go_and_the_next_run_starts(stopped: Hotline) -> None:
    stopped.start()
    await stopped.ready()
    names = {name: stopped.child(name) for name in ("asterisk", "cti", "worker", "api")}
    assert stopped.process is not None
    stopped.process.kill()
    stopped.process.wait()
    await eventually(lambda: not set(names.values()) & set(stopped.processes()))
    stopped.start()
    await stopped.ready()
    stopped.interrupt()
    assert await stopped.ended() == 0
    assert stopped.processes() == {}


@pytest.mark.parametrize(
    ("kind", "port", "setting"),
    [
        (socket.SOCK_STREAM, 8000, "LIANXIN_API_PORT"),
        (socket.SOCK_DGRAM, 5060, "LIANXIN_PBX_SIP_PORT"),
        (socket.SOCK_STREAM, 8088, "LIANXIN_PBX_HTTP_PORT"),
    ],
)
async def test_a_taken_port_is_one_sentence(stopped: Hotline, kind: socket.SocketKind, port: int, setting: str) -> None:
    with socket.socket(socket.AF_INET, kind) as mine:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # an earlier test's connections may linger
        mine.bind((stopped.address, port))
        if kind is socket.SOCK_STREAM:
            mine.listen()
        stopped.start()
        assert await stopped.ended() == 1
    told = [line for line in stopped.output.read_text().splitlines() if str(port) in line]
    assert len(told) == 1
    assert f"process {os.getpid()}" in told[0]
    assert setting in told[0]
    assert stopped.processes() == {}


async def test_interrupted_while_starting_leaves_nothing(stopped: Hotline) -> None:
    stopped.start()
    await eventually(lambda: stopped.processes().keys() - {stopped.process and stopped.process.pid}, within_s=30)
    stopped.interrupt()
    assert await stopped.ended() == 0
    assert stopped.processes() == {}


async def test_a_call_to_a_hotline_that_does_not_run_says_so(stopped: Hotline) -> None:
    done = await stopped.said("call", "--from", "13912345678")
    assert done.returncode == 1
    assert "make run" in done.stderr
    assert "Traceback" not in done.stderr


async def test_the_doctor_of_a_hotline_that_does_not_run_says_what_to_do(stopped: Hotline) -> None:
    done = await stopped.said("doctor")
    assert done.returncode == 1
    assert "✗ The database does not answer" in done.stdout
    assert "make run" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a folder that the service user cannot enter")
async def test_as_root_below_a_folder_that_only_root_can_enter() -> None:
    """PostgreSQL refuses to be root, and the user it becomes instead cannot walk to its data."""
    private = Path("/root/.lianxin-test")
    private.mkdir(mode=0o700, exist_ok=True)
    try:
        with hotline("127.0.18.3", private / "var") as one:
            one.start()
            await one.ready()
            assert await query(one, "SELECT count(*) FROM account") > 0
            one.interrupt()
            assert await one.ended() == 0
            assert one.processes() == {}
    finally:
        shutil.rmtree(private)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take over another user's cluster")
def test_root_serves_a_cluster_as_the_user_who_made_it() -> None:
    """First `make run`, then `sudo make run`."""
    home = Path(tempfile.mkdtemp(prefix="lxown", dir="/tmp"))
    home.chmod(0o755)
    cluster = pg.Cluster(home / "data", pg.free_port(), "secret")
    nobody = pwd.getpwnam("nobody")
    cluster.data.mkdir(mode=0o700)
    os.chown(cluster.data, nobody.pw_uid, nobody.pw_gid)
    try:
        assert pg.init(cluster)
        pg.start(cluster)
        postmaster = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        assert psutil.Process(postmaster).uids().real == nobody.pw_uid
    finally:
        pg.stop(cluster, "immediate")
        shutil.rmtree(home)
