"""The trunk: how many channels it carries, and whether Asterisk can reach the carrier. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from cti.facts import TrunkLive
from pbx_config import contract

_DEVICE = f"PJSIP/{contract.TRUNK}"
_PREFIX = f"{_DEVICE}-"
# Q.850: the line or the network failed. What a person did (busy, no answer, refused, no such number) is no fault of it.
_FAULTS = frozenset({27, 34, 38, 41, 42, 44, 47, 58, 102})
# A trunk known by address alone has no contact to qualify: Asterisk calls it UNAVAILABLE until a call comes, which says
# nothing about the carrier. INVALID means that the endpoint itself is missing.
_BROKEN = frozenset({"INVALID"})


Fault = tuple[str, datetime]


def fault_of(channel: str, cause: int | None, at: datetime) -> Fault | None:
    """The trunk's fault that this end of a channel tells of."""
    return (f"q850.{cause}", at) if channel.startswith(_PREFIX) and cause in _FAULTS else None


def trunk_body(
    node: str,
    channels: Iterable[str],
    devices: Mapping[str, str],
    previous: TrunkLive | None,
    at: datetime,
    *,
    fault: Fault | None = None,
) -> TrunkLive:
    """``since`` is when it became (un)reachable; without a newer ``fault`` the last one stays."""
    if fault is None and previous is not None and previous.fault and previous.fault_at:
        fault = previous.fault, previous.fault_at
    reachable = devices.get(_DEVICE) not in _BROKEN
    same = previous is not None and previous.reachable == reachable
    return TrunkLive(
        endpoint=contract.TRUNK,
        node=node,
        reachable=reachable,
        channels=sum(name.startswith(_PREFIX) for name in channels),
        since=previous.since if same and previous is not None else at,
        fault=fault[0] if fault else None,
        fault_at=fault[1] if fault else None,
    )
