"""The keeper of the rooms: does what follows by itself while calls move, over AMI. One per PBX.

Looks at every call that moves after each fact, after each snapshot, and when the link is live again: a restarted cti
comes to the same. What is about to be done is told to the live machines first, so that it is not done twice; what
Asterisk refuses is looked at again after the next snapshot.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog

from cti.ami import AmiClient, Response
from cti.facts import PartyKind
from cti.live import pbx_facts as f
from cti.live.call import Call
from cti.live.floor import Floor
from cti.live.watch import Live
from cti.rooms.consequences import CallAgent, HangUp, Redirect, Wish, back_in_line, wishes
from models.errors import LianxinError
from pbx_config import contract
from pbx_config.contract import CalledLeg, Context

log = structlog.get_logger(__name__)

RING_MS = 30_000
FIRST_LEG_NO = 2 + 16**6  # commands number their legs from six hexadecimal digits; ours come after


class RoomKeeper:
    """:meth:`run` must run."""

    def __init__(self, client: AmiClient, floor: Floor, live: Live, number: str = "12345") -> None:
        self._client, self._floor, self._live, self._number = client, floor, live, number
        self._look = asyncio.Event()
        self._busy: set[str] = set()  # calls for which something is being done
        self._missed: set[str] = set()  # of those, the ones of which news came meanwhile
        self._broken: set[str] = set()  # calls on which we failed by a bug: left to people, never tried in a circle
        self._content: dict[str, Call] = {}  # calls that wanted nothing, as they were when we looked
        live.on_facts.append(self._look.set)
        live.on_live.append(self._look.set)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._look.wait()
                self._look.clear()
                if not self._client.link.live:
                    continue
                self._missed |= self._busy
                self._broken &= self._floor.calls.keys()
                content, self._content = self._content, {}
                for ref, call in list(self._floor.calls.items()):
                    if ref in self._busy or ref in self._broken:
                        continue
                    wanted = () if content.get(ref) is call else self._wishes(ref, call)
                    if wanted:
                        self._busy.add(ref)
                        tasks.create_task(self._do(ref, wanted), name=f"rooms:{ref}")
                    else:
                        self._content[ref] = call

    def _wishes(self, ref: str, call: Call) -> tuple[Wish, ...]:
        try:
            return wishes(call)
        except Exception:  # a bug on one call must not stop the keeping of all the others
            log.exception("room_wishes_failed", ref=ref)
            self._broken.add(ref)
            return ()

    async def _do(self, ref: str, wanted: tuple[Wish, ...]) -> None:
        try:
            for wish in wanted:
                call = self._floor.calls.get(ref)
                if call is not None:
                    await self._one(call, wish)
        except LianxinError as exc:  # the link is gone, or Asterisk does not answer: looked at again when it is back
            log.warning("room_consequence_failed", ref=ref, code=exc.code, detail=exc.detail)
            self._live.doubt()
        except Exception:  # root of one call's task: a bug ends this call's keeping, not cti
            log.exception("room_consequence_broken", ref=ref)
            self._broken.add(ref)
        finally:
            self._busy.discard(ref)
            if ref in self._missed:  # else the next fact or snapshot wakes us: nothing is tried in a circle
                self._missed.discard(ref)
                self._look.set()

    async def _one(self, call: Call, wish: Wish) -> None:
        if isinstance(wish, Redirect):
            response = await self._redirect(call, wish)
        elif isinstance(wish, HangUp):
            response = await self._hang_up(call, wish)
        else:
            response = await self._call_agent(call, wish)
        if response is not None:
            log.info("room_consequence", call_id=call.live.call_id, wish=str(wish), ok=response.ok)
            if not response.ok:
                self._live.doubt()

    async def _redirect(self, call: Call, wish: Redirect) -> Response | None:
        headers: dict[str, str] = {}
        for prefix, move in zip(("", "Extra"), wish.moves, strict=False):
            channel = self._floor.channels.get(move.leg)
            if channel is None:
                return None
            headers |= {
                f"{prefix}Channel": channel,
                f"{prefix}Context": move.context.value,
                f"{prefix}Exten": move.exten,
                f"{prefix}Priority": "1",
            }
        self._live.tell(f.MoveAsked(_now(), call.ref, tuple(move.leg for move in wish.moves)))
        if wish.given_away:
            variable = {"Channel": headers["Channel"], "Variable": contract.Var.GIVEN_AWAY.value, "Value": "1"}
            await self._client.action("Setvar", variable)
        return await self._client.action("Redirect", headers)

    async def _hang_up(self, call: Call, wish: HangUp) -> Response | None:
        channel = self._floor.channels.get(wish.leg)
        if channel is None:
            return None
        self._live.tell(f.LetGoAsked(_now(), call.ref, (wish.leg,), None))
        return await self._client.action("Hangup", {"Channel": channel, "Cause": "16"})

    async def _call_agent(self, call: Call, wish: CallAgent) -> Response | None:
        """The agent's telephone rings again; an agent who cannot be called: the citizen goes to the queue's front."""
        interface = self._interface(wish.agent_no)
        citizen = call.citizen_leg
        if interface is None:
            return await self._redirect(call, back_in_line(citizen)) if citizen is not None else None
        leg = CalledLeg(call.ref, FIRST_LEG_NO + len(call.legs), wish.seat).uniqueid
        self._live.tell(
            f.LegAsked(
                _now(), call.ref, leg, PartyKind.SEAT, wish.seat, call.ref, wish.agent_no, shown=self._number
            )
        )  # fmt: skip
        headers = {
            "Channel": interface,
            "ChannelId": leg,
            "Context": Context.ROOM_SEAT.value,
            "Exten": call.ref,
            "Priority": "1",
            "Timeout": str(RING_MS),
            "CallerID": self._number,
            "Variable": f"{contract.Var.AGENT}={wish.agent_no}",
            "Async": "true",
        }
        response = await self._client.action("Originate", headers)
        if not response.ok:
            self._live.tell(f.OriginateFailed(_now(), leg))
        return response

    def _interface(self, agent_no: str) -> str | None:
        """Where the agent can be called now; None: signed out, or in another call."""
        if agent_no in self._floor.in_call:
            return None
        return next((member.interface for member in self._floor.members.get(agent_no, {}).values()), None)


def _now() -> datetime:
    return datetime.now(UTC)
