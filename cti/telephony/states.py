"""What Asterisk's console prints of contacts and registrations, read. Pure.

The console, not the manager interface: that one lists contacts only for a user with the class "system".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# "  Contact:  8001/sip:8001@10.1.2.3:5060   6b5acf0ef8 Avail   0.676"; a long URI runs into the next column
_CONTACT = re.compile(r"^ +Contact: +([^/\s]+)/(\S+) +([0-9a-f]{10}) +(\w+) +(\S+)$", re.MULTILINE)
_REGISTRATION = re.compile(r"^ (\S+)/sip:\S+ +\S+ +(Registered|Unregistered|Rejected|Stopped|Unregistering)\b", re.M)
_KEPT = re.compile(r"^/registrar/contact/(\S+?)\s*: (\{.*\})$", re.MULTILINE)
_ENDPOINT = re.compile(r"^ Endpoint: +([^/\s<]+)", re.MULTILINE)


class State(StrEnum):
    REGISTERED = "registered"  # a telephone that is there; a trunk that has registered, or answers when it is asked
    UNREACHABLE = "unreachable"  # it does not answer when it is asked whether it is there
    UNREGISTERED = "unregistered"
    REJECTED = "rejected"  # the carrier refused our registration
    UNCHECKED = "unchecked"  # a trunk known by address alone


@dataclass(frozen=True, slots=True)
class Now:
    """One endpoint at this moment."""

    state: State
    address: str | None = None
    user_agent: str | None = None
    rtt_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a telephone has registered."""

    key: str  # in Asterisk's own database
    address: str
    user_agent: str


def kept(printed: str) -> dict[str, list[Kept]]:
    """Endpoint → its contacts, of ``database show registrar/contact``."""
    found: dict[str, list[Kept]] = {}
    for key, text in _KEPT.findall(printed):
        try:
            told = json.loads(text)
        except ValueError:
            continue  # a console line of another shape
        address = f"{told.get('via_addr') or ''}:{told.get('via_port') or ''}"
        one = Kept(key, address, str(told.get("user_agent") or "")[:120])
        found.setdefault(key.partition(";@")[0], []).append(one)
    return found


def endpoints_in(printed: str) -> frozenset[str]:
    """Of ``pjsip show endpoints``."""
    return frozenset(_ENDPOINT.findall(printed))


def states(names: Mapping[str, bool], contacts: str, registered: str, registrations: str) -> dict[str, Now]:
    """Endpoint → how it is. ``names``: those that are wanted; True: it is a trunk that registers with its carrier."""
    seen = {name: (uri, status, _rtt(rtt)) for name, uri, _, status, rtt in _CONTACT.findall(contacts)}
    known = kept(registered)
    carriers = dict(_REGISTRATION.findall(registrations))
    return {
        name: _state(seen.get(name), known.get(name, [None])[-1], carriers.get(name) if registers else None, registers)
        for name, registers in names.items()
    }


def _state(
    contact: tuple[str, str, float | None] | None, where: Kept | None, carrier: str | None, registers: bool
) -> Now:
    if contact is None:
        return Now(State.UNREGISTERED)
    uri, status, rtt_ms = contact
    address = where.address if where else uri.rpartition("@")[2].removeprefix("sip:").partition(";")[0]
    agent = (where.user_agent or None) if where else None
    if registers and carrier != "Registered":
        return Now(State.REJECTED if carrier == "Rejected" else State.UNREGISTERED, address, agent, rtt_ms)
    if status.startswith("Unavail"):
        return Now(State.UNREACHABLE, address, agent)
    if status.startswith("NonQual") and where is None:
        return Now(State.UNCHECKED, address)
    return Now(State.REGISTERED, address, agent, rtt_ms)


def _rtt(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True)
class Told:
    """A row of ``endpoint_state``."""

    now: Now
    since: datetime
    fault: str | None = None
    fault_at: datetime | None = None


_FAULTS = {State.UNREACHABLE: "unreachable", State.REJECTED: "registration.rejected"}


def after(before: Told | None, now: Now, fault: tuple[str, datetime] | None, at: datetime) -> Told:
    """The next row. ``fault``: what was told of it beside its state; the newest fault stays, whoever told it."""
    same = before is not None and before.now.state is now.state
    since = before.since if same and before is not None else at
    faults = [(before.fault, before.fault_at)] if before and before.fault and before.fault_at else []
    faults += [fault] if fault else []
    if not same and now.state in _FAULTS:
        faults.append((_FAULTS[now.state], at))
    elif now.state is State.UNREGISTERED and before is not None and before.now.state is State.REGISTERED:
        faults.append(("unregistered", at))
    what, when = max(faults, key=lambda f: f[1]) if faults else (None, None)
    return Told(now, since, what, when)
