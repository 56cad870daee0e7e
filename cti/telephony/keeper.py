"""Writes the files of telephones and trunks whenever the tables changed, has Asterisk read them, and keeps book of how
each endpoint is.

It looks at one number, so a new telephone can register within a second. When the database or Asterisk is
away nothing is touched, and the PBX goes on with the files it has. A row that no PBX can do leaves them as they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import structlog

from cti.keeping import keep
from cti.live.floor import Floor
from cti.telephony import book
from cti.telephony.states import Told, after, endpoints_in, kept, states
from cti.telephony.wanted import Wanted, version, wanted
from models.errors import LianxinError
from pbx_config import contract, control, render, telephony
from pbx_config.errors import CommandFailed
from pbx_config.line_files import LineFiles

log = structlog.get_logger(__name__)

STATES_S = 15.0  # at the least; at once when Asterisk tells that something moved
_RELOADS = ("res_pjsip.so", "res_pjsip_outbound_registration.so")


class NotTaken(LianxinError):
    """Asterisk read the files and does not know what stands in them."""

    code = "telephony.not_taken"


class TelephonyKeeper:
    """One per PBX, on its host."""

    def __init__(self, pool: asyncpg.Pool, floor: Floor, folder: Path, run_dir: Path, number: str) -> None:
        """``folder``: the PBX's ``line``; ``run_dir``: where its control socket is."""
        self._pool, self._floor, self._folder, self._run, self._number = pool, floor, folder, run_dir, number
        self._version: int | None = None
        self._due_s = 0.0
        self._wanted: Wanted | None = None
        self._told: dict[str, Told] = {}
        self._to_forget: set[str] = set()  # telephones whose place is another one's, or nobody's
        self._unsure = True  # what Asterisk last read may not be what the files say

    async def run(self) -> None:
        """Agree at the start and at every change; look at the states when something moved, and every now and then."""
        await keep("telephony", self._look)

    async def _look(self) -> None:
        await self._files()
        now_s = asyncio.get_running_loop().time()
        if self._floor.endpoints_moved or now_s >= self._due_s:
            self._floor.endpoints_moved, self._due_s = False, 0.0  # until they were looked at
            await self._states()
            self._due_s = now_s + STATES_S

    # ── the files ────────────────────────────────────────────────────────────────────────────────────

    async def _files(self) -> None:
        """Raises: CommandFailed: Asterisk is away."""
        async with self._pool.acquire() as conn:
            newest = await version(conn)
            if newest == self._version:
                return
            if self._wanted is None:
                self._told = await book.read(conn, self._floor.node)
            fault = None
            try:
                await self._take_over(await wanted(conn))
            except CommandFailed:
                self._unsure = True
                raise
            except LianxinError as exc:
                log.error("telephony_refused", code=exc.code, detail=exc.detail)
                fault = exc.detail or exc.code
            await book.applied(conn, self._floor.node, newest, fault)
        self._version = newest
        log.info("telephony_taken_over", version=newest, fault=fault)

    async def _take_over(self, told: Wanted) -> None:
        """
        Raises:
            BadSettings: nothing was written. NotTaken. CommandFailed: Asterisk is away; try again.
        """
        telephony.check_apart(told.trunks)
        texts = render.telephony_text(told.seats, told.trunks, self._number)
        before, now = await asyncio.to_thread(self._secrets), telephony.secrets_in(texts[telephony.SEATS_FILE])
        self._to_forget |= {name for name, secret in before.items() if now.get(name) != secret}
        changed = await asyncio.to_thread(render.write, self._folder, texts)
        self._unsure = self._unsure or bool(changed)
        active = [way.endpoint for way in told.ways if way.active]
        await asyncio.to_thread(LineFiles(self._folder).ways, active)
        if self._unsure:
            for module in _RELOADS:
                await control.ask(self._run, f"module reload {module}")
            self._unsure = False
        self._wanted = told
        self._floor.ways = told.ways
        self._floor.endpoints_moved = self._floor.unsettled = True
        names = telephony.names_of((s.seat for s in told.seats), told.trunks)
        there = endpoints_in(await control.ask(self._run, "pjsip show endpoints"))
        await self._forget()
        if missing := sorted(names - there):
            raise NotTaken(f"Asterisk does not know {', '.join(missing[:5])}: see its messages.log")

    def _secrets(self) -> Mapping[str, str]:
        path = self._folder / telephony.SEATS_FILE
        return telephony.secrets_in(path.read_text(encoding="utf-8")) if path.exists() else {}

    async def _forget(self) -> None:
        """Whose secret is another one must register anew: until then nothing rings where it was."""
        if not self._to_forget:
            return
        for name, contacts in kept(await control.ask(self._run, "database show registrar/contact")).items():
            for contact in contacts if name in self._to_forget else ():
                await control.ask(self._run, f"database del registrar/contact {contact.key}")
        self._to_forget.clear()

    # ── how they are ─────────────────────────────────────────────────────────────────────────────────

    async def _states(self) -> None:
        if self._wanted is None:
            return
        names = self._names(self._wanted)
        printed = [
            await control.ask(self._run, command)
            for command in ("pjsip show contacts", "database show registrar/contact", "pjsip show registrations")
        ]
        at = datetime.now(UTC)
        faults = self._floor.refusals | self._floor.trunk_faults
        told = {
            name: after(self._told.get(name), now, faults.get(name), at)
            for name, now in states(names, *printed).items()
        }
        async with self._pool.acquire() as conn:
            await book.write(conn, self._floor.node, self._told, told)
        self._told = told

    @staticmethod
    def _names(told: Wanted) -> dict[str, bool]:
        registering = {trunk.endpoint for trunk in told.trunks if trunk.username is not None}
        names = telephony.names_of((s.seat for s in told.seats), told.trunks) | {contract.TRUNK}
        return {name: name in registering for name in names}
