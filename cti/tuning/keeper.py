"""Writes the files of queues and numbers when the versions changed, has Asterisk read them, and looks whether it did.

Asterisk answers "reloaded" also when it could not read the file, so its own list of queues is
the proof: where that differs from what was asked, the file from before is put back and the refusal is told. When the
database is away, or Asterisk is, nothing is lost: files stay as they are, and agree again when both are back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import asyncpg
import structlog

from cti.ami import Event
from cti.keeping import keep
from cti.live.watch import Live
from cti.tuning.wanted import NO_SOUND, Key, Told, Wanted, judged, queues_told, read, sounds, tell
from models.errors import Refused
from models.tuning import Kind
from pbx_config import contract
from pbx_config.queue_file import CallFiles, QueueFile, QueueSets, QueueSounds, text_of

log = structlog.get_logger(__name__)

# Our word, and the header of QueueParams that tells it.
_PROOF = {"maxlen": "Max", "strategy": "Strategy", "weight": "Weight", "servicelevel": "ServiceLevel"}


class NotInForce(Refused):
    """Asterisk read the file and does something else."""

    code = "pbx.not_in_force"


class Members(Protocol):
    """Who brings the signed-in agents into their queues."""

    async def agree(self, wanted: Wanted) -> None: ...


class TuningKeeper:
    """One per PBX, on its host."""

    def __init__(self, pool: asyncpg.Pool, live: Live, members: Members, folder: Path) -> None:
        self._pool, self._client, self._floor, self._live, self._members = pool, live.client, live.floor, live, members
        self._file, self._sounds = QueueFile(folder), QueueSounds(folder)
        self._numbers = CallFiles(folder, contract.NUMBER_FILE)
        self._welcomes = CallFiles(folder, contract.WELCOME_FILE)
        self._wanted = Wanted()
        self._seen: tuple[Wanted, int] | None = None  # what was dealt with, on which connection
        self._queues: Mapping[str, int] | None = None  # revisions in force; None: not read yet what an earlier cti told
        self._untold: dict[Key, Told] = {}
        self._good: str | None = None  # the file that Asterisk was last seen to follow

    async def run(self) -> None:
        """Agree at the start, at every change, and with every new connection."""
        await keep("tuning", self._look)

    async def _look(self) -> None:
        async with self._pool.acquire() as conn:
            versions = await read(conn)
            if self._queues is None:
                self._queues = await queues_told(conn, self._floor.node)
        if not versions:  # nobody tuned anything: the line is as rendered
            return
        if versions != self._wanted.versions:
            self._wanted = judged(versions)
            self._floor.wrap_up_by_queue = {queue.name: float(queue.wrap_up_s) for queue in self._wanted.queues}
        now = (self._wanted, self._client.link.epoch if self._client.link.live else -1)
        if now != self._seen:
            self._seen = None  # Asterisk, or the disk, may be away in the middle of it
            await self._agree(self._wanted)
            self._seen = now
        if self._client.link.live:
            await self._members.agree(self._wanted)
        if self._untold:
            async with self._pool.acquire() as conn:
                await tell(conn, self._floor.node, self._untold)
            self._untold = {}

    async def _agree(self, wanted: Wanted) -> None:
        refused = dict(wanted.bad) | await self._bring_sounds(wanted.queues)
        if not any(kind is Kind.QUEUE for kind, _ in refused):
            try:
                await self._put_in_force(wanted.queues)
                welcomes = {q.name: q.welcome_sound_id for q in wanted.queues if q.welcome_sound_id}
                await asyncio.to_thread(self._welcomes.keep, welcomes)
            except Refused as exc:
                log.error("queues_refused", code=exc.code, detail=exc.detail)
                refused |= {key: exc.code for key in wanted.versions if key[0] is Kind.QUEUE and self._differs(key)}
        if not any(kind is Kind.NUMBER for kind, _ in refused):
            await asyncio.to_thread(self._numbers.keep, wanted.numbers)
        for key, code in refused.items():
            log.error("tuning_refused", kind=key[0].value, subject=key[1], code=code)
        if self._client.link.live:
            self._tell(wanted, refused)

    async def _bring_sounds(self, queues: Sequence[QueueSets]) -> dict[Key, str]:
        """Before any file names them. Returns the queues that name a sound which nobody has."""
        missing = {name for queue in queues for name in queue.sounds if not self._sounds.has(name)}
        if not missing:
            return {}
        async with self._pool.acquire() as conn:
            found = await sounds(conn, missing)
        for name, wav in found.items():
            await asyncio.to_thread(self._sounds.keep, name, wav)
        missing -= found.keys()
        return {(Kind.QUEUE, queue.name): NO_SOUND for queue in queues if queue.sounds & missing}

    async def _put_in_force(self, queues: Sequence[QueueSets]) -> None:
        """
        Raises:
            BadSettings, NotInForce: the file is as before.
            Unavailable: Asterisk is away; it will read the new file when it comes.
        """
        text = text_of(queues, self._sounds.path)
        if self._good is None:  # what an earlier cti left; nothing better is known
            self._good = await asyncio.to_thread(self._file.text)
        before = self._good
        changed = await asyncio.to_thread(self._file.write, text)
        if not self._client.link.live:
            return
        try:
            await self._reload(queues)
        except Refused:
            if before is not None and before != text:
                await asyncio.to_thread(self._file.write, before)
                await self._client.action("QueueReload", {"Parameters": "yes"})
            raise
        self._good = text
        if changed:
            log.info("queues_in_force", queues=[queue.name for queue in queues])
            self._live.doubt()  # a new queue tells nobody that it is there

    async def _reload(self, queues: Sequence[QueueSets]) -> None:
        """Members and callers stay where they are (measured; docs/decisions/0012).

        Raises:
            NotInForce
        """
        response = await self._client.action("QueueReload", {"Parameters": "yes"})
        if not response.ok:
            raise NotInForce(response.message)
        told = await self._client.list_action("QueueStatus")
        seen = {event["Queue"]: event for event in told.events if event.name == "QueueParams"}
        for queue in queues:
            wrong = _differences(queue, seen.get(queue.name))
            if wrong:
                raise NotInForce(f"{queue.name}: {', '.join(wrong)}")

    def _before(self, key: Key) -> int:
        """The revision of a queue that was in force last; of others it is not kept."""
        return (self._queues or {}).get(key[1], 0) if key[0] is Kind.QUEUE else 0

    def _differs(self, key: Key) -> bool:
        return self._before(key) != self._wanted.versions[key].revision

    def _tell(self, wanted: Wanted, refused: Mapping[Key, str]) -> None:
        """What the admin's page says of this PBX."""
        held = any(kind is Kind.QUEUE for kind, _ in refused)
        if not held:
            self._queues = {key[1]: v.revision for key, v in wanted.versions.items() if key[0] is Kind.QUEUE}
        for key, version in wanted.versions.items():
            if key in refused:
                self._untold[key] = Told(self._before(key), version.revision, refused[key])
            elif key[0] is not Kind.QUEUE or not held:
                self._untold[key] = Told(version.revision)


def _differences(queue: QueueSets, seen: Event | None) -> list[str]:
    if seen is None:
        return ["missing"]
    pairs = queue.pairs(Path())
    return [ours for ours, theirs in _PROOF.items() if seen.get(theirs) != pairs[ours]]
