"""A test call ("trial") through one trunk, as far as the PBX has told what became of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cti.live import pbx_facts as f


@dataclass(frozen=True, slots=True)
class Trial:
    """``gone``: no channel of it is left; ``cause`` (Q.850) and ``sip`` then say why, where they are known."""

    opened: bool = False
    rang: bool = False
    answered: bool = False
    gone: bool = False
    cause: int | None = None
    sip: int | None = None


def tested(before: Trial, fact: f.ChannelFact | f.OriginateFailed) -> Trial:
    """OriginateFailed comes before the channel's own end, and alone where none was made (nobody there to be asked)."""
    if isinstance(fact, f.OriginateFailed):
        return before if before.opened else replace(before, gone=True)
    if isinstance(fact, f.ChannelOpened):
        return replace(before, opened=True)
    if isinstance(fact, f.LegRinging):
        return replace(before, rang=True)
    if isinstance(fact, f.LegAnswered):
        return replace(before, answered=True)
    if isinstance(fact, f.ChannelClosed):
        return replace(before, gone=True, cause=fact.cause, sip=fact.sip)
    return before
