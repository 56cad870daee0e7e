"""Calling somebody into a call: asked once, confirmed when their line is dialled. What they do then is the roster's."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from cti.commands.desk import Called, Confirmed, Desk, Step
from cti.commands.errors import LegFailed, RoomFull
from cti.commands.hand import Hand, leg_of, present
from cti.commands.steps import originate
from cti.facts import PartyKind, PartyState
from cti.live.floor import Floor
from pbx_config import contract


async def call_into(
    desk: Desk,
    hand: Hand,
    called: Called,
    *,
    before: Sequence[Step] = (),
    after: Sequence[Step] = (),
    moved: Sequence[str] = (),
    leaves: bool = False,
    confirmed: Confirmed = lambda floor: True,
) -> None:
    """Tell the live machines, then send ``before``, the Originate, ``after``; until its dialling is seen and confirmed.

    ``leaves``: ``after`` hangs the agent up.

    Raises:
        RoomFull: nothing was sent.
        LegFailed: it was never dialled (its telephone is not there, no line).
        ActionRefused, PbxSaidNo, CallEnded, NotConfirmed, AmiNotConnected, AmiTimeout, AmiLost
    """
    if len(present(hand.live)) >= contract.ROOM_MOST:
        raise RoomFull(hand.live.call_id)
    desk.must_be_linked()
    desk.tell_moving(hand.ref, moved)
    desk.tell_calling(hand.ref, called)
    if leaves:
        desk.tell_letting_go(hand.ref, [hand.me.leg], by=hand.me.leg)
    dialled = False

    def told(floor: Floor) -> bool:
        nonlocal dialled
        dialled = dialled or called.leg in floor.channels
        # Who is gone already is being cleared up after: what was to be confirmed may never be seen.
        return _outcome(floor, hand.ref, called.leg) is not None or (dialled and confirmed(floor))

    step = originate(called, desk.number)
    with desk.going_out(called, step.headers) if called.kind is not PartyKind.SEAT else contextlib.nullcontext():
        await desk.carry([*before, step, *after], told, hand.ref)
    outcome = _outcome(desk.floor, hand.ref, called.leg)
    if not dialled and outcome is not None:
        raise LegFailed(outcome)


def _outcome(floor: Floor, ref: str, leg: str) -> PartyState | None:
    """Why a called leg has gone; None while it has not."""
    found = leg_of(floor, ref, leg)
    return found.party.state if found is not None and not found.open else None
