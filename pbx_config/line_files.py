"""The small files by which the dial plan knows what the line does now. The only writer; the reader is extensions.conf.

One atomic rename each, and only where something changed: a call that is read at the same moment sees the old or the
new. Every value is judged here once more, since it ends in a dial plan.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pbx_config import contract, whole_file
from pbx_config.contract import AREA_HEAD, AREA_TAIL, OverflowKind, Profile
from pbx_config.errors import BadSettings
from pbx_config.hours import Override

_SOUND: Final = re.compile(r"[0-9a-f]{64}")
_DUTY: Final = re.compile(r"[0-9]{3,20}")
_QUEUE: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TRUNK: Final = re.compile(rf"{contract.TRUNK}(-[a-z][a-z0-9]*)?")
_PREFIX: Final = re.compile(r"[1-9][0-9]{0,11}")
_HEAD_SIGNS: Final = 10**AREA_TAIL


@dataclass(frozen=True, slots=True)
class Overflow:
    """``to``: the digits of a duty telephone, or a queue's name.

    Raises:
        BadSettings: it does not fit the kind.
    """

    kind: OverflowKind = OverflowKind.MESSAGE
    to: str = ""

    def __post_init__(self) -> None:
        wanted = {OverflowKind.DUTY: _DUTY, OverflowKind.QUEUE: _QUEUE}.get(self.kind)
        if (wanted is None and self.to) or (wanted is not None and not wanted.fullmatch(self.to)):
            raise BadSettings(f"not where a {self.kind} can go: {self.to!r}", field="overflow")

    @property
    def text(self) -> str:
        return f"{self.kind}={self.to}" if self.to else self.kind.value


@dataclass(frozen=True, slots=True)
class ProfileSets:
    """What one profile does. ``sound``: the checksum of its announcement, "" for none."""

    most: int
    longest_s: int
    sound: str = ""
    on_full: Overflow = Overflow()
    on_no_agent: Overflow = Overflow()
    on_too_long: Overflow = Overflow()

    @property
    def text(self) -> str:
        told = (self.most, self.longest_s, self.sound, self.on_full.text, self.on_no_agent.text, self.on_too_long.text)
        return contract.LINE_SEPARATOR.join(map(str, told))


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """``prefixes``: beginnings of national numbers without their 0; None: every caller hears it."""

    number: int
    sound: str
    prefixes: Sequence[str] | None = None


class LineFiles:
    """The folder ``PbxSettings.line``. Methods block; they return whether something changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def plan(self, begin: datetime, profiles: Iterable[Profile]) -> bool:
        letters = "".join(p.letter for p in profiles)
        return self._write(contract.LINE_PLAN, f"{int(begin.timestamp()):010d}{letters}".encode())

    def override(self, override: Override | None) -> bool:
        path = self._folder / contract.LINE_OVERRIDE
        if override is None:
            there = path.exists()
            path.unlink(missing_ok=True)
            return there
        text = f"{int(override.until.timestamp()):010d}{override.profile.letter}"
        return self._write(contract.LINE_OVERRIDE, text.encode())

    def profile(self, profile: Profile, sets: ProfileSets) -> bool:
        return self._write(contract.LINE_PROFILE + profile.letter, sets.text.encode())

    def ways(self, endpoints: Sequence[str]) -> bool:
        """The trunks for the telephone on duty, in order."""
        for name in endpoints:
            if not _TRUNK.fullmatch(name):
                raise BadSettings(f"not a trunk: {name!r}", field="trunk")
        return self._write(contract.LINE_WAYS, contract.LINE_SEPARATOR.join(endpoints).encode())

    def survey(self, asked: bool | None) -> bool:
        """Whether a citizen is asked how it was, where the dial plan can; None: as it is rendered."""
        path = self._folder / contract.LINE_SURVEY
        if asked is None:
            there = path.exists()
            path.unlink(missing_ok=True)
            return there
        return self._write(contract.LINE_SURVEY, b"1" if asked else b"0")

    def has_sound(self, name: str) -> bool:
        return (self._folder / contract.LINE_SOUNDS / f"{name}.wav").exists()

    def sound(self, wav: bytes) -> str:
        """Keep an announcement (8 kHz, 16 bit, mono); returns its name."""
        name = hashlib.sha256(wav).hexdigest()
        self._write(f"{contract.LINE_SOUNDS}/{name}.wav", wav)
        return name

    def incidents(self, open_: Sequence[OpenIncident]) -> bool:
        """These and no others. Those of an area are asked first: who belongs to it hears the nearer one."""
        ordered = sorted(open_, key=lambda i: (i.prefixes is None, i.number))
        for incident in ordered:
            self._incident(incident)
        text = contract.LINE_SEPARATOR.join(str(i.number) for i in ordered)
        changed = self._write(contract.LINE_INCIDENTS, text.encode())
        for folder in self._folder.glob(f"{contract.LINE_INCIDENT}[0-9]*"):
            if folder.name.removeprefix(contract.LINE_INCIDENT) not in {str(i.number) for i in ordered}:
                shutil.rmtree(folder, ignore_errors=True)
        return changed

    def _incident(self, incident: OpenIncident) -> None:
        """Made whole aside, then renamed: it is never half an area."""
        if not _SOUND.fullmatch(incident.sound):
            raise BadSettings("an incident without its announcement", field="sound")
        target = self._folder / f"{contract.LINE_INCIDENT}{incident.number}"
        if target.exists():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=self._folder, prefix=".incident"))
        (made / "sound").write_text(incident.sound, encoding="ascii")
        if incident.prefixes is not None:
            (made / "area").mkdir()
            for head, signs in area_signs(incident.prefixes).items():
                (made / "area" / head).write_text(signs, encoding="ascii")
        os.rename(made, target)

    def _write(self, name: str, content: bytes) -> bool:
        return whole_file.replace(self._folder / name, content)


def area_signs(prefixes: Iterable[str]) -> Mapping[str, str]:
    """First four digits → a thousand signs for the next three, of all numbers that begin with one of ``prefixes``.

    Raises:
        BadSettings: no beginning of a national number.
    """
    found: dict[str, list[str]] = {}
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            raise BadSettings(f"not the beginning of a number: {prefix!r}", field="prefixes")
        for head in _completed(prefix[:AREA_HEAD], AREA_HEAD):
            signs = found.setdefault(head, ["0"] * _HEAD_SIGNS)
            for tail in _completed(prefix[AREA_HEAD : AREA_HEAD + AREA_TAIL], AREA_TAIL):
                signs[int(tail)] = "1"
    return {head: "".join(signs) for head, signs in found.items()}


def _completed(digits: str, length: int) -> Iterable[str]:
    """Every number of ``length`` digits that begins so."""
    rest = length - len(digits)
    return (f"{digits}{n:0{rest}d}" for n in range(10**rest)) if rest else (digits,)
