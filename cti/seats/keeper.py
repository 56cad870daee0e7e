"""The keeper of the seats: changes reasons on the PBX, begins the wrap-up at hang-up, ends it at its limit.

Each change reads the reasons the PBX told last, writes the new ones and waits for the PBX to tell them back, one at a
time per agent: two changes at once cannot lose one of them. An agent is unpaused only when no reason is left.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime

import structlog

from cti.ami import ActionRefused, AmiClient
from cti.live.agent import reasons_of
from cti.live.floor import Floor, Released
from cti.live.watch import Live
from cti.seats import reasons as r
from models.errors import LianxinError, Refused, Unavailable
from pbx_config import contract

log = structlog.get_logger(__name__)

CONFIRM_S = 5.0
TICK_S = 0.25


class AgentNotSignedIn(Refused):
    code = "agent.not_signed_in"


class NotConfirmed(Unavailable):
    """Asterisk said yes, and then never told the fact."""

    code = "command.not_confirmed"


class SeatKeeper:
    """One per PBX. :meth:`run` must run for wrap-ups to begin and end."""

    def __init__(self, client: AmiClient, floor: Floor, live: Live) -> None:
        self._client, self._floor, self._live = client, floor, live
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._released: asyncio.Queue[str] = asyncio.Queue()
        self._ending: set[str] = set()
        floor.on_released = self._on_released
        live.on_live.append(self._on_live)

    def lock(self, agent_no: str) -> asyncio.Lock:
        """Held by whoever changes the agent's memberships or reasons: one at a time."""
        return self._locks[agent_no]

    # ── reasons ──────────────────────────────────────────────────────────────────────────────────────

    async def change(self, agent_no: str, change: r.Change) -> frozenset[str]:
        """Apply a change to the agent's reasons on the PBX; returns the reasons afterwards, as the PBX told them.

        Raises:
            AgentNotSignedIn, TooManyReasons, ActionRefused: nothing changed.
            NotConfirmed, AmiTimeout, AmiLost: unknown.
        """
        async with self._locks[agent_no]:
            members = list(self._floor.members.get(agent_no, {}).values())
            if not members:
                raise AgentNotSignedIn(agent_no)
            before = reasons_of(members)
            after = change(before)
            # A member may be paused for no reason (by somebody at the console): then "no reason left" unpauses it.
            if after == before and bool(after) == any(member.paused for member in members):
                return after
            await self._write(agent_no, members[0].interface, after)
            return after

    async def _write(self, agent_no: str, interface: str, reasons: frozenset[str]) -> None:
        def told(floor: Floor) -> bool:
            members = floor.members.get(agent_no, {}).values()
            return all(m.reasons == reasons and m.paused == bool(reasons) for m in members)

        headers = {"Interface": interface, "Paused": "true" if reasons else "false"}
        if reasons:
            headers["Reason"] = r.joined(reasons)
        with self._live.expecting(told) as confirmed:
            response = await self._client.action("QueuePause", headers)
            if not response.ok:
                raise ActionRefused(response.message)
            try:
                await asyncio.wait_for(confirmed, CONFIRM_S)
            except TimeoutError as exc:
                raise NotConfirmed(f"QueuePause {interface}") from exc

    # ── wrap-up ──────────────────────────────────────────────────────────────────────────────────────

    def _on_released(self, released: Released) -> None:
        if self._floor.members.get(released.agent_no):
            self._floor.wrapping.add(released.agent_no)
            self._floor.derive_agent(released.agent_no, released.at)
            self._released.put_nowait(released.agent_no)

    def _on_live(self) -> None:
        """After a gap: a wrap-up that could not be asked for is asked for now."""
        for agent_no in sorted(self._floor.wrapping):
            self._released.put_nowait(agent_no)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._end_at_limits(tasks), name="wrap-up-limits")
            while True:
                agent_no = await self._released.get()
                tasks.create_task(self._begin(agent_no), name=f"wrap-up:{agent_no}")

    async def _begin(self, agent_no: str) -> None:
        if agent_no not in self._floor.wrapping:
            return
        try:
            await self.change(agent_no, r.add(contract.REASON_WRAP_UP))
        except Refused as exc:
            log.error("wrap_up_refused", agent_no=agent_no, code=exc.code, detail=exc.detail)
        except LianxinError as exc:
            log.warning("wrap_up_waits", agent_no=agent_no, code=exc.code)
            if not self._client.link.live:
                return  # it stays wanted, and is asked for when the link is live again
            self._live.doubt()  # an answer or an event was lost: the PBX may have done it, and is asked again if not
            if agent_no not in self._floor.in_call:
                self._released.put_nowait(agent_no)
                return
        self._let_go(agent_no)

    def _let_go(self, agent_no: str) -> None:
        """Nothing is being asked for: the agent is shown as the PBX has it."""
        self._floor.wrapping.discard(agent_no)
        self._floor.derive_agent(agent_no, datetime.now(UTC))
        self._live.publisher.wake()

    async def _end_at_limits(self, tasks: asyncio.TaskGroup) -> None:
        """All that are due at once: an agent whom the PBX is slow to confirm keeps no other waiting."""
        while True:
            await asyncio.sleep(TICK_S)
            now = datetime.now(UTC)
            for agent_no, body in self._floor.agents.items():
                due = body.wrap_up_until is not None and body.wrap_up_until <= now
                if due and agent_no not in self._ending and self._client.link.live:
                    self._ending.add(agent_no)
                    tasks.create_task(self._end(agent_no), name=f"wrap-up-end:{agent_no}")

    async def _end(self, agent_no: str) -> None:
        try:
            await self.change(agent_no, r.remove(contract.REASON_WRAP_UP))
            log.info("wrap_up_ended_by_limit", agent_no=agent_no)
        except LianxinError as exc:
            log.warning("wrap_up_end_failed", agent_no=agent_no, code=exc.code)
            self._live.doubt()
        finally:
            self._ending.discard(agent_no)
            self._let_go(agent_no)
