"""Which reasons an agent has after something happened. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from models.errors import Refused
from pbx_config import contract

Change = Callable[[frozenset[str]], frozenset[str]]

WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,23}\Z")
JOINED_LIMIT = 79  # app_queue.c: char reason_paused[80]
RESERVED = frozenset(
    {contract.REASON_WRAP_UP, contract.REASON_PHONE, contract.REASON_NOT_READY, contract.REASON_NO_SOUND}
)


class TooManyReasons(Refused):
    """Asterisk would cut the list, and a cut list would be misread after a restart."""

    code = "agent.too_many_reasons"


def is_phone(reason: str) -> bool:
    return reason.split(":", 1)[0] == contract.REASON_PHONE


def add(reason: str) -> Change:
    return lambda reasons: reasons | {reason}


def remove(reason: str) -> Change:
    return lambda reasons: reasons - {reason}


def ready(reasons: frozenset[str]) -> frozenset[str]:
    """What pressing ready leaves: the wrap-up ends by submit or limit, a dead telephone by a living one."""
    return frozenset(r for r in reasons if r == contract.REASON_WRAP_UP or is_phone(r))


def pause(reason: str) -> Change:
    """A break replaces "not pressed ready yet" and Asterisk's Auto-Pause: the person is there and has said why."""
    return lambda reasons: (reasons - {contract.REASON_NOT_READY, contract.REASON_AUTO}) | {reason}


def unblock(reasons: frozenset[str]) -> frozenset[str]:
    return frozenset(r for r in reasons if not is_phone(r))


def joined(reasons: frozenset[str]) -> str:
    """PausedReason.

    Raises:
        TooManyReasons: it would not fit.
    """
    text = contract.join_reasons(reasons)
    if len(text) > JOINED_LIMIT:
        raise TooManyReasons(text)
    return text
