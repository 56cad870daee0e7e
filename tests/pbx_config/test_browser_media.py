"""Sound between a citizen and Chromium's own WebRTC stack: ICE, DTLS-SRTP, both recordings; no web page of ours.

SIP over WebSocket is spoken by hand here, so that only Asterisk's configuration is under test.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright
from websockets.asyncio.client import ClientConnection, connect

from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.pbx import Pbx
from tests.pbx_config import journal
from tests.pbx_config.conftest import AGENT_HZ, CITIZEN_HZ
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import queue_add, seat_secret

pytestmark = [pytest.mark.pbx, pytest.mark.browser]

USER = contract.endpoint("8005", contract.Phone.BROWSER)
ANSWER = """async (offer) => {
    const pc = window.pc = new RTCPeerConnection();
    const mine = new AudioContext(), tone = mine.createOscillator(), out = mine.createMediaStreamDestination();
    tone.frequency.value = %d; tone.connect(out); tone.start();
    await pc.setRemoteDescription({type: 'offer', sdp: offer});
    pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
    await pc.setLocalDescription(await pc.createAnswer());
    while (pc.iceGatheringState !== 'complete')
        await new Promise(done => pc.addEventListener('icegatheringstatechange', done, {once: true}));
    return pc.localDescription.sdp;
}"""
RECEIVED = """async () => {
    for (const [, s] of await window.pc.getStats()) if (s.type === 'inbound-rtp') return s.packetsReceived;
    return 0;
}"""


@asynccontextmanager
async def chromium_page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        path = "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None
        # A page that may use the microphone, as the desk may, tells its addresses; one that may not hides them (mDNS).
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        flags += ["--disable-features=WebRtcHideLocalIpsWithMdns"]
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield await browser.new_page()
        finally:
            await browser.close()


async def register(socket: ClientConnection, line: Pbx, secret: str) -> None:
    call = uuid.uuid4().hex

    def request(number: int, authorization: str = "") -> str:
        return (
            f"REGISTER sip:{line.settings.address} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS t.invalid;branch=z9hG4bK{uuid.uuid4().hex}\r\nMax-Forwards: 70\r\n"
            f"To: <sip:{USER}@{line.settings.address}>\r\nFrom: <sip:{USER}@{line.settings.address}>;tag=t\r\n"
            f"Call-ID: {call}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:b@t.invalid;transport=ws>;expires=60\r\n{authorization}Content-Length: 0\r\n\r\n"
        )

    await socket.send(request(1))
    challenge = dict(re.findall(r'(\w+)="([^"]*)"', await text(socket)))
    uri = f"sip:{line.settings.address}"
    inner = md5(f"{USER}:{challenge['realm']}:{secret}")
    response = md5(f"{inner}:{challenge['nonce']}:00000001:c:auth:{md5(f'REGISTER:{uri}')}")
    await socket.send(
        request(
            2,
            f'Authorization: Digest username="{USER}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c", '
            f'opaque="{challenge["opaque"]}"\r\n',
        )
    )


def md5(value: str) -> str:
    return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()


async def text(socket: ClientConnection) -> str:
    message = await socket.recv()
    return message if isinstance(message, str) else message.decode()


def reply(request: str, sdp: str = "") -> str:
    kept = [row for row in request.split("\r\n\r\n", 1)[0].split("\r\n") if re.match(r"(Via|From|Call-ID|CSeq):", row)]
    to = next(row for row in request.split("\r\n") if row.startswith("To:"))
    rows = [
        "SIP/2.0 200 OK",
        *kept,
        f"{to};tag=b" if "tag=" not in to else to,
        "Contact: <sip:b@t.invalid;transport=ws>",
    ]
    rows += ["Content-Type: application/sdp"] if sdp else []
    return "\r\n".join([*rows, f"Content-Length: {len(sdp.encode())}", "", sdp])


async def invitation(socket: ClientConnection) -> str:
    """The next INVITE; OPTIONS (Asterisk asks whether we live) are answered on the way."""
    while True:
        message = await text(socket)
        if message.startswith("OPTIONS"):
            await socket.send(reply(message))
        elif message.startswith("INVITE"):
            return message


async def test_both_voices_reach_each_other_and_their_files(line: Pbx, carrier: Carrier, citizen_tone: Path) -> None:
    number = "13912342001"
    url = f"ws://{line.settings.address}:{line.settings.http_port}/ws"
    async with chromium_page() as page, connect(url, subprotocols=["sip"]) as socket:  # type: ignore[list-item]
        await register(socket, line, seat_secret(line, "8005", contract.Phone.BROWSER))
        queue_add(line, "8005", "1005", contract.Phone.BROWSER)
        call = await carrier.place(number, wav=citizen_tone)
        invite = await invitation(socket)
        offer = invite.split("\r\n\r\n", 1)[1]
        assert "a=candidate:" in offer, "a browser needs an address to send to"
        answer = await page.evaluate(ANSWER % AGENT_HZ, offer)
        await socket.send(reply(invite, answer))

        async def plenty() -> bool:
            return int(await page.evaluate(RECEIVED)) > 150

        await eventually(plenty, within_s=20)
        await call.hang_up()
        await call.ended()
    await eventually(lambda: "LINKEDID_END" in journal.events(line, number))
    stem = contract.recording_stem(journal.linkedid(line, number))
    citizen = sound.read(line.settings.spool / f"{stem}{contract.SPOOL_SUFFIX_RECEIVE}")
    agent = sound.read(line.settings.spool / f"{stem}{contract.SPOOL_SUFFIX_TRANSMIT}")
    assert len(citizen) == len(agent) > 2 * sound.RATE
    assert sound.share(citizen[-sound.RATE :], CITIZEN_HZ) > 0.9
    assert sound.share(agent[-sound.RATE :], AGENT_HZ) > 0.9
