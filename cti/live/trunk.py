"""The trunks: how many channels each carries, and whether Asterisk can reach the carrier. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from cti.facts import TrunkLive
from pbx_config import contract

_PREFIX = f"PJSIP/{contract.TRUNK}-"
# Q.850: the line or the network failed. What a person did (busy, no answer, refused, no such number) is no fault of it.
_FAULTS = frozenset({27, 34, 38, 41, 42, 44, 47, 58, 102})
# A trunk known by address alone has no contact to qualify: Asterisk calls it UNAVAILABLE until a call comes, which says
# nothing about the carrier. INVALID means that the endpoint itself is missing.
_BROKEN = frozenset({"INVALID"})
_UNREACHED = _BROKEN | {"UNAVAILABLE"}  # of one that is asked again and again whether it is there


# A SIP status that the carrier gives, and no person. Not 403: an agency's exchange that refuses us says it, too; it is
# the agency's outcome, and is not rung once more over another trunk.
_REFUSES_US = frozenset({401, 407, 408, 488})
Fault = tuple[str, datetime]


def is_the_trunks(cause: int | None, sip: int | None) -> bool:
    """This end of a call is the carrier's doing, not a person's."""
    return cause in _FAULTS or (sip is not None and (sip in _REFUSES_US or 500 <= sip < 600))


def fault_of(channel: str, cause: int | None, sip: int | None, at: datetime) -> tuple[str, Fault] | None:
    """The trunk, and its fault that this end of a channel tells of."""
    if not channel.startswith(_PREFIX) or not is_the_trunks(cause, sip):
        return None
    return contract.endpoint_of_channel(channel), (f"sip.{sip}" if sip else f"q850.{cause}", at)


def in_use(endpoint: str, channels: Iterable[str]) -> int:
    """How many calls it carries."""
    return sum(contract.endpoint_of_channel(name) == endpoint for name in channels)


def is_reachable(endpoint: str, devices: Mapping[str, str]) -> bool:
    return devices.get(f"PJSIP/{endpoint}") not in (_BROKEN if endpoint == contract.TRUNK else _UNREACHED)


def trunk_body(
    node: str,
    endpoint: str,
    channels: Iterable[str],
    devices: Mapping[str, str],
    previous: TrunkLive | None,
    *,
    at: datetime,
    fault: Fault | None = None,
) -> TrunkLive:
    """``since`` is when it became (un)reachable; without a newer ``fault`` the last one stays."""
    if fault is None and previous is not None and previous.fault and previous.fault_at:
        fault = previous.fault, previous.fault_at
    reachable = is_reachable(endpoint, devices)
    same = previous is not None and previous.reachable == reachable
    return TrunkLive(
        endpoint=endpoint,
        node=node,
        reachable=reachable,
        channels=in_use(endpoint, channels),
        since=previous.since if same and previous is not None else at,
        fault=fault[0] if fault else None,
        fault_at=fault[1] if fault else None,
    )
