"""What a supervisor orders of an agent, on a real Asterisk: the same commands, asked while the agent is at work."""

from __future__ import annotations

import pytest

from tests.cti.stage import Stage, cti_process

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def test_a_forced_pause_takes_no_call_away_and_a_forced_ready_brings_the_agent_back(on: Stage) -> None:
    async with cti_process(on.pbx, on.dsn, wrap_up_s=60.0):
        await on.working()
        citizen, _ = await on.talking()
        assert await on.do("agent.pause", reason="meeting") == ("succeeded", None)
        talking = await on.agent_is("1001", "talking")
        assert (talking["reasons"], citizen.state) == (["meeting"], "up"), "the call goes on"
        assert "paused:meeting" in on.members()
        assert await on.do("agent.sign_out") == ("refused", "agent.in_call")

        on.citizen.hang_up(citizen)
        wrapping = await on.agent_is("1001", "wrap_up")
        assert wrapping["reasons"] == ["meeting", "wrap-up"]
        assert await on.do("agent.wrap_up_end") == ("succeeded", None)
        assert (await on.agent_is("1001", "paused"))["reasons"] == ["meeting"]
        assert await on.do("agent.ready") == ("succeeded", None)
        await on.agent_is("1001", "ready")
        assert "paused" not in on.members()

        assert await on.do("agent.sign_out") == ("succeeded", None)
        assert "No Members" in on.members()
        assert await on.do("agent.pause", reason="meeting") == ("refused", "agent.not_signed_in")
