"""A SIP telephone of 200 lines for tests: registers, rings, answers, holds, hangs up, calls. Signalling only, over UDP.

Exactly what the test says is done, in the order it says it: no timers, no answering by itself unless told.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_counter = itertools.count(1)


@dataclass(slots=True)
class SipMessage:
    """A request or response; header names in lower case, repeated ones as a list."""

    start: str
    headers: dict[str, list[str]]
    body: str = ""

    def one(self, name: str) -> str:
        return self.headers[name.lower()][0]

    @property
    def status(self) -> int:
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self.one("CSeq").split()[1]


def parse(data: bytes) -> SipMessage:
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return SipMessage(start, headers, body)


def sdp(address: str, port: int, direction: str) -> str:
    return (
        f"v=0\r\no=- {next(_counter)} {next(_counter)} IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na={direction}\r\n"
    )


@dataclass(slots=True)
class Dialog:
    """One call as this telephone sees it."""

    call_id: str
    local: str
    remote: str
    target: str
    invite: SipMessage | None = None  # the incoming one
    cseq: int = 1
    branch: str = ""
    state: str = "new"  # calling | ringing | up | ended
    status: int = 0  # final status of an outgoing call
    remote_tag_set: asyncio.Event = field(default_factory=asyncio.Event)


class SipPhone(asyncio.DatagramProtocol):
    """``await SipPhone.open("127.0.11.10", ("127.0.11.1", 5060), "8001", secret)``."""

    def __init__(self, address: str, server: tuple[str, int], user: str, secret: str) -> None:
        self.address, self.server, self.user, self.secret = address, server, user, secret
        self.port = 0
        self.registered = 0  # status of the last REGISTER
        self.dialogs: dict[str, Dialog] = {}
        self._answers: dict[str, asyncio.Future[int]] = {}
        self.on_invite: Callable[[Dialog], None] = self.ring
        self._transport: asyncio.DatagramTransport | None = None
        self._register_id = uuid.uuid4().hex
        self._cseq = itertools.count(1)
        self._expires = 300

    @classmethod
    async def open(cls, address: str, server: tuple[str, int], user: str, secret: str = "") -> SipPhone:
        phone = cls(address, server, user, secret)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: phone, local_addr=(address, 0))
        return phone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio's own class is no DatagramTransport
        self.port = transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # ── what a person does ───────────────────────────────────────────────────────────────────────────

    def register(self, expires: int = 300) -> None:
        self.registered, self._expires = 0, expires
        self._send_register(None)

    def call(self, number: str, caller: str | None = None, name: str = "") -> Dialog:
        tag, call_id = uuid.uuid4().hex[:8], uuid.uuid4().hex
        shown = f'"{name}" ' if name else ""
        local = f"{shown}<sip:{caller or self.user}@{self.address}>;tag={tag}"
        target = f"sip:{number}@{self.server[0]}"
        dialog = Dialog(call_id, local, f"<{target}>", target, state="calling")
        self.dialogs[call_id] = dialog
        self._request("INVITE", dialog, sdp(self.address, self.port + 1 or 4002, "sendrecv"))
        return dialog

    def ring(self, dialog: Dialog) -> None:
        dialog.state = "ringing"
        self._respond(dialog, "180 Ringing")

    def answer(self, dialog: Dialog) -> None:
        self._respond(dialog, "200 OK", sdp(self.address, self.port + 1, "sendrecv"))
        dialog.state = "up"

    def reject(self, dialog: Dialog, status: str = "486 Busy Here", contact: str | None = None) -> None:
        """``contact``: where a redirecting telephone (302) sends the caller."""
        self._respond(dialog, status, contact=contact)
        dialog.state = "ended"

    def hold(self, dialog: Dialog, on: bool = True) -> None:
        dialog.cseq += 1
        self._request("INVITE", dialog, sdp(self.address, self.port + 1, "sendonly" if on else "sendrecv"))

    def hang_up(self, dialog: Dialog) -> None:
        dialog.state = "ended"
        dialog.cseq += 1
        self._request("BYE", dialog)

    async def refer(self, dialog: Dialog, target: str, within_s: float = 1.0) -> int:
        """Ask the other side to call ``target`` instead; the status of its answer, 0 when there is none in time."""
        dialog.cseq += 1
        self._answers[f"{dialog.cseq} REFER"] = answer = asyncio.get_running_loop().create_future()
        self._request("REFER", dialog, extra=[("Refer-To", f"<{target}>"), ("Referred-By", dialog.local)])
        done, _ = await asyncio.wait([answer], timeout=within_s)
        return answer.result() if done else 0

    def cancel(self, dialog: Dialog) -> None:
        dialog.state = "ended"
        self._request("CANCEL", dialog)

    @property
    def active(self) -> list[Dialog]:
        return [d for d in self.dialogs.values() if d.state not in ("ended", "new")]

    # ── the wire ─────────────────────────────────────────────────────────────────────────────────────

    def _contact(self) -> str:
        return f"<sip:{self.user}@{self.address}:{self.port}>"

    def _write(self, start: str, headers: list[tuple[str, str]], body: str = "") -> None:
        lines = [start, *(f"{k}: {v}" for k, v in headers)]
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body.encode())}")
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self.server)

    def _request(self, method: str, dialog: Dialog, body: str = "", extra: Sequence[tuple[str, str]] = ()) -> None:
        if method not in ("CANCEL", "ACK"):
            dialog.branch = "z9hG4bK" + uuid.uuid4().hex[:12]
        headers = [
            ("Via", f"SIP/2.0/UDP {self.address}:{self.port};branch={dialog.branch};rport"),
            ("Max-Forwards", "70"),
            ("From", dialog.local),
            ("To", dialog.remote),
            ("Call-ID", dialog.call_id),
            ("CSeq", f"{dialog.cseq} {method}"),
            ("Contact", self._contact()),
            *extra,
        ]
        self._write(f"{method} {dialog.target} SIP/2.0", headers, body)

    def _respond(
        self, dialog: Dialog, status: str, body: str = "", request: SipMessage | None = None, contact: str | None = None
    ) -> None:
        asked = request or dialog.invite
        assert asked is not None
        to = asked.one("To") if "tag=" in asked.one("To") else dialog.local
        headers = [("Via", via) for via in asked.headers["via"]]
        headers += [("From", asked.one("From")), ("To", to), ("Call-ID", dialog.call_id), ("CSeq", asked.one("CSeq"))]
        self._write(f"SIP/2.0 {status}", [*headers, ("Contact", contact or self._contact())], body)

    def _send_register(self, challenge: str | None) -> None:
        uri = f"sip:{self.server[0]}"
        me = f"<sip:{self.user}@{self.server[0]}>"
        headers = [
            ("Via", f"SIP/2.0/UDP {self.address}:{self.port};branch=z9hG4bK{uuid.uuid4().hex[:12]};rport"),
            ("Max-Forwards", "70"),
            ("From", f"{me};tag=reg"),
            ("To", me),
            ("Call-ID", self._register_id),
            ("CSeq", f"{next(self._cseq)} REGISTER"),
            ("Contact", self._contact()),
            ("Expires", str(self._expires)),
        ]
        if challenge is not None:
            headers.append(("Authorization", self._digest(challenge, "REGISTER", uri)))
        self._write(f"REGISTER {uri} SIP/2.0", headers)

    def _digest(self, challenge: str, method: str, uri: str) -> str:
        asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        realm, nonce = asked["realm"], asked["nonce"]
        ha1 = _md5(f"{self.user}:{realm}:{self.secret}")
        answer = _md5(f"{ha1}:{nonce}:00000001:abcd:auth:{_md5(f'{method}:{uri}')}")
        return (
            f'Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{answer}", '
            f'algorithm=MD5, qop=auth, nc=00000001, cnonce="abcd", opaque="{asked.get("opaque", "")}"'
        )

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.strip():
            return
        message = parse(data)
        if message.status:
            self._on_response(message)
        else:
            self._on_request(message)

    def _on_response(self, message: SipMessage) -> None:
        if message.method == "REGISTER":
            if message.status == 401 and self.registered == 0:
                self.registered = 401
                self._send_register(message.one("WWW-Authenticate"))
            else:
                self.registered = message.status
            return
        answer = self._answers.pop(message.one("CSeq"), None) if message.status >= 200 else None
        if answer is not None:
            answer.set_result(message.status)
        dialog = self.dialogs.get(message.one("Call-ID"))
        if dialog is None or message.method != "INVITE" or message.status < 200:
            return
        dialog.remote = message.one("To")
        dialog.status = message.status
        if message.status < 300 and "contact" in message.headers:
            dialog.target = re.sub(r".*<(.+?)>.*", r"\1", message.one("Contact"))
        self._request("ACK", dialog)
        if dialog.state == "calling":
            dialog.state = "up" if message.status < 300 else "ended"

    def _on_request(self, message: SipMessage) -> None:
        call_id = message.one("Call-ID")
        dialog = self.dialogs.get(call_id)
        if message.method == "INVITE" and dialog is None:
            local = f"{message.one('To')};tag={uuid.uuid4().hex[:8]}"
            target = re.sub(r".*<(.+?)>.*", r"\1", message.one("Contact"))
            dialog = Dialog(call_id, local, message.one("From"), target, invite=message)
            self.dialogs[call_id] = dialog
            self.on_invite(dialog)
        elif message.method == "INVITE" and dialog is not None and dialog.state == "up":
            self._respond(dialog, "200 OK", sdp(self.address, self.port + 1, "sendrecv"), message)
        elif message.method in ("BYE", "CANCEL") and dialog is not None:
            self._respond(dialog, "200 OK", request=message)
            if message.method == "CANCEL":
                self._respond(dialog, "487 Request Terminated")
            dialog.state = "ended"
        elif message.method not in ("ACK", "INVITE"):
            self._respond(dialog or Dialog(call_id, message.one("To"), "", ""), "200 OK", request=message)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
