"""F1, F2, F11, F13, F14 on the real parts: screens are told the truth, and it is the PBX's."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from models import cluster as pg
from tests.cti.stage import Stage, cti_process
from tests.cti.tcp_proxy import TcpProxy
from tests.support.eventually import eventually

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def node_is(on: Stage, *, connected: bool, within_s: float) -> dict[str, object]:
    async def told() -> dict[str, object] | None:
        body = (await on.live("node")).get(on.pbx.settings.node)
        return body if body and body["connected"] is connected else None

    found: dict[str, object] = await eventually(told, within_s, 0.02)
    return found


async def test_f13_killed_in_the_middle_of_a_call(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0) as first:
        await on.working()
        citizen, seat = await on.talking()
        on.seats["8001"].hold(seat)
        before_call, before_agent = await on.call_is("held"), await on.agent("1001")
        first.kill()
        await first.wait()
    epoch = await on.conn.fetchval("SELECT max(seq) FROM feed")
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0):
        await eventually(lambda: on.conn.fetchval("SELECT max(seq) > $1 FROM feed WHERE topic = 'node'", epoch), 30)
        await on.working()
        assert await on.call_is("held") == before_call, "also since, answered_at, held_since"
        assert await on.agent("1001") == before_agent
        changed = await on.conn.fetch("SELECT topic FROM feed WHERE seq > $1 AND topic IN ('call','agent')", epoch)
        assert changed == [], "what did not change is not published again"
        on.citizen.hang_up(citizen)
        assert (await on.call_is("ended"))["hung_up_by"] == "citizen"
        await on.agent_is("1001", "wrap_up")


async def test_f13_the_call_ended_while_cti_was_dead(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0) as first:
        await on.working()
        citizen, _ = await on.talking()
        first.kill()
        await first.wait()
    on.citizen.hang_up(citizen)
    await eventually(lambda: "0 active calls" in on.pbx.cli("core show channels"))
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0):
        assert (await on.call_is("ended"))["hung_up_by"] is None, "nobody watched: not guessed"
        await on.agent_is("1001", "wrap_up")
        assert "paused:wrap-up" in on.members()


async def test_wrap_up_ends_at_its_limit_also_for_the_next_cti(on: Stage) -> None:
    limit_s = 25.0
    async with cti_process(on.pbx, on.dsn, wrap_up_s=limit_s) as first:
        await on.working()
        citizen, _ = await on.talking()
        on.citizen.hang_up(citizen)
        until = datetime.fromisoformat((await on.agent_is("1001", "wrap_up"))["wrap_up_until"])
        first.kill()
        await first.wait()
    await on.conn.execute("DELETE FROM live")  # nothing to remember but what the PBX says
    await eventually(lambda: datetime.now(UTC) > until - timedelta(seconds=limit_s - 4), 20)
    async with cti_process(on.pbx, on.dsn, wrap_up_s=limit_s):
        await on.agent_is("1001", "wrap_up", within_s=20)
        working_at = datetime.now(UTC)
        await on.agent_is("1001", "ready", within_s=40)
        ended_at = datetime.now(UTC)
        assert ended_at > until - timedelta(seconds=1.5), "the PBX's own stamp has whole seconds"
        assert ended_at < working_at + timedelta(seconds=limit_s - 1), "counted from the pause, not from the restart"
        assert "paused" not in on.members()


async def test_f1_cut_in_mid_event_again_and_again(on: Stage) -> None:
    proxy = await TcpProxy(on.pbx.settings.address, on.pbx.settings.ami_port, "127.0.11.3", seed=7).start()
    proxy.cut_after = (8_000, 24_000)
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0, ami_host="127.0.11.3", ami_port=proxy.port):
        await on.working()
        phone = await on.telephone("8001")
        on.pbx.cli("queue add member PJSIP/8001 to hotline penalty 0 as 1001 state_interface PJSIP/8001")

        def rings() -> bool:
            on.pbx.cli("queue unpause member PJSIP/8001")  # a cti that was cut off in its pausing may pause once more
            return bool(phone.active)

        for _ in range(3):
            citizen = on.citizen.call("12345", "13912345678")
            await eventually(rings, 20, every_s=0.5)
            phone.answer(phone.active[0])
            await on.call_is("talking")
            on.citizen.hang_up(citizen)
            await on.agent_is("1001", "wrap_up")
            await eventually(lambda: "paused:wrap-up" in on.members())
        proxy.cut_after = None
        assert proxy.cuts >= 3
        await node_is(on, connected=True, within_s=10)
    await proxy.stop()


async def test_f2_half_open_is_noticed_and_said(on: Stage) -> None:
    proxy = await TcpProxy(on.pbx.settings.address, on.pbx.settings.ami_port, "127.0.11.3").start()
    async with cti_process(on.pbx, on.dsn, ami_host="127.0.11.3", ami_port=proxy.port):
        await on.working()
        await on.sign_in()
        asked_at = datetime.now(UTC)
        proxy.silence(on=True)
        command = await on.ask("agent.ready", deadline_s=20)
        body = await node_is(on, connected=False, within_s=10)
        assert body["reason"] == "ami.silent"
        assert (datetime.now(UTC) - asked_at).total_seconds() <= 5.5
        assert (await on.end_of(command))[0] == "unknown"
        assert await on.do("agent.pause", reason="lunch") == ("refused", "pbx.unavailable")
        proxy.silence(on=False)
        await node_is(on, connected=True, within_s=15)
        assert await on.do("agent.pause", reason="lunch") == ("succeeded", None)
        assert re.search(r"paused:lunch", on.members())
    await proxy.stop()


async def test_f8_a_wrong_secret_is_said_and_mends_itself(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn, ami_secret="not-the-secret"):

        async def refused() -> bool:
            return (await on.live("node")).get(on.pbx.settings.node, {}).get("reason") == "ami.refused"

        await eventually(refused, 30)


async def test_f11_the_database_is_away_and_cti_works_on(on: Stage, pg_cluster: pg.Cluster) -> None:
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0) as cti:
        await on.working()
        phone = await on.ready()
        pg.stop(pg_cluster, "immediate")
        try:
            citizen = on.citizen.call("12345", "13912345678")
            await eventually(lambda: phone.active, 20)
            phone.answer(phone.active[0])
            await eventually(lambda: "(in call)" in on.members())  # the citizen himself is "up" since the notice
            on.citizen.hang_up(citizen)
            await eventually(lambda: "paused:wrap-up" in on.members(), 10)
        finally:
            pg.start(pg_cluster, fsync=False)
        on.conn = await asyncpg.connect(on.dsn)
        await on.agent_is("1001", "wrap_up", within_s=15)
        assert await on.conn.fetchval("SELECT count(*) FROM feed WHERE topic = 'resync'") >= 1
        assert await on.do("agent.wrap_up_end") == ("succeeded", None)
        assert cti.returncode is None


async def test_f14_a_second_cti_waits_and_takes_over(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn) as first:
        await on.working()
        async with cti_process(on.pbx, on.dsn):
            locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7301 AND granted"
            sessions = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock%'"
            await eventually(lambda: _at_least(on, sessions, 2))
            assert await on.conn.fetchval(locks) == 1
            assert on.pbx.cli("manager show connected").count("cti") == 1
            first.kill()
            await first.wait()
            await eventually(lambda: on.pbx.cli("manager show connected").count("cti") == 1, 30)
            await on.sign_in()


async def _at_least(on: Stage, sql: str, count: int) -> bool:
    return bool(await on.conn.fetchval(sql) >= count)


async def test_a_stop_ends_all_of_it(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn) as cti:
        await on.working()
        cti.terminate()
        assert await asyncio.wait_for(cti.wait(), 5) == 0
