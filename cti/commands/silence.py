"""A seat that answered and sends no sound (F23): the citizen goes to the next one, before everybody; it is paused.

Asterisk counts the packets that it gets of each telephone. They are asked for once, some seconds after the answer of a
call from the queue; one is enough. A telephone that is silent later is Asterisk's own matter (``rtp_timeout``).
Where seat after seat is silent it is not the seats: then everything stays as it is, or the whole desk would be paused,
and supervisors have an alarm, by way of queue_log.
"""

from __future__ import annotations

import asyncio

import structlog

from cti.ami import ActionRefused
from cti.commands import errors as e
from cti.commands.desk import Desk, Step
from cti.commands.hand import Hand, seat_leg
from cti.commands.moves import to_queue
from cti.commands.steps import channel
from cti.facts import CallState, Party
from cti.live.call import Call
from cti.seats import reasons as r
from models.errors import LianxinError
from pbx_config import contract
from pbx_config.contract import Var

log = structlog.get_logger(__name__)

LOOK_S = 0.25
TRIES = 3
MOST_IN_A_ROW = 2  # seats that are taken for silent before any seat was heard again


class SilentSeats:
    """:meth:`run` must run. ``within_s``: sound must come so soon after the answer; 0: nobody looks."""

    def __init__(self, desk: Desk, within_s: float) -> None:
        self._desk, self._within_s = desk, within_s
        self._left: dict[str, int] = {}  # by leg: how often it is still looked at
        self._silent: set[str] = set()  # seats, since one was heard

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            due = self._due() if self._within_s and self._desk.client.link.live else []
            self._left = {leg: left for leg, left in self._left.items() if leg in self._desk.floor.channels}
            for call, seat in due:
                try:
                    await self._look(call, seat)
                except LianxinError as exc:
                    self._left[seat.leg] = self._left.get(seat.leg, TRIES) - 1
                    log.warning("silent_seat_stays", call_id=call.live.call_id, seat=seat.number, code=exc.code)

    def _due(self) -> list[tuple[Call, Party]]:
        """Calls that the queue connected some seconds ago, and as it left them: two who talk."""
        found = []
        for call in self._desk.floor.calls.values():
            live, seat = call.live, seat_leg(call, call.live.agent_no)
            if seat is None or live.state is not CallState.TALKING or live.room or live.queue is None:
                continue
            talked_s = (self._desk.now() - seat.since).total_seconds()
            if talked_s >= self._within_s and self._left.get(seat.leg, TRIES) > 0:
                found.append((call, seat))
        return found

    async def _look(self, call: Call, seat: Party) -> None:
        """
        Raises:
            LianxinError: what was asked for did not happen, or is not known to have.
        """
        asked = {"Channel": channel(self._desk.floor, seat.leg), "Variable": "CHANNEL(rtcp,rxcount)"}
        packets = (await self._desk.client.action("Getvar", asked)).headers.get("Value", "")
        if packets == "0" and len(self._silent | {seat.number}) > MOST_IN_A_ROW:
            await self._tell(call, seat)
        elif packets == "0":
            await self._send_on(call, seat)
            self._silent.add(seat.number)
        elif packets.isdigit():  # else Asterisk cannot say
            self._silent.clear()
        self._left[seat.leg] = 0

    async def _send_on(self, call: Call, seat: Party) -> None:
        desk, hand = self._desk, Hand(call, seat)
        if hand.citizen is None or call.live.queue is None or seat.agent_no is None:
            raise e.NotTalking(call.live.call_id)
        await desk.seats.change(seat.agent_no, r.add(contract.REASON_NO_SOUND))
        told = f"{seat.number}/{seat.agent_no}"
        citizen = channel(desk.floor, hand.citizen.leg)
        tell = Step("Setvar", {"Channel": citizen, "Variable": Var.SILENT.value, "Value": told})
        await to_queue(desk, hand, call.live.queue, "silent", tell)
        log.warning("silent_seat", call_id=call.live.call_id, seat=seat.number, agent_no=seat.agent_no)

    async def _tell(self, call: Call, seat: Party) -> None:
        """Into the PBX's own journal: an alarm is a row of the record, whoever dies meanwhile."""
        log.error("seats_silent_together", call_id=call.live.call_id, seat=seat.number, before=sorted(self._silent))
        citizen = Hand(call, seat).citizen
        if citizen is None or call.live.queue is None or seat.agent_no is None:
            raise e.NotTalking(call.live.call_id)
        line = {"Queue": call.live.queue, "Event": contract.DESK_SILENT, "Uniqueid": citizen.leg}
        line |= {"Interface": seat.agent_no, "Message": seat.number}
        answer = await self._desk.client.action("QueueLog", line)
        if not answer.ok:
            raise ActionRefused(answer.message, action="QueueLog")
