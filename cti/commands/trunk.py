"""A test call through one chosen trunk: the truth of what became of it, in the command's own end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from cti.ami import Headers
from cti.commands import errors as e
from cti.commands.asked import Asked
from cti.commands.desk import Desk
from cti.live.trial import Trial
from cti.live.ways import channel
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
    one = NoCall(contract.test_leg(asked.leg_no), channel(number, endpoint), Context.TRUNK_TEST, TEST_RING_S)
    outcome = await outcome_of(desk, one, lambda trial: trial.answered or trial.gone, TEST_RING_S + _GRACE_S)
    if not outcome.answered:
        raise e.TestFailed(why(outcome))


@dataclass(frozen=True, slots=True)
class NoCall:
    """One that is no call of the hotline's: the leg, what is dialled, and what is heard there."""

    leg: str
    channel: str
    context: Context
    ring_s: int
    variables: Headers = field(default_factory=dict)


async def outcome_of(desk: Desk, one: NoCall, over: Callable[[Trial], bool], within_s: float) -> Trial:
    """Place it, and wait until what is known of it is ``over``.

    Raises:
        ActionRefused, NotConfirmed, AmiNotConnected, AmiTimeout, AmiLost
    """
    headers = {
        "Channel": one.channel, "ChannelId": one.leg, "Context": one.context.value, "Exten": "s", "Priority": "1",
        "Timeout": str(one.ring_s * 1000), "CallerID": desk.number, "Async": "true", **one.variables,
    }  # fmt: skip
    trials = desk.floor.trials
    trials[one.leg] = Trial()
    try:
        with desk.live.expecting(lambda _: over(trials[one.leg])) as seen:
            await desk.ask("Originate", headers)
            try:
                await asyncio.wait_for(seen, within_s)
            except TimeoutError as exc:
                raise NotConfirmed("Originate") from exc
        return trials[one.leg]
    finally:
        del trials[one.leg]


def why(outcome: Trial) -> str:
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
