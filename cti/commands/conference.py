"""More than two: agencies, 110 and colleagues are called into the call's own room, one command each."""

from __future__ import annotations

from cti.commands import targets
from cti.commands.asked import Asked
from cti.commands.calling import call_into
from cti.commands.desk import Desk
from cti.commands.hand import grasp
from cti.commands.moves import open_room


async def add(desk: Desk, asked: Asked) -> None:
    """Call somebody in; citizen and agent go on talking while it rings."""
    hand = grasp(desk, asked)
    hand.must_not_consult()
    called = targets.to_call(desk, asked, hand.ref, hand.ref)
    await open_room(desk, hand)
    await call_into(desk, grasp(desk, asked), called)
