"""An agent's own commands: signing in and out, ready, pauses and blocks. What it does to the queue is in cti.seats.

Signing in and out holds the agent's lock, as the keeper of skills does: or that one would bring who leaves queue after
queue back into those that were left.
"""

from __future__ import annotations

from cti.commands import errors as e
from cti.commands.asked import Asked
from cti.commands.desk import Desk, Step
from cti.seats import reasons as r
from pbx_config import contract


async def sign_in(desk: Desk, asked: Asked) -> None:
    agent_no, interface = asked.agent, contract.interface(asked.seat, asked.phone)
    async with desk.seats.lock(agent_no):
        if desk.floor.members.get(agent_no):
            raise e.AlreadySignedIn(agent_no)
        if any(body.seat == asked.seat for body in desk.floor.agents.values()):
            raise e.SeatTaken(asked.seat)
        if not desk.registered(interface):
            raise e.PhoneNotRegistered(interface)
        queues = desk.queues_of(agent_no)  # one is enough to be signed in; SkillKeeper sees to the others
        member = {
            "Interface": interface,
            "StateInterface": interface,
            "MemberName": agent_no,
            "Paused": "true",
            "Reason": contract.REASON_NOT_READY,
        }
        steps = [
            Step("QueueAdd", {"Queue": queue, "Penalty": str(penalty), **member}, needed=n == 0)
            for n, (queue, penalty) in enumerate(sorted(queues.items(), key=lambda of: of[1]))
        ]
        await desk.carry(steps, lambda floor: agent_no in floor.agents)


async def sign_out(desk: Desk, asked: Asked) -> None:
    agent_no = asked.agent
    async with desk.seats.lock(agent_no):
        interface = desk.member(agent_no)
        if agent_no in desk.floor.in_call:
            raise e.AgentInCall(agent_no)
        for queue in list(desk.floor.members[agent_no]):
            headers = {"Queue": queue, "Interface": interface}
            await desk.act("QueueRemove", headers, lambda f, q=queue: q not in f.members.get(agent_no, {}))  # type: ignore[misc]


async def ready(desk: Desk, asked: Asked) -> None:
    interface = desk.member(asked.agent)
    if not desk.registered(interface):
        raise e.PhoneNotRegistered(interface)
    if any(r.is_phone(reason) for reason in desk.floor.agents[asked.agent].reasons):
        raise e.PhoneBlocked(asked.agent)
    await desk.seats.change(asked.agent, r.ready)


async def pause(desk: Desk, asked: Asked) -> None:
    reason = asked.word("reason", r.WORD)
    if reason in r.RESERVED:
        raise e.BadArgument("reason", argument="reason")
    await desk.seats.change(asked.agent, r.pause(reason))


async def wrap_up_end(desk: Desk, asked: Asked) -> None:
    await desk.seats.change(asked.agent, r.remove(contract.REASON_WRAP_UP))


async def block(desk: Desk, asked: Asked) -> None:
    await desk.seats.change(asked.agent, r.add(f"{contract.REASON_PHONE}:{asked.word('reason', r.WORD)}"))


async def unblock(desk: Desk, asked: Asked) -> None:
    await desk.seats.change(asked.agent, r.unblock)
