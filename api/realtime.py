"""The realtime hub: follows the feed once for the whole process, holds the live picture, fans rows out to screens.

A row is turned into text once; each screen gets it with the seq sent before on that screen. Whose own row it is gets it
at once, who oversees in waves (api.wave). A slow screen has a bounded queue of its own and delays nobody. When the feed
cannot be followed the picture stays as it was, and screens are told.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from datetime import UTC, datetime
from typing import Any

import structlog

from api.picture import LIVE_TOPICS, Entry, Picture
from api.queue_limits import Limit, gone_for_all, limit_of, within
from api.rights import Right
from api.settings import ApiSettings
from api.site_policies import Policies, policies_of
from api.subscriber import Line, Subscriber
from api.viewer import Viewer
from api.visibility import Parties, audience, visible_texts
from api.wave import Wave
from cti.facts import Topic
from models.db import TROUBLE, DatabaseAway
from models.feed import Follower, RawRow, follow

log = structlog.get_logger()

POLL_S = 1.0
SESSION_ENDED = 4401


def now_text() -> str:
    return datetime.now(UTC).isoformat()


class Hub:
    """Owns the picture and the subscribers. Everything but :meth:`run` is synchronous, so nothing interleaves."""

    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        installed = policies_of(settings, {})
        self.policies: Callable[[], Policies] = lambda: installed  # the app puts the site's own here
        self.picture = Picture()
        self.parties = Parties()
        self.loaded = asyncio.Event()
        self.changed = asyncio.Event()  # an agent row came: whoever keeps telephones looks
        self.away_since: datetime | None = datetime.now(UTC)
        self.rows_read = 0
        self.overflows = 0
        self.command_ends: dict[str, int] = defaultdict(int)
        self.lag_s = 0.0
        self._subscribers: set[Subscriber] = set()
        self._oversight: set[Subscriber] = set()
        self._agents: dict[str, set[Subscriber]] = defaultdict(set)
        self._flush: asyncio.TimerHandle | None = None
        self._let_go_at = 0.0
        self._wave = Wave(lambda: self._subscribers)

    # ── subscribers ──────────────────────────────────────────────────────────────────────────────

    @property
    def sockets(self) -> int:
        return len(self._subscribers)

    def subscribe(self, viewer: Viewer) -> Subscriber:
        """Rows after the picture's seq will come to it.

        Raises:
            DatabaseAway: nothing has been read yet.
        """
        if not self.loaded.is_set():
            raise DatabaseAway
        sub = Subscriber(viewer, self.picture.seq, self._settings.socket_queue)
        self._subscribers.add(sub)
        if viewer.may(Right.LIVE_ALL):
            self._oversight.add(sub)
        if viewer.agent_no:
            self._agents[viewer.agent_no].add(sub)
        return sub

    def unsubscribe(self, sub: Subscriber) -> None:
        self._subscribers.discard(sub)
        self._oversight.discard(sub)
        if sub.viewer.agent_no:
            self._agents[sub.viewer.agent_no].discard(sub)

    def close_session(self, token_sha256: bytes) -> None:
        """Sign-out closes the sockets that the session opened."""
        for sub in list(self._subscribers):
            if sub.viewer.token_sha256 == token_sha256:
                sub.close(SESSION_ENDED)

    def tell_agent(self, agent_no: str, message: dict[str, Any]) -> None:
        """A message outside the feed to every screen of an agent."""
        for sub in self._agents[agent_no]:
            sub.message(json.dumps(message))

    def tell_all(self, message: dict[str, Any]) -> None:
        text = json.dumps(message)
        for sub in self._subscribers:
            sub.message(text)

    def limit(self, viewer: Viewer) -> Limit:
        """The queues that are all this person sees; None: everything that the role sees."""
        return limit_of(viewer, limited=self.policies().supervisors_limited)

    def snapshot_text(self, viewer: Viewer) -> str:
        ears_shown = self.policies().agents_see_ears
        lists = visible_texts(self.picture, viewer, ears_shown=ears_shown, limit=self.limit(viewer))
        fields = ",".join(f'"{name}":[{",".join(texts)}]' for name, texts in lists.items())
        return f'{{"seq":{self.picture.seq},"server_time":"{now_text()}",{fields}}}'

    def snapshot_for(self, viewer: Viewer) -> str:
        """Raises: DatabaseAway when nothing has been read yet."""
        if not self.loaded.is_set():
            raise DatabaseAway
        return self.snapshot_text(viewer)

    def ping(self) -> dict[str, Any]:
        since = self.away_since
        return {
            "type": "ping",
            "server_time": now_text(),
            "feed": "away" if since else "ok",
            "feed_since": since.isoformat() if since else None,
        }

    # ── following ────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Follow the feed for ever; a lost database is waited for."""
        wait_s = 0.1
        while True:
            try:
                async with follow(self._settings.dsn) as follower:
                    await self._catch_up(follower)
                    wait_s = 0.1
                    await self._follow(follower)
            except TROUBLE as exc:
                self._lost(exc)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 2.0)

    def _lost(self, exc: BaseException) -> None:
        if self.away_since is None:
            self.away_since = datetime.now(UTC)
            log.warning("feed lost", error=repr(exc), seq=self.picture.seq)
            self.tell_all(self.ping())

    def _found(self) -> None:
        if self.away_since is not None:
            log.info("feed followed", seq=self.picture.seq, since=self.away_since.isoformat())
            self.away_since = None
            self.tell_all(self.ping())

    async def _catch_up(self, follower: Follower) -> None:
        """After (re)connecting: start afresh. A server that crashed may give a seq again (models.feed)."""
        await self._reload(follower)
        self.loaded.set()

    async def _follow(self, follower: Follower) -> None:
        while True:
            follower.woken.clear()
            while rows := await follower.next(self.picture.seq):
                await self._take(rows, follower)
            self._found()
            try:
                async with asyncio.timeout(POLL_S):  # wait_for may lose the cancellation that ends us (gh-86296)
                    await follower.woken.wait()
            except TimeoutError:
                follower.look()

    async def _take(self, rows: list[RawRow], follower: Follower) -> None:
        for row in rows:
            if row.topic == Topic.RESYNC:
                return await self._reload(follower)
            self._apply(row)
        self.lag_s = max(0.0, (datetime.now(UTC) - rows[-1].at).total_seconds())

    async def _reload(self, follower: Follower) -> None:
        """Read the live table again. Rows that are not live state pass on first, so that none is lost between."""
        seq, entries = await follower.snapshot()
        self.parties.doubt()
        while self.loaded.is_set() and (rows := await follower.read(self.picture.seq)):
            for row in rows:
                if row.seq <= seq and row.topic not in LIVE_TOPICS and row.topic != Topic.RESYNC:
                    self._apply(row)
                self.picture.seq = min(row.seq, seq)
            if rows[-1].seq >= seq:
                break
        self.picture.load(seq, entries)
        for entry in self.picture.of_topic(Topic.CALL):
            self.parties.note(entry["call_id"], entry)
        self._resync(self._subscribers)
        self.changed.set()

    def resync(self) -> None:
        """Everybody begins anew: what may be seen has changed."""
        self._resync(self._subscribers)

    def _resync(self, subscribers: Iterable[Subscriber]) -> None:
        for sub in subscribers:
            sub.overflowed = True
            sub.ready.set()

    # ── fanning out ──────────────────────────────────────────────────────────────────────────────

    def _apply(self, row: RawRow) -> None:
        self.rows_read += 1
        new = json.loads(row.body) if row.body is not None else None
        live = row.topic in LIVE_TOPICS
        old = self.picture.get(Topic(row.topic), row.key) if live else None
        if row.topic == Topic.CALL:
            self.parties.note(row.key, new)
        elif row.topic == Topic.AGENT:
            self.changed.set()
        elif row.topic == Topic.COMMAND and new:
            self.command_ends[new["state"]] += 1
        self.picture.put(row.seq, row.topic, row.key, Entry(new, row.body) if new is not None and row.body else None)
        self._fan(row, old, new)

    def _fan(self, row: RawRow, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        to = audience(row.topic, row.key, old, new, self.parties, ears_shown=self.policies().agents_see_ears)
        line = Line(row.seq, core_text(row, row.body))
        if row.topic == Topic.QUEUE:
            return self._hold(row, line)
        asked: Set[Subscriber] = self._subscribers if to.desk else self._oversight if to.oversight else frozenset()
        shown, left = self._within(row, old, new, asked)
        own = set[Subscriber]().union(*(self._agents.get(a, set()) for a in to.shown))
        for sub in shown:
            sub.row(line)
        for sub in own - shown:
            sub.row(line)
        gone = set(left).union(*(self._agents.get(a, set()) for a in to.gone)) - shown - own
        for sub in gone:
            sub.row(Line(row.seq, core_text(row, None)))
        for sub in own | gone:
            sub.wake()
        if shown:
            self._wave.ask()

    def _within(
        self, row: RawRow, old: dict[str, Any] | None, new: dict[str, Any] | None, shown: Set[Subscriber]
    ) -> tuple[Set[Subscriber], Set[Subscriber]]:
        """Of those who oversee: who is shown this row, and to whom it is gone: it left their queues, or is over."""
        limits = self._limits(shown)
        if not limits:
            return shown, frozenset()
        inside = {sub for sub, limit in limits.items() if within(row.topic, row.key, new, limit, self.picture)}
        if gone_for_all(row.topic, new):
            return (shown - limits.keys()) | inside, limits.keys() - inside
        was = {sub for sub, limit in limits.items() if within(row.topic, row.key, old, limit, self.picture)}
        return (shown - limits.keys()) | inside, was - inside

    def _limits(self, screens: Set[Subscriber]) -> dict[Subscriber, Limit]:
        """Of those who do not see everything: what they see."""
        if not self.policies().supervisors_limited:
            return {}
        return {sub: limit for sub in screens if (limit := self.limit(sub.viewer)) is not None}

    def _hold(self, row: RawRow, line: Line) -> None:
        limits = self._limits(self._subscribers)
        for sub in self._subscribers:
            if sub not in limits or within(row.topic, row.key, {}, limits[sub], self.picture):
                sub.hold(row.key, line)
        if self._flush is None:
            due = self._let_go_at + self._settings.queue_flush_s
            self._flush = asyncio.get_running_loop().call_at(due, self._let_go)

    def _let_go(self) -> None:
        self._flush = None
        self._let_go_at = asyncio.get_running_loop().time()
        for sub in self._subscribers:
            sub.let_go()
        self._wave.ask()


def core_text(row: RawRow, body: str | None) -> str:
    """A row message after ``prev``; the body is the database's own JSON text."""
    return (
        f'"seq":{row.seq},"topic":{json.dumps(row.topic)},"key":{json.dumps(row.key)},'
        f'"at":"{row.at.isoformat()}","body":{body if body is not None else "null"}}}'
    )
