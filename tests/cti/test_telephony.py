"""Tables → the PBX's telephones and trunks while calls go on; and the same PBX alone after its own restart."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from cases import telephony, trunk_versions
from cases.telephony import TrunkChange
from models.db import make_engine, transaction
from pbx_config import contract
from pbx_config.pbx import Pbx
from pbx_config.telephony import TRUNKS_FILE, TrunkLine, secrets_in
from tests.cti.stage import Stage, cti_process, stage
from tests.support.carrier_peer import carrier_peer
from tests.support.eventually import eventually
from tests.support.sip_phone import SipPhone

pytestmark = [pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

PEER, OTHER = "127.0.11.60", "127.0.11.61"  # outside the first trunk's network
NUMBER = "13912345678"


async def changed(conn: asyncpg.Connection, statement: str, *values: Any) -> None:
    """As the API does: the change and the new version in one transaction."""
    async with conn.transaction():
        await conn.execute(statement, *values)
        await conn.execute("UPDATE telephony SET version = version + 1")


async def given_seats(on: Stage) -> None:
    """The tables say what the PBX was rendered with."""
    rows = [(s.seat, s.browser_secret, s.telephone_secret) for s in on.pbx.settings.seats]
    await on.conn.executemany(
        "INSERT INTO seat (seat, label, browser_secret, telephone_secret) VALUES ($1, $1, $2, $3)", rows
    )


async def given_trunk(on: Stage, name: str, host: str, position: int = 1, **more: Any) -> None:
    values = {"kind": "address", "username": None, "secret": None, "channel_limit": None} | more
    await changed(
        on.conn,
        "INSERT INTO trunk (name, title, kind, host, username, secret, channel_limit, position)"
        " VALUES ($1, $1, $2, $3, $4, $5, $6, $7)",
        name, values["kind"], host, values["username"], values["secret"], values["channel_limit"], position,
    )  # fmt: skip


async def state_of(on: Stage, endpoint: str) -> asyncpg.Record | None:
    return await on.conn.fetchrow("SELECT * FROM endpoint_state WHERE endpoint = $1", endpoint)


async def endpoint_is(on: Stage, endpoint: str, state: str, within_s: float = 30) -> asyncpg.Record:
    async def told() -> asyncpg.Record | None:
        row = await state_of(on, endpoint)
        return row if row is not None and row["state"] == state else None

    found: asyncpg.Record = await eventually(told, within_s)
    return found


async def in_force(on: Stage, within_s: float = 20) -> None:
    async def told() -> Any:
        return await on.conn.fetchval("SELECT t.version = a.version FROM telephony t, telephony_applied a")

    await eventually(told, within_s)


async def started(on: Stage) -> None:
    """cti works: on a busy machine it takes its time to start."""
    await in_force(on, 60)
    await on.working()


async def phone(on: Stage, seat: str, secret: str, host: int = 77) -> SipPhone:
    server = (on.pbx.settings.address, on.pbx.settings.sip_port)
    opened = await SipPhone.open(f"127.0.11.{host}", server, seat, secret)
    on.seats[f"{seat} at {host}"] = opened  # the stage closes it
    return opened


async def registers(one: SipPhone) -> int:
    """200, or 401 where it is refused for good: half a second later nothing else has come."""
    one.register()
    until = time.monotonic() + 0.5
    await eventually(lambda: one.registered not in (0, 401) or time.monotonic() > until, 2, 0.02)
    return one.registered


async def refused(one: SipPhone) -> bool:
    return await registers(one) == 401


@pytest.fixture
async def on(line: Pbx, dsn: str) -> AsyncIterator[Stage]:
    async with stage(line, dsn) as s:
        await given_seats(s)
        yield s


def told(line: Pbx) -> dict[str, str]:
    return {"line_dir": str(line.settings.line), "run_dir": str(line.settings.run)}


async def test_a_telephone_comes_and_goes_while_a_call_goes_on(line: Pbx, dsn: str, on: Stage) -> None:
    first, second = secrets.token_hex(12), secrets.token_hex(12)
    async with cti_process(line, dsn, **told(line)):
        await started(on)
        citizen, agent = await on.talking()
        begun = time.monotonic()
        await changed(on.conn, "INSERT INTO seat VALUES ('8077', '8077', $1, $2)", secrets.token_hex(12), first)
        new = await phone(on, "8077", first)

        async def can() -> bool:
            return await registers(new) == 200

        await eventually(can, 4)
        assert time.monotonic() - begun < 2.5, "a new telephone registers within two seconds"
        row = await endpoint_is(on, "8077", "registered")
        assert row["address"] == f"127.0.11.77:{new.port}"

        thief = await phone(on, "8077", "not-the-secret", 78)
        assert await refused(thief)

        async def noted() -> bool:
            found = await state_of(on, "8077")
            return found is not None and found["fault"] == "secret 127.0.11.78"

        await eventually(noted, 5)

        await changed(on.conn, "UPDATE seat SET telephone_secret = $1 WHERE seat = '8077'", second)
        await in_force(on)
        assert "8077" not in line.cli("pjsip show contacts"), "nothing rings where the old secret was used"
        assert await refused(new)
        new.secret = second
        assert await registers(new) == 200

        await changed(on.conn, "UPDATE seat SET retired_at = now() WHERE seat = '8077'")
        await in_force(on)
        assert await refused(new)
        dialog = new.call(contract.ECHO_TEST)
        await eventually(lambda: dialog.status == 401, 5)
        assert "8077" not in line.cli("pjsip show endpoints")

        assert (citizen.state, agent.state) == ("up", "up"), "nobody was dropped"
        assert "1 active call" in line.cli("core show channels count")


async def test_the_pbx_alone_knows_after_its_restart(line: Pbx, dsn: str, on: Stage) -> None:
    secret = secrets.token_hex(12)
    async with cti_process(line, dsn, **told(line)):
        await changed(on.conn, "INSERT INTO seat VALUES ('8077', '8077', $1, $2)", secrets.token_hex(12), secret)
        await changed(on.conn, "UPDATE seat SET retired_at = now() WHERE seat = '8002'")
        await given_trunk(on, "b", f"{PEER}:5060", kind="registration", username="lianxin", secret="pa55word")
        await in_force(on)
    line.stop()
    line.start()
    async with carrier_peer(PEER) as peer:
        assert await registers(await phone(on, "8077", secret)) == 200
        old = next(s.telephone_secret for s in line.settings.seats if s.seat == "8002")
        assert await refused(await phone(on, "8002", old, 78))
        await eventually(lambda: peer.registered, 20)


async def test_a_trunk_that_registers_says_how_it_is(line: Pbx, dsn: str, on: Stage) -> None:
    async with carrier_peer(PEER) as peer, cti_process(line, dsn, **told(line)):
        peer.register = "403 Forbidden"
        await started(on)
        trunks = line.settings.line / "pjsip_trunks.conf"
        before = trunks.read_text()
        await given_trunk(on, "b", "10.0.0.300", kind="registration", username="lianxin", secret="pa55word")
        await in_force(on)
        assert trunks.read_text() == before, "a row that no PBX can do leaves the files as they were"
        assert "10.0.0.300" in await on.conn.fetchval("SELECT fault FROM telephony_applied")
        await changed(on.conn, "UPDATE trunk SET host = $1 WHERE name = 'b'", PEER)
        row = await endpoint_is(on, "trunk-b", "rejected")
        assert (row["fault"], row["address"]) == ("registration.rejected", f"{PEER}")
        peer.register = "200 OK"
        line.cli("pjsip send register trunk-b")
        row = await endpoint_is(on, "trunk-b", "registered")
        assert row["fault"] == "registration.rejected", "the last fault stays to be seen"
        assert row["rtt_ms"] < 1000
        assert "lianxin" in peer.registered[0].one("From")
        peer.silent = True
        assert (await endpoint_is(on, "trunk-b", "unreachable", 20))["fault"] == "unreachable"


async def test_an_undone_removal_is_in_force_again(line: Pbx, dsn: str, on: Stage) -> None:
    line_of_b = TrunkLine("b", PEER, (), "lianxin", "pa55word", ("alaw",))
    file, engine = line.settings.line / TRUNKS_FILE, make_engine(dsn)

    async def kept(wished: TrunkChange | None) -> None:
        async with transaction(engine) as session:
            row = await telephony.set_trunk(session, wished, "b", ()) if wished is not None else None
            if wished is None:
                await telephony.remove_trunk(session, "b")
            await trunk_versions.keep(session, "b", row, "root")
        await in_force(on)

    async with carrier_peer(PEER) as peer, cti_process(line, dsn, **told(line)):
        await started(on)
        await kept(TrunkChange(line_of_b, "b", None, 1, True))
        await endpoint_is(on, "trunk-b", "registered")
        await kept(None)
        assert "trunk-b" not in line.cli("pjsip show endpoints")
        async with transaction(engine) as session:
            before = await trunk_versions.as_before(session, "b", 1, 2)
        seen = len(peer.registered)
        await kept(before)
        assert "trunk-b" in line.cli("pjsip show endpoints")
        await eventually(lambda: any(one.one("Expires") != "0" for one in peer.registered[seen:]), 20)
        assert secrets_in(file.read_text())["trunk-b"] == "pa55word"
    await engine.dispose()


async def test_a_test_call_tells_what_became_of_it(line: Pbx, dsn: str, on: Stage) -> None:
    ends = {
        "200 OK": ("succeeded", None), "486 Busy Here": ("failed", "leg.busy"), "403 Forbidden": ("failed", "sip.403"),
        "480 Temporarily Unavailable": ("failed", "leg.no_answer"), "503 Service Unavailable": ("failed", "sip.503"),
    }  # fmt: skip
    async with carrier_peer(PEER) as peer, cti_process(line, dsn, log_dir=str(line.settings.log), **told(line)):
        await started(on)
        await given_trunk(on, "b", PEER)
        await endpoint_is(on, "trunk-b", "registered")
        for peer.invite, end in ends.items():
            assert await on.do("trunk.test", agent_no=None, trunk="trunk-b", number=NUMBER) == end
        for args, reason in (
            ({"trunk": "trunk", "number": "0013105551234"}, "number.not_allowed"),
            ({"trunk": "trunk", "number": "8001@trunk"}, "number.invalid"),
            ({"trunk": "trunk-z", "number": NUMBER}, "trunk.not_found"),
            ({"trunk": "8001", "number": NUMBER}, "command.bad_argument"),
        ):
            assert await on.do("trunk.test", agent_no=None, **args) == ("refused", reason)
        assert peer.invited == [NUMBER] * len(ends), "nobody abroad, and through no unknown trunk"

        async def faulty() -> bool:
            row = await state_of(on, "trunk-b")
            return row is not None and row["fault"] == "sip.503"

        await eventually(faulty, 5)
        peer.silent = True
        await endpoint_is(on, "trunk-b", "unreachable", 20)
        end = ("failed", "trunk.unreachable")
        assert await on.do("trunk.test", agent_no=None, trunk="trunk-b", number=NUMBER) == end
        peer.silent = False
        await eventually(lambda: "0 active channels" in line.cli("core show channels count"), 20)

        async def written() -> Any:
            return await on.conn.fetchval("SELECT count(*) FROM cel_event WHERE linkedid LIKE 'trunktest.%'")

        assert await eventually(written, 10)
        assert await on.conn.fetchval("SELECT count(*) FROM call") == 0, "a test is no call of the hotline's"
        assert await on.live("call") == {}


async def called_out(on: Stage, number: str = NUMBER) -> tuple[str, str | None]:
    """An agent calls a citizen; the agent's own telephone answers at once."""
    desk = on.seats["8001"]
    desk.on_invite = lambda dialog: (desk.ring(dialog), desk.answer(dialog))[0]
    return await on.do("call.dial", number=number)


async def given_two_trunks(on: Stage, limit: int | None = None) -> None:
    await started(on)
    await changed(on.conn, "UPDATE trunk SET active = false WHERE name = 'main'")
    await given_trunk(on, "b", PEER, 1, channel_limit=limit)
    await given_trunk(on, "c", OTHER, 2)
    for endpoint in ("trunk-b", "trunk-c"):
        await endpoint_is(on, endpoint, "registered")
    await on.sign_in()


async def test_citizens_come_in_through_an_added_trunk_as_long_as_it_is_there(line: Pbx, dsn: str, on: Stage) -> None:
    server = (line.settings.address, line.settings.sip_port)

    async def trunk_carries(channels: int) -> None:
        async def told_so() -> bool:
            return bool((await on.live("trunk")).get("trunk-b", {}).get("channels") == channels)

        await eventually(told_so, 10)

    async with carrier_peer(PEER), cti_process(line, dsn, log_dir=str(line.settings.log), **told(line)):
        await started(on)
        town = await SipPhone.open(PEER, server, "citizen")
        on.seats["the other carrier"] = town  # the stage closes it
        stranger = town.call(line.settings.number, NUMBER)
        await eventually(lambda: stranger.status in (401, 403), 5)
        agent = await on.ready()
        await given_trunk(on, "b", PEER)
        await endpoint_is(on, "trunk-b", "registered")
        await trunk_carries(0)

        citizen = town.call(line.settings.number, NUMBER)
        await eventually(lambda: agent.active, 20)
        agent.answer(agent.active[0])
        assert (await on.call_is("talking"))["caller"] == NUMBER
        await trunk_carries(1)
        await changed(on.conn, "DELETE FROM trunk WHERE name = 'b'")
        await in_force(on)
        stranger = town.call(line.settings.number, "13912340001")
        await eventually(lambda: stranger.status in (401, 403), 5)
        assert (citizen.state, agent.active[0].state) == ("up", "up"), "who talks talks on"
        town.hang_up(citizen)

        async def written() -> Any:
            return await on.conn.fetchrow(
                "SELECT caller, called, outcome, anomalies FROM call WHERE ended_at IS NOT NULL"
            )

        row = await eventually(written, 20)
        assert tuple(row) == (NUMBER, line.settings.number, "answered", 0)


async def test_the_next_trunk_carries_what_the_first_one_refuses(line: Pbx, dsn: str, on: Stage) -> None:
    log_dir = str(line.settings.log)
    async with (
        carrier_peer(PEER) as first, carrier_peer(OTHER) as second,
        cti_process(line, dsn, log_dir=log_dir, **told(line)),
    ):  # fmt: skip
        await given_two_trunks(on)
        first.invite = "503 Service Unavailable"
        assert await called_out(on) == ("succeeded", None)
        await eventually(lambda: second.invited == [NUMBER], 10)
        assert first.invited == [NUMBER]
        call = await on.call_is("talking")
        assert [(p["kind"], p["state"]) for p in call["parties"]] == [("seat", "joined"), ("citizen", "joined")]
        assert await on.do("call.hangup", call_id=call["call_id"]) == ("succeeded", None)

        async def rows() -> Any:
            return await on.conn.fetch(
                "SELECT l.* FROM leg l JOIN call c ON c.id = l.call_id WHERE c.ended_at IS NOT NULL ORDER BY started_at"
            )

        legs = await eventually(rows, 20)
        assert [(leg["party"], leg["outcome"]) for leg in legs] == [("agent", "answered"), ("citizen", "answered")]
        row = await on.conn.fetchrow("SELECT outcome, called, anomalies FROM call")
        assert tuple(row) == ("answered", NUMBER, 0)

        first.invite = "486 Busy Here"
        assert await called_out(on, "13912340001") == ("succeeded", None)
        await eventually(lambda: first.invited[-1] == "13912340001", 10)
        await eventually(lambda: "0 active channels" in line.cli("core show channels count"), 20)
        assert second.invited == [NUMBER], "a person who is busy is busy through every trunk"

        first.silent = True
        await endpoint_is(on, "trunk-b", "unreachable", 25)
        assert await called_out(on, "13912340002") == ("succeeded", None)
        await eventually(lambda: second.invited[-1] == "13912340002", 10)


async def test_a_trunk_carries_no_more_calls_than_it_may(line: Pbx, dsn: str, on: Stage) -> None:
    async with carrier_peer(PEER) as first, carrier_peer(OTHER) as second, cti_process(line, dsn, **told(line)):
        await given_two_trunks(on, limit=1)
        assert await on.do("trunk.test", agent_no=None, trunk="trunk-b", number="13912340009") == ("succeeded", None)
        assert "PJSIP/trunk-b-" in line.cli("core show channels concise")
        assert await called_out(on) == ("succeeded", None)
        await eventually(lambda: second.invited == [NUMBER], 10)
        assert first.invited == ["13912340009"]
        await changed(on.conn, "UPDATE trunk SET active = false WHERE name = 'c'")
        await in_force(on)
        assert await on.sign_in("1002", "8002")
        assert await on.do("call.dial", "1002", number="13912340003") == ("refused", "trunk.none_free")
