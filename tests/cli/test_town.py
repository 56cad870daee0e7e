"""`lianxin town`: whom the PBX can call for trying, each with the manners of its number."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.call import _addresses
from cli.examination import line as examination
from cli.examination.finding import Grade
from cli.settings import Settings
from cli.town import MANNERS
from pbx_config.contract import CalledLeg, Context
from pbx_config.pbx import Pbx
from tests.cli.hotline import Hotline, hotline
from tests.support.ami_wire import ami_wire
from tests.support.eventually import eventually
from tests.support.pbx import running_pbx

ADDRESS, CONTACT = "127.0.18.5", "127.0.18.142:5060"


@pytest.fixture(scope="module")
def pbx() -> Iterator[Pbx]:
    with running_pbx(ADDRESS, trunk_contact=CONTACT) as one:
        yield one


@pytest.fixture(scope="module")
def town(pbx: Pbx) -> Iterator[tuple[Hotline, subprocess.Popen[str]]]:
    with hotline(ADDRESS, LIANXIN_TRUNK_CONTACT=CONTACT) as one:
        with one.output.open("w") as out:
            process = subprocess.Popen(
                one.command("town"), env=one.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True
            )
        yield one, process
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert one.processes() == {}


def call_out(pbx: Pbx, number: str, leg_no: int) -> str:
    """The PBX calls somebody into a room; the leg's uniqueid."""
    leg = CalledLeg("t18-1795000000.1", leg_no, number)
    with ami_wire(pbx.settings) as wire:
        wire.ask(
            "Originate", Channel=f"PJSIP/{number}@trunk", ChannelId=leg.uniqueid, Context=Context.ROOM_OUTSIDE.value,
            Exten="t18-1795000000.1", Priority="1", Timeout=30_000, CallerID="12345", Async="true",
        )  # fmt: skip
    return leg.uniqueid


async def told(one: Hotline, sentence: str) -> None:
    def there() -> bool:
        assert sentence in one.output.read_text(), one.output.read_text()
        return True

    await eventually(there, within_s=30)


def in_the_room(pbx: Pbx) -> int:
    with ami_wire(pbx.settings) as wire:
        return len(wire.list("ConfbridgeList", "ConfbridgeList", Conference="t18-1795000000.1"))


@pytest.mark.pbx
async def test_everybody_answers_and_speaks_with_the_manners_of_the_number(
    pbx: Pbx, town: tuple[Hotline, subprocess.Popen[str]]
) -> None:
    one, _ = town
    await told(one, "Ctrl-C")
    settings = Settings(pbx_address=ADDRESS, trunk_contact=CONTACT)
    assert examination.trunk(settings, pbx.cli("pjsip show aor trunk")).grade is Grade.GOOD
    for leg_no, number in enumerate(("13812345678", "110", "053182010101"), start=2):
        call_out(pbx, number, leg_no)
        await told(one, f"{number} rings, shown 12345")
        await eventually(lambda n=leg_no: in_the_room(pbx) == n - 1, within_s=20)
    for leg_no, number in enumerate(("13812345691", "13812345693"), start=8):
        call_out(pbx, number, leg_no)
        await told(one, f"{number} is over")
        assert f"{number} answers" not in one.output.read_text()
    call_out(pbx, "13812345694", 10)
    await told(one, "13812345694 answers")
    await told(one, "13812345694 is over")
    assert in_the_room(pbx) == 3
    pbx.cli("channel request hangup all")
    await eventually(lambda: in_the_room(pbx) == 0)


@pytest.mark.pbx
def test_the_doctor_says_when_nobody_is_there(pbx: Pbx) -> None:
    silent = Settings(pbx_address=ADDRESS, trunk_contact="127.0.18.143:5060")
    shown = pbx.cli("pjsip show aor trunk")
    other = examination.trunk(silent, shown)
    assert (other.grade, "make run" in other.text) == (Grade.BAD, True)
    nobody = examination.trunk(silent, shown.replace("127.0.18.142", "127.0.18.143"))
    assert (nobody.grade, "lianxin town" in nobody.text) == (Grade.HINT, True)


def test_a_citizen_never_calls_from_where_the_town_answers() -> None:
    assert "127.0.0.20" not in _addresses(Settings())
    assert _addresses(Settings())[0] == "127.0.0.21"
    only = Settings(carrier_addresses="127.0.18.142", trunk_contact=CONTACT)
    assert _addresses(only) == ["127.0.18.142"]


def test_a_real_carrier_is_not_played() -> None:
    with hotline(ADDRESS, LIANXIN_TRUNK_CONTACT="192.0.2.1:5060") as one:
        done = one.say("town")
    assert done.returncode == 1
    assert "192.0.2.1:5060" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_help_tells_every_manner() -> None:
    source = (Path(__file__).parents[2] / "cli" / "main.py").read_text()
    told = source[source.index("def town()") :]
    assert all(ending in told[: told.index("from cli.town")] for ending in MANNERS)
