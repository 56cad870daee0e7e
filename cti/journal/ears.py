"""What cel.csv says of the ears of one call: who heard it, how, from when to when, and how it ended. Pure.

The dial plan says when an ear begins to hear (LX_EAR, again at each change of mode); its channel's HANGUP says when it
ended. So it is right whoever of us was alive. An ear is never a leg of the call: its lines are read here alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from cti.journal.lines import CelLine
from cti.journal.rows import EarRow
from models.ear import EarEnd
from pbx_config import contract
from pbx_config.contract import EarMode, Milestone

_CLEARING: Final = 16
_MODES: Final = frozenset(mode.value for mode in EarMode)


class _Stretch:
    """From the moment it begins to hear in one mode; ``ended_at`` None while it does."""

    __slots__ = ("agent_no", "end", "ended_at", "mode", "started_at", "uniqueid")

    def __init__(self, line: CelLine, mode: str, agent_no: str) -> None:
        self.uniqueid = line.uniqueid
        self.mode = mode
        self.agent_no = agent_no
        self.started_at = line.at
        self.ended_at: datetime | None = None
        self.end = EarEnd.UNKNOWN

    def close(self, at: datetime, end: EarEnd) -> None:
        self.ended_at, self.end = max(at, self.started_at), end


class Ears:
    """The fold: stretches in the file's order."""

    __slots__ = ("_open", "_stretches", "last_at")

    def __init__(self) -> None:
        self._stretches: list[_Stretch] = []
        self._open: dict[str, _Stretch] = {}
        self.last_at: datetime | None = None

    def add(self, line: CelLine) -> None:
        self.last_at = line.at if self.last_at is None else max(self.last_at, line.at)
        if line.event == Milestone.EAR:
            self._begin(line)
        elif line.event in ("HANGUP", "CHAN_END") and line.uniqueid in self._open:
            self._open.pop(line.uniqueid).close(line.at, _end_of(line))

    def _begin(self, line: CelLine) -> None:
        told = line.extra_object().get("extra")
        mode, _, agent_no = told.partition(":") if isinstance(told, str) else ("", "", "")
        if mode not in _MODES:
            return
        before = self._open.get(line.uniqueid)
        if before is not None:
            before.close(line.at, EarEnd.SWITCHED)
        self._open[line.uniqueid] = stretch = _Stretch(line, mode, agent_no)
        self._stretches.append(stretch)

    def uniqueids(self) -> set[str]:
        return {stretch.uniqueid for stretch in self._stretches}

    def rows(self, node: str, call_id: UUID, lost_at: datetime | None) -> tuple[EarRow, ...]:
        """Of stretches that are over: a row is written once and never changed. ``lost_at``: the switch died then."""
        if lost_at is not None:
            for stretch in self._open.values():
                stretch.close(max(lost_at, self.last_at or lost_at), EarEnd.LOST)
            self._open.clear()
        return tuple(self._row(node, call_id, place, one) for place, one in enumerate(self._stretches) if one.ended_at)

    @staticmethod
    def _row(node: str, call_id: UUID, place: int, one: _Stretch) -> EarRow:
        told = contract.ear_leg(one.uniqueid)
        assert told is not None
        assert one.ended_at is not None
        ident = contract.leg_id(node, f"{one.uniqueid}/{one.started_at.isoformat()}")
        return EarRow(
            ident, call_id, one.uniqueid, told.leg_no, told.seat, one.agent_no or None, one.mode, one.started_at,
            one.ended_at, one.end,
        )  # fmt: skip


def _end_of(line: CelLine) -> EarEnd:
    """As HANGUP tells it: the channel whose far end hung up; ``dialplan/builtin`` where there was nothing more to hear;
    nobody where a manager ended it (cause 16), or its telephone was gone."""
    extra = line.extra_object()
    source, cause = extra.get("hangupsource"), extra.get("hangupcause")
    if line.event == "CHAN_END":
        return EarEnd.UNKNOWN
    if source == line.channel:
        return EarEnd.HUNG_UP
    if source:
        return EarEnd.CALL_OVER
    return EarEnd.STOPPED if cause == _CLEARING else EarEnd.TELEPHONE_GONE
