"""Pause and resume of a call's recordings while private data is read out.

The files keep their length: the gap is digital silence. A pause ends by itself: after two minutes, or when the agent
who asked for it has left the call. Nothing of evidence is lost because somebody forgot a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from cti.ami import ActionRefused
from cti.commands.asked import Asked
from cti.commands.desk import Desk
from cti.commands.hand import grasp, seat_leg
from cti.facts import CallLive, PartyKind
from cti.live.call import Call
from cti.live.leg import HERE
from cti.seats import reasons as r
from models.errors import LianxinError

log = structlog.get_logger(__name__)

LOOK_S = 0.1  # so long somebody who joins a paused call may be recorded


async def pause(desk: Desk, asked: Asked) -> None:
    hand = grasp(desk, asked)
    reason = asked.word("reason", r.WORD)
    if hand.live.recording_paused_since is not None:
        return
    await _switch(desk, _recorded(hand.live), on=True)
    desk.tell_recording(hand.ref, paused=True)
    log.info("recording_paused", call_id=hand.live.call_id, agent_no=hand.live.agent_no, reason=reason)


async def resume(desk: Desk, asked: Asked) -> None:
    await _resume(desk, grasp(desk, asked).live, "asked")


async def _resume(desk: Desk, live: CallLive, why: str) -> None:
    if live.recording_paused_since is None:
        return
    await _switch(desk, _recorded(live), on=False)
    desk.tell_recording(live.linkedid, paused=False)
    log.info("recording_resumed", call_id=live.call_id, why=why)


async def _switch(desk: Desk, legs: Sequence[str], *, on: bool) -> None:
    """
    Raises:
        ActionRefused: not one of them obeyed.
        AmiNotConnected, AmiTimeout, AmiLost
    """
    if legs and not await _mute(desk, legs, on=on):
        raise ActionRefused("no recording obeyed", action="MixMonitorMute")


async def _mute(desk: Desk, legs: Sequence[str], *, on: bool) -> set[str]:
    """The citizen's recording and that of everybody outside, each on its own channel; returns the legs that obeyed.

    Raises:
        AmiNotConnected, AmiTimeout, AmiLost
    """
    obeyed = set()
    for leg in legs:
        channel = desk.floor.channels.get(leg)
        headers = {"Channel": channel or "", "Direction": "both", "State": "1" if on else "0"}
        if channel is not None and (await desk.client.action("MixMonitorMute", headers)).ok:
            obeyed.add(leg)
    return obeyed


def _recorded(live: CallLive) -> list[str]:
    """Legs with a recording of their own, the citizen's first."""
    kinds = (PartyKind.CITIZEN, PartyKind.OUTSIDE)
    return [p.leg for kind in kinds for p in live.parties if p.kind is kind and p.state in HERE]


class Pauses:
    """Ends forgotten pauses. :meth:`run` must run."""

    def __init__(self, desk: Desk, most_s: float) -> None:
        self._desk, self._most_s = desk, most_s
        self._by: dict[str, str | None] = {}  # ref → the agent whose call it was when it was paused
        self._silent: dict[str, set[str]] = {}  # ref → legs whose recording was told to be silent

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            paused = {ref: c for ref, c in self._desk.floor.calls.items() if c.live.recording_paused_since}
            self._by = {ref: self._by.get(ref, call.live.agent_no) for ref, call in paused.items()}
            self._silent = {ref: self._silent.get(ref, set()) for ref in paused}
            if self._desk.client.link.live:
                for ref, call in paused.items():
                    await self._look(ref, call)

    async def _look(self, ref: str, call: Call) -> None:
        live = call.live
        since = live.recording_paused_since
        if since is None or live.ended_at is not None:
            return
        left = seat_leg(call, self._by[ref]) is None
        try:
            if left or (self._desk.now() - since).total_seconds() >= self._most_s:
                await _resume(self._desk, live, "agent_left" if left else "limit")
            else:
                await self._silence_newcomers(ref, live)
        except LianxinError as exc:
            log.warning("recording_pause_unfinished", call_id=live.call_id, code=exc.code)

    async def _silence_newcomers(self, ref: str, live: CallLive) -> None:
        """Who joined after the key was pressed hears the private data too, and has a recording: asked again until it
        obeys, because it may be about to begin."""
        new = [leg for leg in _recorded(live) if leg not in self._silent[ref]]
        if new:
            self._silent[ref] |= await _mute(self._desk, new, on=True)
