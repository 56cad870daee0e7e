"""Commands on a real Asterisk: each ends as it says, and the PBX agrees."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from tests.cti.stage import Stage, cti_process
from tests.support.eventually import eventually

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def test_a_day_at_a_seat(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0):
        await on.working()
        assert await on.do("agent.ready") == ("refused", "agent.not_signed_in")
        assert await on.do("agent.sign_in", seat="8001", phone="browser") == ("refused", "agent.phone_not_registered")
        phone = await on.sign_in()
        assert (await on.agent_is("1001", "paused"))["reasons"] == ["not-ready"]
        assert await on.do("agent.sign_in", seat="8001") == ("refused", "agent.already_signed_in")
        assert await on.do("agent.sign_in", "1002", seat="8001") == ("refused", "agent.seat_taken")

        assert await on.do("agent.ready") == ("succeeded", None)
        assert "1001 (PJSIP/8001) (ringinuse disabled) (dynamic) (Not in use)" in on.members()
        assert await on.do("agent.pause", reason="lunch") == ("succeeded", None)
        assert "paused:lunch" in on.members()
        assert await on.do("agent.block", reason="microphone") == ("succeeded", None)
        assert await on.do("agent.ready") == ("refused", "agent.phone_blocked")
        assert "paused:lunch+phone:microphone" in on.members()
        assert await on.do("agent.unblock") == ("succeeded", None)
        assert await on.do("agent.ready") == ("succeeded", None)

        citizen = on.citizen.call("12345", "13912345678")
        await eventually(lambda: phone.active, 20)
        ringing = await on.call_is("ringing")
        assert (ringing["ringing"], ringing["caller"], ringing["called"]) == (["1001"], "13912345678", "12345")
        phone.answer(phone.active[0])
        call = await on.call_is("talking")
        assert (call["agent_no"], call["seat"]) == ("1001", "8001")
        assert await on.do("agent.sign_out") == ("refused", "agent.in_call")
        assert await on.do("call.hangup", "1002", call_id=call["call_id"]) == ("refused", "call.not_yours")
        assert await on.do("call.hangup", call_id=str(uuid.uuid4())) == ("refused", "call.not_found")
        assert citizen.state == "up"

        assert await on.do("call.hangup", call_id=call["call_id"]) == ("succeeded", None)
        ended = await on.call_is("ended")
        assert ended["hung_up_by"] == "agent"
        await eventually(lambda: citizen.state == "ended")
        wrapping = await on.agent_is("1001", "wrap_up")
        assert wrapping["wrap_up_until"] is not None
        assert "paused:wrap-up" in on.members()
        assert await on.do("agent.wrap_up_end") == ("succeeded", None)
        await on.agent_is("1001", "ready")
        assert await on.do("agent.sign_out") == ("succeeded", None)
        assert "No Members" in on.members()
        assert await on.agent("1001") == {}


async def test_arguments_that_would_break_something_are_refused(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn):
        await on.working()
        await on.sign_in()
        bad: list[tuple[str, dict[str, Any]]] = [
            ("agent.pause", {"reason": "lunch\r\nAction: Originate"}),
            ("agent.pause", {"reason": "wrap-up"}),
            ("agent.pause", {"reason": "a+b"}),
            ("agent.pause", {}),
            ("agent.block", {"reason": ["x"]}),
            ("call.hangup", {"call_id": "1; rm"}),
            ("call.hangup", {}),
        ]
        for kind, args in bad:
            assert await on.do(kind, "1001", **args) == ("refused", "command.bad_argument"), (kind, args)
        assert await on.do("agent.sign_in", "10\n02", seat="8002") == ("refused", "command.bad_argument")
        assert await on.do("agent.sign_in", "1002", seat="8002", phone="fax") == ("refused", "command.bad_argument")
        assert await on.do("agent.fly") == ("refused", "command.unknown_kind")
        assert "paused:not-ready" in on.members()


async def test_two_at_once_on_one_agent_lose_nothing_and_twice_is_once(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn):
        await on.working()
        await on.sign_in()
        reasons = ["microphone", "network", "second-tab"]
        asked = await asyncio.gather(*[ask_on_its_own(on, "agent.block", reason) for reason in reasons])
        assert {await on.end_of(command_id) for command_id in asked} == {("succeeded", None)}
        assert "paused:not-ready+phone:microphone+phone:network+phone:second-tab" in on.members()
        rows = await on.conn.fetch("SELECT key, count(*) FROM feed WHERE topic = 'command' GROUP BY key")
        assert {row["count"] for row in rows} == {1}, "each command ends once"


async def ask_on_its_own(on: Stage, kind: str, reason: str) -> uuid.UUID:
    async with _lock(on):
        return await on.ask(kind, reason=reason)


_locks: dict[int, asyncio.Lock] = {}


def _lock(on: Stage) -> asyncio.Lock:
    """One connection inserts one row at a time; cti works on all three at once."""
    return _locks.setdefault(id(on), asyncio.Lock())


async def test_what_waited_too_long_and_what_was_orphaned(on: Stage) -> None:
    late = await on.ask("agent.ready", deadline_s=0.01)
    orphan = await on.ask("agent.ready")
    await on.conn.execute("UPDATE command SET state = 'asked' WHERE id = $1", orphan)
    async with cti_process(on.pbx, on.dsn):
        assert await on.end_of(late) == ("expired", "command.expired")
        assert await on.end_of(orphan) == ("unknown", "cti.restarted")
