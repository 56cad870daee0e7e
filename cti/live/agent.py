"""An agent's live state, derived from what the PBX says of the member and from the call the agent is in. Pure.

The PBX holds the truth (membership, pause, all reasons, device state), so this is a decision list, first match wins,
instead of a machine with a memory of its own: a restarted cti derives the same state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cti.facts import AgentLive, AgentState
from cti.live.pbx_facts import MemberSeen
from pbx_config import contract

# Asterisk's device states as queue members carry them (devicestate.h)
IN_USE, BUSY, INVALID, UNAVAILABLE, RING_IN_USE, ON_HOLD = 2, 3, 4, 5, 7, 8


@dataclass(frozen=True, slots=True)
class InCall:
    """The call an agent is in, as the call's machine has it."""

    call_id: str
    talking: bool  # else it rings


def state_of(members: Iterable[MemberSeen], reasons: frozenset[str], call: InCall | None) -> AgentState:
    """First match wins."""
    statuses = {member.status for member in members}
    rules = (
        (call is not None and call.talking, AgentState.TALKING),
        (call is not None, AgentState.RINGING),
        (bool(statuses & {UNAVAILABLE, INVALID}), AgentState.UNREACHABLE),
        (contract.REASON_WRAP_UP in reasons, AgentState.WRAP_UP),
        (bool(reasons) or any(member.paused for member in members), AgentState.PAUSED),
        (bool(statuses & {IN_USE, BUSY, RING_IN_USE, ON_HOLD}), AgentState.TALKING),  # no citizen's call: the echo test
    )
    return next((state for holds, state in rules if holds), AgentState.READY)


def derive(
    node: str,
    members: Iterable[MemberSeen],
    call: InCall | None,
    previous: AgentLive | None,
    at: datetime,
    *,
    wrap_up_s: float,
    wrapping: bool = False,
) -> AgentLive | None:
    """The agent's body after a fact at ``at``; None when no member is left (signed out).

    ``since`` moves with the state. The wrap-up's limit counts from the pause that began it; without a memory of it
    (we have just started) from the PBX's own time of the pause. ``wrapping``: the conversation is over and the pause
    with the reason is being asked for, so the agent is not shown as ready for that millisecond.
    """
    seen = tuple(sorted(members, key=lambda member: member.queue))
    if not seen:
        return None
    seat, phone = contract.seat_of_interface(seen[0].interface) or (seen[0].interface, contract.Phone.TELEPHONE)
    reasons = reasons_of(seen) | (frozenset({contract.REASON_WRAP_UP}) if wrapping else frozenset())
    state = state_of(seen, reasons, call)
    return AgentLive(
        agent_no=seen[0].agent_no,
        node=node,
        seat=seat,
        phone=phone.value,
        state=state,
        reasons=tuple(sorted(reasons)),
        since=previous.since if previous is not None and previous.state is state else at,
        queues=tuple(member.queue for member in seen),
        call_id=call.call_id if call else None,
        wrap_up_until=_wrap_up_until(reasons, previous, at, wrap_up_s),
    )


def reasons_of(members: Iterable[MemberSeen]) -> frozenset[str]:
    return frozenset[str]().union(*(member.reasons for member in members))


def _wrap_up_until(
    reasons: frozenset[str], previous: AgentLive | None, at: datetime, wrap_up_s: float
) -> datetime | None:
    if contract.REASON_WRAP_UP not in reasons:
        return None
    if previous is not None and previous.wrap_up_until is not None:
        return previous.wrap_up_until
    return at + timedelta(seconds=wrap_up_s)


def began(members: Iterable[MemberSeen], at: datetime) -> datetime:
    """Since when an agent found in a snapshot has been as it is, as far as the PBX remembers."""
    times = [
        time
        for member in members
        for time in ([member.last_pause] if member.paused else [member.last_pause, member.last_used])
        if time is not None and time <= at
    ]
    return max(times, default=at)
