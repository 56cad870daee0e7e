"""A SIP telephone of forty moves, to play citizen or seat against a real Asterisk: just enough of RFC 3261 over UDP.

One dialog at a time. It sends no sound: the journal does not listen.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

SDP = (
    "v=0\r\no=- {n} {n} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na={mode}\r\n"
)


@dataclass(frozen=True, slots=True)
class Message:
    start: str
    headers: list[tuple[str, str]]
    body: str = ""

    def all(self, name: str) -> list[str]:
        return [v for k, v in self.headers if k.lower() == name.lower()]

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def status(self) -> int:
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self.get("CSeq").split()[1]

    def encode(self) -> bytes:
        lines = [
            self.start,
            *(f"{k}: {v}" for k, v in self.headers),
            f"Content-Length: {len(self.body)}",
            "",
            self.body,
        ]
        return "\r\n".join(lines).encode()


def parse(data: bytes) -> Message:
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    pairs = [tuple(p.strip() for p in line.split(":", 1)) for line in lines if ":" in line]
    return Message(start, [(k, v) for k, v in pairs if k.lower() != "content-length"], body)


def digest(challenge: str, user: str, secret: str, method: str, uri: str) -> str:
    """The answer to a challenge (RFC 2617, qop=auth, MD5)."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

    def h(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    cnonce, nc = secrets.token_hex(4), "00000001"
    ha1, ha2 = h(f"{user}:{given['realm']}:{secret}"), h(f"{method}:{uri}")
    response = h(f"{ha1}:{given['nonce']}:{nc}:{cnonce}:auth:{ha2}")
    return (
        f'Digest username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}", '
        f'response="{response}", algorithm=MD5, qop=auth, nc={nc}, cnonce="{cnonce}"'
        + (f', opaque="{given["opaque"]}"' if "opaque" in given else "")
    )


@dataclass
class Dialog:
    call_id: str
    local: str
    remote: str
    target: str
    cseq: int = 1
    branch: str = ""
    invite: Message | None = None  # the INVITE that came in, until answered


@dataclass
class Telephone(asyncio.DatagramProtocol):
    """``Telephone(ip, pbx_ip, user)``; open it with ``start``; events arrive in ``seen``."""

    ip: str
    pbx: str
    user: str
    secret: str = ""
    port: int = 5060
    seen: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    dialog: Dialog | None = None
    _waiting: dict[tuple[str, int], asyncio.Future[Message]] = field(default_factory=dict)
    _version: int = 1
    _transport: Any = None

    async def start(self) -> Telephone:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.ip, self.port))
        return self

    def close(self) -> None:
        self._transport.close()

    async def next(self, wanted: str, within_s: float = 15) -> None:
        """Wait until ``wanted`` ("ringing", "answered", "bye", "cancel", "rejected 486", …) was seen."""
        async with asyncio.timeout(within_s):
            while await self.seen.get() != wanted:
                pass

    # ── what it does ─────────────────────────────────────────────────────────────────────────────────

    async def register(self, expires: int = 120) -> None:
        uri = f"sip:{self.pbx}"
        ids = Dialog(secrets.token_hex(8), f"<sip:{self.user}@{self.pbx}>;tag=r", f"<sip:{self.user}@{self.pbx}>", uri)
        more = [("Contact", f"<sip:{self.user}@{self.ip}:{self.port}>"), ("Expires", str(expires))]
        answer = await self._ask("REGISTER", ids, more)
        if answer.status == 401:
            auth = digest(answer.get("WWW-Authenticate"), self.user, self.secret, "REGISTER", uri)
            answer = await self._ask("REGISTER", ids, [*more, ("Authorization", auth)])
        assert answer.status == 200, answer.start

    async def dial(self, number: str) -> None:
        """Send the INVITE (answering a challenge); ringing, answered and rejected are told by ``next``."""
        uri = f"sip:{number}@{self.pbx}"
        me = f"<sip:{self.user}@{self.ip}>;tag={secrets.token_hex(4)}"
        self.dialog = Dialog(secrets.token_hex(8), me, f"<{uri}>", uri)
        answer = await self._ask("INVITE", self.dialog, [], self._sdp("sendrecv"))
        if answer.status == 401:
            self._ack(self.dialog, answer)
            auth = digest(answer.get("WWW-Authenticate"), self.user, self.secret, "INVITE", uri)
            answer = await self._ask("INVITE", self.dialog, [("Authorization", auth)], self._sdp("sendrecv"))

    def answer(self) -> None:
        self._reply(self._invite(), 200, "OK", self._sdp("sendrecv"))
        self._dialog().invite = None

    def reject(self, status: int = 486, words: str = "Busy Here") -> None:
        self._reply(self._invite(), status, words)
        self.dialog = None

    async def hold(self, mode: str = "sendonly") -> None:
        answer = await self._ask("INVITE", self._dialog(), [], self._sdp(mode))
        assert answer.status == 200, answer.start

    async def unhold(self) -> None:
        await self.hold("sendrecv")

    async def hang_up(self) -> None:
        await self._ask("BYE", self._dialog(), [])
        self.dialog = None

    async def cancel(self) -> None:
        """Give up before it was answered."""
        d = self._dialog()
        self._send(self._request("CANCEL", d, d.cseq, d.branch, []))
        await self.next("rejected 487")

    # ── how it says it ───────────────────────────────────────────────────────────────────────────────

    def _dialog(self) -> Dialog:
        assert self.dialog, f"{self.user} is in no call"
        return self.dialog

    def _invite(self) -> Message:
        invite = self._dialog().invite
        assert invite, f"{self.user} is not rung"
        return invite

    def _sdp(self, mode: str) -> str:
        self._version += 1
        return SDP.format(n=self._version, ip=self.ip, port=20000, mode=mode)

    def _send(self, message: Message) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(message.encode(), (self.pbx, 5060))

    def _request(
        self, method: str, d: Dialog, cseq: int, branch: str, more: list[tuple[str, str]], *, body: str = ""
    ) -> Message:
        headers = [
            ("Via", f"SIP/2.0/UDP {self.ip}:{self.port};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", d.local),
            ("To", d.remote),
            ("Call-ID", d.call_id),
            ("CSeq", f"{cseq} {method}"),
        ]
        if method == "INVITE":
            headers += [("Contact", f"<sip:{self.user}@{self.ip}:{self.port}>"), ("Content-Type", "application/sdp")]
        return Message(f"{method} {d.target} SIP/2.0", headers + more, body)

    async def _ask(self, method: str, d: Dialog, more: list[tuple[str, str]], body: str = "") -> Message:
        """Send, repeat until answered (UDP), and return the final answer, or the first of an INVITE that rings."""
        d.cseq += 1
        d.branch = "z9hG4bK" + secrets.token_hex(6)
        future = self._waiting[(d.call_id, d.cseq)] = asyncio.get_running_loop().create_future()
        message = self._request(method, d, d.cseq, d.branch, more, body=body)
        for _ in range(8):
            self._send(message)
            done, _pending = await asyncio.wait([future], timeout=1)
            if done:
                return future.result()
        raise AssertionError(f"{self.user}: no answer to {method}")

    def _ack(self, d: Dialog, answer: Message) -> None:
        cseq = int(answer.get("CSeq").split()[0])
        branch = "z9hG4bK" + secrets.token_hex(6) if answer.status == 200 else d.branch
        self._send(self._request("ACK", Dialog(d.call_id, d.local, answer.get("To"), d.target), cseq, branch, []))

    def _reply(self, to: Message, status: int, words: str, body: str = "") -> None:
        headers = [("Via", v) for v in to.all("Via")] + [("Record-Route", v) for v in to.all("Record-Route")]
        tag = "" if "tag=" in to.get("To") else ";tag=t1"
        headers += [("From", to.get("From")), ("To", to.get("To") + tag)]
        headers += [("Call-ID", to.get("Call-ID")), ("CSeq", to.get("CSeq"))]
        headers += [("Contact", f"<sip:{self.user}@{self.ip}:{self.port}>")]
        self._send(
            Message(
                f"SIP/2.0 {status} {words}", headers + ([("Content-Type", "application/sdp")] if body else []), body
            )
        )

    # ── what it hears ────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not data.strip():
            return
        message = parse(data)
        if message.status:
            self._answered(message)
        else:
            self._asked(message)

    def _answered(self, message: Message) -> None:
        d, status = self.dialog, message.status
        if message.method == "INVITE" and d and d.call_id == message.get("Call-ID"):
            if status >= 180 and status != 401:
                d.remote = message.get("To")
            if status >= 200 and status != 401:
                self._ack(d, message)
                if message.get("Contact") and status == 200:
                    d.target = message.get("Contact").strip("<>")
            self.seen.put_nowait("ringing" if status < 200 else "answered" if status == 200 else f"rejected {status}")
        future = self._waiting.get((message.get("Call-ID"), int(message.get("CSeq").split()[0])))
        if future and not future.done() and message.method != "CANCEL" and status != 100:
            future.set_result(message)

    def _asked(self, message: Message) -> None:
        method = message.method
        if method == "INVITE" and self.dialog and self.dialog.call_id == message.get("Call-ID"):
            if self.dialog.invite is None:  # a re-INVITE
                self._reply(message, 200, "OK", self._sdp("sendrecv"))
        elif method == "INVITE":
            self._rung(message)
        elif method == "CANCEL":
            self._reply(message, 200, "OK")
            if self.dialog and self.dialog.invite:
                self._reply(self.dialog.invite, 487, "Request Terminated")
                self.dialog = None
            self.seen.put_nowait("cancel")
        elif method == "BYE":
            self._reply(message, 200, "OK")
            self.dialog = None
            self.seen.put_nowait("bye")
        elif method != "ACK":
            self._reply(message, 200, "OK")

    def _rung(self, message: Message) -> None:
        if self.dialog:
            self._reply(message, 486, "Busy Here")
            return
        contact = message.get("Contact").strip("<>")
        self.dialog = Dialog(message.get("Call-ID"), message.get("To") + ";tag=t1", message.get("From"), contact, 100)
        self.dialog.invite = message
        self._reply(message, 180, "Ringing")
        self.seen.put_nowait("rung")
