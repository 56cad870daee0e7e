"""Where an agent's browser telephone lives and whether it works: pure rules over what pages say, with the time given.

One page of an agent has the telephone: the one that said "ok" last. Newer wins, because the PBX too rings the newest
registration; the page before is told and falls silent. What another page says of its own trouble changes nothing.
A page that vanished may come back (a reload) within the grace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pbx_config.contract import REASON_PHONE, Phone

NETWORK = "network"


@dataclass(slots=True)
class Claim:
    tab: str
    socket: int
    trouble: str | None  # why it does not work; None when it does
    gone_at: float | None = None


class Presence:
    """The claims of all agents. Times are of one monotonic clock."""

    def __init__(self, grace_s: float, started_at: float) -> None:
        self._grace_s = grace_s
        self._started_at = started_at
        self._claims: dict[str, Claim] = {}
        self._signed_in_at: dict[str, float] = {}

    def owner(self, agent_no: str) -> str | None:
        claim = self._claims.get(agent_no)
        return claim.tab if claim else None

    def heard(self, agent_no: str, socket: int, tab: str, trouble: str | None) -> bool:
        """A page spoke; True when the telephone moved to it from another page."""
        claim = self._claims.get(agent_no)
        if claim is not None and claim.tab != tab and trouble is not None and claim.gone_at is None:
            return False
        self._claims[agent_no] = Claim(tab, socket, trouble)
        return claim is not None and claim.tab != tab

    def gone(self, agent_no: str, socket: int, now: float) -> None:
        """A socket closed."""
        claim = self._claims.get(agent_no)
        if claim is not None and claim.socket == socket:
            claim.gone_at = now

    def seen(self, signed_in: set[str], now: float) -> None:
        """Who is signed in now; who signed out is forgotten."""
        for agent_no in self._signed_in_at.keys() - signed_in:
            del self._signed_in_at[agent_no]
        for agent_no in signed_in - self._signed_in_at.keys():
            self._signed_in_at[agent_no] = now

    def wanted(self, agent: dict[str, Any], now: float) -> tuple[str, str | None] | None:
        """What must be asked of the PBX for this live agent: ("agent.block", reason), ("agent.unblock", None) or None.

        Level-triggered: it compares what should be with what is, so a lost command or a restart only delays it.
        """
        if agent["phone"] != Phone.BROWSER:
            return None  # the PBX itself knows whether a SIP telephone is there
        blocked = {r.removeprefix(f"{REASON_PHONE}:") for r in agent["reasons"] if r.startswith(REASON_PHONE)}
        claim = self._claims.get(agent["agent_no"])
        since = claim.gone_at if claim else max(self._started_at, self._signed_in_at.get(agent["agent_no"], now))
        if since is not None:
            if now - since < self._grace_s or blocked:
                return None
            return "agent.block", NETWORK
        trouble = claim.trouble if claim else NETWORK
        if trouble is not None:
            return None if trouble in blocked else ("agent.block", trouble)
        return ("agent.unblock", None) if blocked else None
