"""A test call through one chosen trunk: the truth of what became of it, in the command's own end."""

from __future__ import annotations

import asyncio
import re

from cti.commands import errors as e
from cti.commands.asked import Asked
from cti.commands.desk import Desk
from cti.live.trial import Trial
from cti.seats.keeper import NotConfirmed
from pbx_config import contract, dialling
from pbx_config.contract import Context

TEST_RING_S = 25
_GRACE_S = 8.0
_ENDPOINT = re.compile(r"trunk(-[a-z][a-z0-9]{0,15})?\Z")
_BUSY = frozenset({486, 600})
_UNANSWERED = frozenset({408, 480, 487})


async def test(desk: Desk, asked: Asked) -> None:
    """Done when somebody answered: they hear what it was, and it ends by itself.

    Raises:
        TrunkNotFound, NumberInvalid, NumberNotAllowed: nothing was sent.
        TestFailed: its code says why.
        ActionRefused, NotConfirmed, AmiNotConnected, AmiTimeout, AmiLost
    """
    endpoint = asked.word("trunk", _ENDPOINT)
    if endpoint not in desk.floor.trunk_names:
        raise e.TrunkNotFound(endpoint)
    number = dialling.allowed(asked.number, desk.own_numbers)
    leg = contract.test_leg(asked.leg_no)
    trials = desk.floor.trials
    trials[leg] = Trial()
    try:
        with desk.live.expecting(lambda _: trials[leg].answered or trials[leg].gone) as over:
            await desk.ask("Originate", _headers(f"PJSIP/{number}@{endpoint}", leg, desk.number))
            try:
                await asyncio.wait_for(over, TEST_RING_S + _GRACE_S)
            except TimeoutError as exc:
                raise NotConfirmed("Originate") from exc
        outcome = trials[leg]
    finally:
        del trials[leg]
    if not outcome.answered:
        raise e.TestFailed(_why(outcome))


def _headers(channel: str, leg: str, shown: str) -> dict[str, str]:
    return {
        "Channel": channel, "ChannelId": leg, "Context": Context.TRUNK_TEST.value, "Exten": "s", "Priority": "1",
        "Timeout": str(TEST_RING_S * 1000), "CallerID": shown, "Async": "true",
    }  # fmt: skip


def _why(outcome: Trial) -> str:
    """A stable code; the carrier's own word (``sip.403``) where it said no."""
    if not outcome.opened:
        return "trunk.unreachable"
    if outcome.sip in _BUSY:
        return "leg.busy"
    if outcome.sip is not None and outcome.sip not in _UNANSWERED:
        return f"sip.{outcome.sip}"
    if outcome.rang or outcome.sip in (408, 480):
        return "leg.no_answer"
    return "trunk.no_ring"
