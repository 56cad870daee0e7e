"""Waiting until everything has come to rest, then judging it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.support.ami_wire import ami_wire
from tests.support.checker import check
from tests.support.eventually import eventually
from tests.support.house import House
from tests.support.sipp import Sipp
from tests.support.verdict import Verdict


async def settled(house: House, *, within_s: float = 60, calls: int | None = None, **evidence: Any) -> Verdict:
    """The verdict once nothing differs any more, or the last one when it still does after ``within_s``.

    Raises:
        AssertionError: something differs to the end; the differences are printed.
    """
    begun = time.monotonic()
    last: list[Verdict] = []

    async def right() -> bool:
        verdict = await check(house.dsn, house.evidence(**evidence))
        last[:] = [verdict]
        return not verdict.differences and (calls is None or verdict.outcomes.total() == calls)

    try:
        await eventually(right, within_s, 1.0)
    except AssertionError as exc:
        raise AssertionError(
            f"not right {time.monotonic() - begun:.0f} s after the last call:\n{last[0] if last else exc}"
        ) from exc
    return last[0]


async def hung_up(calls: Sipp, within_s: float) -> None:
    """Wait until every citizen has hung up."""
    await eventually(lambda: not calls.running, within_s, 0.2)


async def like_the_pbx(house: House, within_s: float) -> None:
    """Wait until the live table says of every seat and call what Asterisk itself says.

    Raises:
        AssertionError: it never did; both are printed.
    """

    async def same() -> bool:
        told = await house.fetch(
            "SELECT topic, key, body->>'state' AS state FROM live WHERE topic IN ('agent', 'call')"
        )
        members, channels = await asyncio.to_thread(_ask_pbx, house)
        agents = {r["key"]: r["state"] for r in told if r["topic"] == "agent"}
        calls = sum(1 for r in told if r["topic"] == "call" and r["state"] != "ended")
        assert agents == members, {
            k: (agents.get(k), members.get(k)) for k in agents | members if agents.get(k) != members.get(k)
        }
        assert calls == channels, (calls, channels)
        return True

    await eventually(same, within_s, 0.5)


def _ask_pbx(house: House) -> tuple[dict[str, str], int]:
    """(state of every queue member, citizens' channels) from a manager connection of the test's own, at rest."""
    settings = house.pbx.settings
    with ami_wire(settings) as wire:
        members = wire.list("QueueStatus", "QueueMember", Queue=settings.queue.name)
        channels = wire.list("CoreShowChannels", "CoreShowChannel")
    states = {m["Name"]: _member_state(m) for m in members}
    return states, sum(1 for c in channels if c["Channel"].startswith("PJSIP/trunk-"))


def _member_state(member: dict[str, str]) -> str:
    """AMI's words (Status: AST_DEVICE_*) in those of the desk."""
    if member["Paused"] == "1":
        return "wrap_up" if "wrap-up" in member["PausedReason"].split("+") else "paused"
    return {"1": "ready", "2": "talking", "6": "ringing", "5": "unreachable"}.get(member["Status"], member["Status"])
