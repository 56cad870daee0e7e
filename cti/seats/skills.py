"""Brings signed-in agents into the queues of their skills, at their levels, without signing anybody out.

Each change is one action on one membership, confirmed by the PBX's own word. Who joins a queue joins it with the
reasons that the agent has: nobody who is paused is rung for it. A queue is left when no call of it is being talked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from cti.ami import ActionRefused
from cti.live.agent import reasons_of
from cti.live.floor import Floor
from cti.live.pbx_facts import MemberSeen
from cti.live.watch import Live
from cti.seats import reasons as r
from cti.seats.keeper import CONFIRM_S, NotConfirmed, SeatKeeper
from cti.tuning.wanted import Wanted
from models.errors import LianxinError
from pbx_config.tuning import penalty

log = structlog.get_logger(__name__)

AGAIN_S = 3.0


class SkillKeeper:
    """One per PBX. :attr:`wanted` is what sign-in asks as well."""

    def __init__(self, live: Live, seats: SeatKeeper) -> None:
        self._client, self._floor, self._live, self._seats = live.client, live.floor, live, seats
        self.wanted = Wanted()
        self._not_before: dict[str, float] = {}  # agent_no → when to ask again what the PBX would not do

    async def agree(self, wanted: Wanted) -> None:
        """Everybody who is signed in; cheap where nothing differs."""
        self.wanted = wanted
        now = asyncio.get_running_loop().time()
        for agent_no in list(self._floor.members):
            levels = wanted.levels(agent_no)
            if levels and self._differs(agent_no, levels) and self._not_before.get(agent_no, now) <= now:
                try:
                    await self._agree_one(agent_no, levels)
                except LianxinError as exc:
                    self._not_before[agent_no] = now + AGAIN_S
                    log.warning("skills_wait", agent_no=agent_no, code=exc.code)

    def _differs(self, agent_no: str, levels: Mapping[str, int]) -> bool:
        members = self._floor.members.get(agent_no, {})
        now = {queue: member.penalty for queue, member in members.items()}
        return bool(members) and now != {q: penalty(n) for q, n in levels.items()}

    async def _agree_one(self, agent_no: str, levels: Mapping[str, int]) -> None:
        async with self._seats.lock(agent_no):
            members = dict(self._floor.members.get(agent_no, {}))
            if not members:  # signed out meanwhile
                return
            one = next(iter(members.values()))
            for queue, level in levels.items():
                if queue not in members:
                    await self._join(one, frozenset(reasons_of(members.values())), queue, level)
                elif members[queue].penalty != penalty(level):
                    await self._level(one, queue, level)
            for queue in members.keys() - levels.keys():
                if agent_no not in self._floor.in_call:
                    await self._leave(one, queue)

    async def _join(self, one: MemberSeen, reasons: frozenset[str], queue: str, level: int) -> None:
        headers = {
            "Queue": queue,
            "Interface": one.interface,
            "StateInterface": one.interface,
            "MemberName": one.agent_no,
            "Penalty": str(penalty(level)),
            "Paused": "true" if reasons else "false",
        }
        if reasons:
            headers["Reason"] = r.joined(reasons)
        await self._act("QueueAdd", headers, one.agent_no, queue, penalty(level))

    async def _level(self, one: MemberSeen, queue: str, level: int) -> None:
        headers = {"Interface": one.interface, "Queue": queue, "Penalty": str(penalty(level))}
        await self._act("QueuePenalty", headers, one.agent_no, queue, penalty(level))

    async def _leave(self, one: MemberSeen, queue: str) -> None:
        await self._act("QueueRemove", {"Queue": queue, "Interface": one.interface}, one.agent_no, queue, None)

    async def _act(self, name: str, headers: Mapping[str, str], agent_no: str, queue: str, wanted: int | None) -> None:
        """``wanted``: the penalty afterwards; None: no member.

        Raises:
            ActionRefused: nothing happened.
            NotConfirmed, AmiTimeout, AmiLost: unknown.
        """

        def told(floor: Floor) -> bool:
            member = floor.members.get(agent_no, {}).get(queue)
            return (member.penalty if member is not None else None) == wanted

        with self._live.expecting(told) as confirmed:
            response = await self._client.action(name, headers)
            if not response.ok:
                raise ActionRefused(response.message, action=name)
            try:
                await asyncio.wait_for(confirmed, CONFIRM_S)
            except TimeoutError as exc:
                raise NotConfirmed(f"{name} {queue}") from exc
        log.info("skill_in_force", agent_no=agent_no, queue=queue, penalty=wanted)
