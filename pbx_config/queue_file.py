"""The file of the queues, as Asterisk reads it: the admin's values, judged before a byte is written. The only writer.

One rename each: Asterisk reads the old file or the new one. Nothing is reloaded here; see docs/decisions/0012.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pbx_config import contract, whole_file
from pbx_config.errors import BadSettings

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_HEAD: Final = "; Written by Lianxin from the admin's values. A change here is lost.\n"
_SECTION: Final = re.compile(r"\[([a-z][a-z0-9_-]*)\]\(lx\)")
_SOUND: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A comma would be the next one of a list, a semicolon a comment.
_PAIR: Final = re.compile(rf"([a-z-]+) = ([a-z0-9-]+|/[^,;]*/{_SOUND.pattern})")
# Sections that queues.conf has for itself: a queue of that name would change all of them.
RESERVED: Final = frozenset({"general", "lx", "lx-plain"})
_FOR_PEOPLE: Final = frozenset({"title", "welcome_text", "periodic_text"})
_SOUNDS: Final = ("welcome_sound_id", "periodic_sound_id")  # versions from before they were there lack them


def is_queue_name(name: object) -> bool:
    """Lower-case letters, digits, "-" and "_", a letter first; no section that queues.conf has for itself."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None and name not in RESERVED


class Strategy(StrEnum):
    """Who of the free seats is rung. Asterisk's "linear" is missing: no running queue can become it or leave it."""

    LEASTRECENT = "leastrecent"  # who has waited longest for a call
    FEWESTCALLS = "fewestcalls"
    RRMEMORY = "rrmemory"  # round and round
    RANDOM = "random"
    RINGALL = "ringall"  # all at once


class QueueLimits:
    """(least, most) of each number."""

    RING_S: Final = (3, 300)
    WEIGHT: Final = (0, 100)
    MAX_WAITING: Final = (1, 10_000)
    ANNOUNCE_EVERY_S: Final = (15, 3600)
    SERVICE_S: Final = (1, 600)
    WRAP_UP_S: Final = (5, 3600)


@dataclass(frozen=True, slots=True)
class QueueSets:
    """One queue. Times in seconds, sounds by the id of their line_sound, which never changes; None: as all queues.

    Raises:
        BadSettings: a value that Asterisk would refuse, misread, or not put in force while it runs.
    """

    name: str
    strategy: Strategy = Strategy.LEASTRECENT
    ring_s: int = 20
    weight: int = 0
    max_waiting: int = 100
    announce_every_s: int = 30
    announce_place: bool = True
    service_s: int = 15
    wrap_up_s: int = 120  # the longest; ours, not Asterisk's, so not in the file
    welcome_sound_id: str | None = None  # once to each caller, by the dial plan, so not in the file
    periodic_sound_id: str | None = None  # to those who wait, in place of the common one

    def __post_init__(self) -> None:
        if not is_queue_name(self.name):
            raise BadSettings(f"no name for a queue: {self.name!r}", field="queue")
        if self.strategy not in tuple(Strategy):
            raise BadSettings(f"unknown queue strategy {self.strategy!r}", field="strategy")
        for field in ("ring_s", "weight", "max_waiting", "announce_every_s", "service_s", "wrap_up_s"):
            value, (least, most) = getattr(self, field), getattr(QueueLimits, field.upper())
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise BadSettings(f"{field} must be a whole number from {least} to {most}, not {value!r}", field=field)
        for field in _SOUNDS:
            sound = getattr(self, field)
            if sound is not None and (not isinstance(sound, str) or not _SOUND.fullmatch(sound)):
                raise BadSettings(f"no sound: {sound!r}", field=field)

    @classmethod
    def of(cls, name: str, value: Mapping[str, Any]) -> QueueSets:
        """From a column of JSON; the title and the texts are for people only.

        Raises:
            BadSettings: also for a key that is missing, or that nobody knows.
        """
        told: dict[str, Any] = dict.fromkeys(_SOUNDS)
        told |= {key: one for key, one in value.items() if key not in _FOR_PEOPLE}
        wanted = {field.name for field in fields(cls)} - {"name"}
        if told.keys() != wanted:
            raise BadSettings(f"not the values of a queue: {sorted(told.keys() ^ wanted)}", field="queue")
        if told["strategy"] not in tuple(Strategy) or not isinstance(told["announce_place"], bool):
            raise BadSettings("not the values of a queue", field="strategy")
        return cls(name, **(told | {"strategy": Strategy(told["strategy"])}))

    @property
    def value(self) -> dict[str, Any]:
        """The inverse of :meth:`of`, without what is for people."""
        told = asdict(self) | {"strategy": self.strategy.value}
        del told["name"]
        return told

    @property
    def sounds(self) -> frozenset[str]:
        """What must be on the PBX before this is in force."""
        return frozenset(filter(None, (self.welcome_sound_id, self.periodic_sound_id)))

    def pairs(self, sounds: Path) -> Mapping[str, str]:
        """As queues.conf spells it. ``sounds``: the folder in which Asterisk finds them."""
        own = {"periodic-announce": f"{sounds}/{self.periodic_sound_id}"} if self.periodic_sound_id else {}
        return own | {
            "strategy": self.strategy.value,
            "timeout": str(self.ring_s),
            "weight": str(self.weight),
            "maxlen": str(self.max_waiting),
            "servicelevel": str(self.service_s),
            "announce-position": "yes" if self.announce_place else "no",
            "announce-frequency": str(self.announce_every_s),
            "periodic-announce-frequency": str(self.announce_every_s * 2),
        }


def text_of(queues: Sequence[QueueSets], sounds: Path) -> str:
    """The whole file. ``sounds``: as in :meth:`QueueSets.pairs`.

    Raises:
        BadSettings: a queue twice, none at all, or a text that does not read back as what it was written from.
    """
    names = [queue.name for queue in queues]
    if not names or len(set(names)) != len(names):
        raise BadSettings("each queue once, and one at least", field="queue")
    told = {queue.name: dict(queue.pairs(sounds)) for queue in queues}
    sections = [f"\n[{name}](lx)\n" + "".join(f"{k} = {v}\n" for k, v in pairs.items()) for name, pairs in told.items()]
    text = _HEAD + "".join(sections)
    if read(text) != told:
        raise BadSettings("the file does not read back", field="queue")
    return text


def read(text: str) -> dict[str, dict[str, str]]:
    """Queue → its pairs, of a file of ours; strict, so that what passes here passes Asterisk too.

    Raises:
        BadSettings: a line that is none of ours.
    """
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    for line in text.removeprefix(_HEAD).splitlines():
        section, pair = _SECTION.fullmatch(line), _PAIR.fullmatch(line)
        if section is not None and section[1] not in found:
            current = found[section[1]] = {}
        elif pair is not None and current is not None and pair[1] not in current:
            current[pair[1]] = pair[2]
        elif line:
            raise BadSettings(f"no line of a file of queues: {line!r}", field="queue")
    return found


class QueueFile:
    """The file in the folder ``PbxSettings.queues``. Methods block."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / contract.QUEUES_FILE

    def text(self) -> str | None:
        """None where there is none."""
        return self.path.read_text(encoding="utf-8") if self.path.exists() else None

    def write(self, text: str) -> bool:
        """Replace it; False where it says so already."""
        return whole_file.replace(self.path, text.encode())

    def begin(self, queue: str) -> None:
        """A line whose admin has tuned nothing has its one queue as rendered."""
        if not self.path.exists():
            self.write(f"{_HEAD}\n[{queue}](lx-plain)\n")


class QueueSounds:
    """What queues say in their own words, in the folder :attr:`path`. Methods block.

    Nothing is ever taken away: a call may be hearing it, and an undone version may name it again.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / contract.QUEUE_SOUNDS

    def has(self, name: str) -> bool:
        return self._file(name).exists()

    def keep(self, name: str, wav: bytes) -> None:
        """``wav``: 8 kHz, 16 bit, mono."""
        whole_file.replace(self._file(name), wav)

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.wav"


class CallFiles:
    """One small file for each name, read by the dial plan with each call: a number's queue, a queue's welcome."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix

    def keep(self, values: Mapping[str, str]) -> None:
        """These and no others; judged by ``tuning.queue_of_number`` and :class:`QueueSets`."""
        for name, value in values.items():
            whole_file.replace(self._folder / f"{self._prefix}{name}", value.encode("ascii"))
        for path in self._folder.glob(f"{self._prefix}*"):
            if path.name.removeprefix(self._prefix) not in values:
                path.unlink(missing_ok=True)
