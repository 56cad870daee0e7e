"""Who may come in and go out over SIP: real packets against a real Asterisk."""

from __future__ import annotations

import socket
import uuid

import pytest

from pbx_config.carrier import Carrier
from pbx_config.carrier_call import TelephoneRefused
from pbx_config.contract import ECHO_TEST, Milestone
from pbx_config.errors import BadSettings, CommandFailed
from pbx_config.pbx import Pbx
from tests.pbx_config import journal
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import seat_secret

pytestmark = pytest.mark.pbx

STRANGER = "127.0.10.77"  # not in the trunk's network


def status_of(line: Pbx, method: str, user: str, to: str, source: str = STRANGER) -> int:
    """Send one SIP request and return the final status of its answer."""
    target = line.settings.address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        sender.settimeout(3)
        port = sender.getsockname()[1]
        branch = uuid.uuid4().hex
        request = (
            f"{method} sip:{to}@{target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {source}:{port};branch=z9hG4bK{branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@{source}>;tag={branch[:8]}\r\nTo: <sip:{to}@{target}>\r\n"
            f"Call-ID: {branch}@{source}\r\nCSeq: 1 {method}\r\nContact: <sip:{user}@{source}:{port}>\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        sender.sendto(request.encode(), (target, line.settings.sip_port))
        while True:
            answer = sender.recv(4096).decode()
            status = int(answer.split(" ", 2)[1])
            if status >= 200:
                return status


@pytest.mark.parametrize("user", ["anonymous", "13900000000", "trunk", "line", "8001", "8001-web", "cti"])
@pytest.mark.parametrize("to", ["12345", "0013105551234", "8001"])
def test_a_stranger_cannot_call(line: Pbx, user: str, to: str) -> None:
    before = line.settings.cel_file.read_text() if line.settings.cel_file.exists() else ""
    assert status_of(line, "INVITE", user, to) in (401, 403, 404)
    assert "0 active channels" in line.cli("core show channels count")
    after = line.settings.cel_file.read_text() if line.settings.cel_file.exists() else ""
    assert after == before, "a refused stranger made a channel"


@pytest.mark.parametrize("user", ["trunk", "8001", "8099"])
def test_a_stranger_cannot_register_without_the_secret(line: Pbx, user: str) -> None:
    assert status_of(line, "REGISTER", user, user) in (401, 403, 404)
    assert STRANGER not in line.cli("pjsip show contacts")


async def test_a_wrong_password_is_refused_and_noted(line: Pbx, carrier: Carrier) -> None:
    with pytest.raises(TelephoneRefused):
        await carrier.telephone("8003", "not-the-secret-of-8003")
    log = (line.settings.log / "security.log").read_text()
    assert 'SecurityEvent="ChallengeResponseFailed"' in log
    assert 'AccountID="8003"' in log
    assert "8003" not in line.cli("pjsip show contacts")


@pytest.mark.parametrize("number", ["0013105551234", "10086", "8002", "12345", "**9"])
async def test_a_seat_dials_nobody_outside(line: Pbx, carrier: Carrier, number: str) -> None:
    telephone = await carrier.telephone("8004", seat_secret(line, "8004"))
    seen = len(journal.milestones(line, "8004"))
    call = await telephone.dial(number)
    ended = await call.ended()
    assert ended.by_line
    assert ended.cause == 21  # rejected
    await eventually(lambda: journal.milestones(line, "8004")[seen:] == [(Milestone.DENIED, number)])
    assert "0 active channels" in line.cli("core show channels count")


async def test_a_seat_hears_itself(line: Pbx, carrier: Carrier) -> None:
    telephone = await carrier.telephone("8004", seat_secret(line, "8004"))
    call = await telephone.dial(ECHO_TEST, seconds=1)
    await call.answered()
    assert not (await call.ended()).by_line


@pytest.mark.parametrize("number", ["999", "00123456789", "8001", "9196", "hotline"])
async def test_the_trunk_reaches_the_hotline_only(line: Pbx, carrier: Carrier, number: str) -> None:
    caller = f"1391235{uuid.uuid4().int % 10000:04}"
    if number.isdigit():
        ended = await (await carrier.place(caller, to=number)).ended()
        assert ended.by_line
        assert ended.cause == 1  # unallocated
        await eventually(lambda: journal.milestones(line, caller) == [(Milestone.DENIED, number)])
    else:
        assert status_of(line, "INVITE", caller, number, source="127.0.10.200") in (404, 488)


async def test_the_carrier_refuses_injected_lines(carrier: Carrier) -> None:
    with pytest.raises(BadSettings):
        await carrier.place("139\r\nAction: Command")
    with pytest.raises(BadSettings):
        await carrier.place("13912340000", to="12345\nx")
    with pytest.raises(BadSettings):
        await carrier.place("13912340000", keys="1\r\n")


def test_the_asterisk_cli_takes_no_second_line(line: Pbx) -> None:
    with pytest.raises(CommandFailed):
        line.cli("core show version\ncore stop now")


def test_sound_of_refusal_exists_in_both_languages(line: Pbx) -> None:
    for language in ("zh", "en"):
        path = line.settings.data / "sounds" / language / "lianxin" / "not-allowed.wav"
        assert sound.level(sound.read(path)) > 0.02
