"""A carrier's SIP server of 60 lines for tests: answers REGISTER, OPTIONS and INVITE as it is told, over UDP.

Signalling only. What it was asked is kept, so that a test can say through which trunk a call went.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.sip_phone import SipMessage, parse, sdp


class CarrierPeer(asyncio.DatagramProtocol):
    """``invite``, ``register``: the status with which it answers; ``silent``: it answers nothing at all."""

    def __init__(self, address: str, port: int) -> None:
        self.address, self.port = address, port
        self.invite, self.register, self.silent = "200 OK", "200 OK", False
        self.invited: list[str] = []  # numbers that were called
        self.registered: list[SipMessage] = []
        self.hung_up = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio's own class is no DatagramTransport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = parse(data) if data.strip() else None
        if message is None or message.status or self.silent:
            return
        kind = message.start.split()[0]
        if kind == "REGISTER":
            self.registered.append(message)
            contact = f"Contact: {message.one('Contact')};expires=120"
            self._answer(message, addr, self.register, contact)
        elif kind == "INVITE":
            self.invited.append(message.start.split()[1].removeprefix("sip:").partition("@")[0])
            self._answer(message, addr, self.invite, f"Contact: <sip:carrier@{self.address}:{self.port}>", media=True)
        elif kind != "ACK":
            self.hung_up += kind == "BYE"
            self._answer(message, addr, "200 OK")

    def _answer(
        self, asked: SipMessage, addr: tuple[str, int], status: str, *headers: str, media: bool = False
    ) -> None:
        body = sdp(self.address, 40_000, "sendrecv") if media and status.startswith("200") else ""
        to = asked.one("To") if "tag=" in asked.one("To") else f"{asked.one('To')};tag=carrier"
        lines = [
            f"SIP/2.0 {status}", *(f"Via: {via}" for via in asked.headers["via"]), f"From: {asked.one('From')}",
            f"To: {to}", f"Call-ID: {asked.one('Call-ID')}", f"CSeq: {asked.one('CSeq')}", *headers,
            *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}",
        ]  # fmt: skip
        if self._transport is not None:
            self._transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), addr)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def carrier_peer(address: str, port: int = 5060) -> AsyncIterator[CarrierPeer]:
    peer = CarrierPeer(address, port)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: peer, local_addr=(address, port))
    try:
        yield peer
    finally:
        peer.close()
