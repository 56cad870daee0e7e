"""A cti at work on a real line with a real database: what the tests of commands, seats and faults stand on."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from pbx_config import contract
from pbx_config.pbx import Pbx
from tests.support.eventually import eventually
from tests.support.sip_phone import Dialog, SipPhone

PROCESS = """
import json, sys
from pathlib import Path
from cti.service import CtiSettings, run_process
told = json.loads(sys.argv[1])
for folder in ("log_dir", "line_dir", "run_dir", "data_dir"):
    told[folder] = Path(told[folder]) if told.get(folder) else None
run_process(CtiSettings(**told))
"""


def settings_of(pbx: Pbx, dsn: str, **changes: Any) -> dict[str, Any]:
    told = {
        "node": pbx.settings.node,
        "dsn": dsn,
        "ami_secret": pbx.settings.ami_secrets[contract.AmiUser.CTI],
        "log_dir": None,
        "ami_host": pbx.settings.address,
        "ami_port": pbx.settings.ami_port,
    }
    return told | changes


@asynccontextmanager
async def cti_process(pbx: Pbx, dsn: str, **changes: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    """``lianxin cti`` without the command line: the same function in a process of its own."""
    told = json.dumps(settings_of(pbx, dsn, **changes))
    root = Path(__file__).resolve().parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, told, cwd=root, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 20)
            finally:  # whatever it hangs on is not the next test's
                if process.returncode is None:
                    process.kill()
                    await process.wait()


@dataclass
class Stage:
    """The screens' view (the live table), the people, and the PBX's own word."""

    pbx: Pbx
    dsn: str
    conn: asyncpg.Connection
    citizen: SipPhone
    seats: dict[str, SipPhone] = field(default_factory=dict)

    async def telephone(self, seat: str) -> SipPhone:
        server = (self.pbx.settings.address, self.pbx.settings.sip_port)
        secret = next(s.telephone_secret for s in self.pbx.settings.seats if s.seat == seat)
        phone = await SipPhone.open(self.citizen.address.rsplit(".", 1)[0] + ".10", server, seat, secret)
        phone.register()
        await eventually(lambda: phone.registered == 200)
        await eventually(lambda: "Avail" in self.pbx.cli("pjsip show contacts"))
        self.seats[seat] = phone
        return phone

    async def live(self, topic: str) -> dict[str, dict[str, Any]]:
        rows = await self.conn.fetch("SELECT key, body FROM live WHERE topic = $1", topic)
        return {row["key"]: json.loads(row["body"]) for row in rows}

    async def agent(self, agent_no: str) -> dict[str, Any]:
        return (await self.live("agent")).get(agent_no, {})

    async def agent_is(self, agent_no: str, state: str, within_s: float = 10) -> dict[str, Any]:
        async def body() -> dict[str, Any] | None:
            found = await self.agent(agent_no)
            return found if found.get("state") == state else None

        found: dict[str, Any] = await eventually(body, within_s, 0.02)
        return found

    async def call_is(self, state: str, within_s: float = 15) -> dict[str, Any]:
        async def body() -> dict[str, Any] | None:
            calls = (await self.live("call")).values()
            return next((call for call in calls if call["state"] == state), None)

        found: dict[str, Any] = await eventually(body, within_s, 0.02)
        return found

    async def working(self) -> None:
        async def connected() -> bool:
            return bool((await self.live("node")).get(self.pbx.settings.node, {}).get("connected"))

        await eventually(connected, 30, 0.02)

    async def ask(self, kind: str, agent_no: str | None = "1001", deadline_s: float = 5, **args: Any) -> uuid.UUID:
        """What the API does."""
        command_id = uuid.uuid4()
        await self.conn.execute(
            "INSERT INTO command (id, node, kind, args, agent_no, deadline_at) "
            "VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))",
            command_id, self.pbx.settings.node, kind, json.dumps(args), agent_no, deadline_s,
        )  # fmt: skip
        await self.conn.execute("SELECT pg_notify('lianxin_command', '')")
        return command_id

    async def end_of(self, command_id: uuid.UUID, within_s: float = 10) -> tuple[str, str | None]:
        async def ended() -> Any:
            return await self.conn.fetchrow(
                "SELECT state, reason FROM command WHERE id = $1 AND ended_at IS NOT NULL", command_id
            )

        row = await eventually(ended, within_s, 0.02)
        return row["state"], row["reason"]

    async def do(self, kind: str, agent_no: str | None = "1001", **args: Any) -> tuple[str, str | None]:
        return await self.end_of(await self.ask(kind, agent_no, **args))

    async def sign_in(self, agent_no: str = "1001", seat: str = "8001") -> SipPhone:
        phone = self.seats.get(seat) or await self.telephone(seat)

        async def signed_in() -> bool:  # the device's state may follow its registration by a moment
            return await self.do("agent.sign_in", agent_no, seat=seat, phone="telephone") == ("succeeded", None)

        await eventually(signed_in, 5)
        return phone

    async def ready(self, agent_no: str = "1001", seat: str = "8001") -> SipPhone:
        phone = await self.sign_in(agent_no, seat)
        assert await self.do("agent.ready", agent_no) == ("succeeded", None)
        await self.agent_is(agent_no, "ready")
        return phone

    async def talking(self, agent_no: str = "1001", seat: str = "8001") -> tuple[Dialog, Dialog]:
        """(the citizen's dialog, the agent's)."""
        phone = await self.ready(agent_no, seat)
        citizen = self.citizen.call("12345", "13912345678")
        await eventually(lambda: phone.active, 20)
        phone.answer(phone.active[0])
        await self.call_is("talking")
        await self.agent_is(agent_no, "talking")
        return citizen, phone.active[0]

    def members(self) -> str:
        """The PBX's own word."""
        return self.pbx.cli(f"queue show {self.pbx.settings.queue.name}")


@asynccontextmanager
async def stage(pbx: Pbx, dsn: str) -> AsyncIterator[Stage]:
    conn = await asyncpg.connect(dsn)
    third = pbx.settings.address.split(".")[2]
    server = (pbx.settings.address, pbx.settings.sip_port)
    citizen = await SipPhone.open(f"127.0.{third}.200", server, "citizen")
    s = Stage(pbx, dsn, conn, citizen)
    try:
        yield s
    finally:
        for phone in [citizen, *s.seats.values()]:
            phone.close()
        conn.terminate()
