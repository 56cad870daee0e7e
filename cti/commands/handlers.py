"""What each kind of command does: the table. A handler returns once a fact confirmed it, or raises why not.

Raised before anything was sent: a Refused. After: Failed where the facts say that it did not work; AmiTimeout, AmiLost
or NotConfirmed where nobody can tell, and the command ends as unknown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cti.commands import (
    conference,
    consultation,
    listening,
    moves,
    outgoing,
    recording,
    shield,
    signing,
    takeover,
    trunk,
)
from cti.commands.asked import Asked
from cti.commands.desk import Desk
from cti.commands.errors import UnknownKind

Handler = Callable[[Desk, Asked], Awaitable[None]]
HANDLERS: dict[str, Handler] = {
    "agent.sign_in": signing.sign_in,
    "agent.sign_out": signing.sign_out,
    "agent.ready": signing.ready,
    "agent.pause": signing.pause,
    "agent.wrap_up_end": signing.wrap_up_end,
    "agent.block": signing.block,
    "agent.unblock": signing.unblock,
    "call.hangup": moves.hang_up_own,
    "call.hold": moves.hold,
    "call.unhold": moves.unhold,
    "call.mute": moves.mute,
    "call.unmute": moves.unmute,
    "call.drop": moves.drop,
    "call.leave": moves.leave,
    "call.end": moves.end,
    "call.transfer": moves.transfer,
    "call.consult": consultation.consult,
    "call.consult_swap": consultation.swap,
    "call.consult_complete": consultation.complete,
    "call.consult_cancel": consultation.cancel,
    "call.consult_merge": consultation.merge,
    "call.add": conference.add,
    "call.listen": listening.listen,
    "call.whisper": listening.whisper,
    "call.barge": listening.barge,
    "call.stop_listening": listening.stop,
    "call.take_over": takeover.take_over,
    "call.dial": outgoing.dial,
    "call.abuse_warn": shield.warn,
    "call.abuse_end": shield.end,
    "call.no_survey": shield.no_survey,
    "call.record_pause": recording.pause,
    "call.record_resume": recording.resume,
    "caller.flag": shield.flag,
    "trunk.test": trunk.test,
}


async def carry_out(desk: Desk, asked: Asked) -> None:
    """Do what was asked.

    Raises:
        LianxinError: why not, or that nobody can tell.
    """
    handler = HANDLERS.get(asked.kind)
    if handler is None:
        raise UnknownKind(asked.kind)
    desk.must_be_linked()
    await handler(desk, asked)
