"""Capture the stream that bench.ami decodes: real calls through a real line, every class, nothing filtered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pbx_config import contract
from pbx_config.pbx import Pbx
from tests.support.eventually import eventually
from tests.support.pbx import queue_add, running_pbx
from tests.support.sip_phone import SipPhone

ADDRESS, PHONES, CITIZENS = "127.0.17.1", "127.0.17.10", "127.0.17.200"
CALLS = 6
MOST_BYTES = 480_000
ALL = """
[bench]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.0/255.0.0.0
read = all
write = reporting
writetimeout = 60000
"""


def capture(path: Path) -> None:
    with running_pbx(ADDRESS) as pbx:
        secret = pbx.settings.ami_secrets[contract.AmiUser.CTI]
        with (pbx.settings.etc / "manager.conf").open("a") as conf:
            conf.write(ALL.format(secret=secret))
        pbx.cli("manager reload")
        stream = asyncio.run(_calls(pbx, secret))
    path.parent.mkdir(exist_ok=True)
    end = stream.rindex(b"\r\n\r\n", 0, MOST_BYTES) + 4
    path.write_bytes(stream[:end])


async def _calls(pbx: Pbx, secret: str) -> bytes:
    server = (pbx.settings.address, pbx.settings.sip_port)
    reader, writer = await asyncio.open_connection(pbx.settings.address, pbx.settings.ami_port)
    await reader.readuntil(b"\r\n")
    writer.write(f"Action: Login\r\nUsername: bench\r\nSecret: {secret}\r\n\r\n".encode())
    got = bytearray()
    reading = asyncio.create_task(_read(reader, got))
    phones = []
    for n in range(CALLS):
        seat = pbx.settings.seats[n]
        phone = await SipPhone.open(PHONES, server, seat.seat, seat.telephone_secret)
        phone.on_invite = phone.answer
        phone.register()
        phones.append(phone)
        await eventually(lambda phone=phone: phone.registered == 200)
        queue_add(pbx, seat.seat, str(1001 + n))
    citizen = await SipPhone.open(CITIZENS, server, "citizen")
    dialogs = [citizen.call("12345", f"1391234567{n}", "张先生") for n in range(CALLS)]
    await eventually(lambda: all(phone.active for phone in phones), 60)
    await eventually(lambda: all(dialog.state == "up" for dialog in dialogs), 20)
    for dialog in dialogs:
        citizen.hang_up(dialog)
    await eventually(lambda: got.count(b"Event: AgentComplete") == CALLS, 20)
    reading.cancel()
    for phone in [citizen, *phones]:
        phone.close()
    writer.close()
    return bytes(got)


async def _read(reader: asyncio.StreamReader, got: bytearray) -> None:
    while data := await reader.read(65536):
        got += data
