"""What must not reach a configuration file is refused before anything is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pbx_config import contract, render
from pbx_config.errors import BadSettings
from pbx_config.queue_file import QueueSets
from pbx_config.settings import PbxSettings, QueueTuning, SeatSecret
from pbx_config.telephony import SEATS_FILE, TRUNKS_FILE

SECRET = "s" * 24


def settings(home: Path, **changes: Any) -> PbxSettings:
    values: dict[str, Any] = {
        "node": "pbx1",
        "address": "127.0.0.1",
        "home": home,
        "module_dir": Path("/usr/lib/asterisk/modules"),
        "seats": (SeatSecret("8001", SECRET, SECRET), SeatSecret("8002", SECRET, SECRET)),
        "ami_secrets": dict.fromkeys(contract.AmiUser, SECRET),
        "run_dir": Path("/tmp/r"),
    }
    return PbxSettings(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"node": "pbx1\nverbose = 9"},
        {"node": "PBX 1"},
        {"node": ""},
        {"address": "0.0.0.0"},
        {"address": "224.0.0.1"},
        {"address": "localhost"},
        {"address": "127.0.0.1\r\n"},
        {"number": "12345\n"},
        {"number": "12345,1"},
        {"number": "_X."},
        {"number": ""},
        {"language": "fr"},
        {"sip_port": 0},
        {"sip_port": 70000},
        {"sip_port": True},
        {"sip_port": "5060"},
        {"http_port": 5038},
        {"rtp_range": (20000, 10000)},
        {"rtp_range": (5000, 6000)},
        {"rtp_range": (80, 100)},
        {"trunk_addresses": ()},
        {"trunk_addresses": ("0.0.0.0/0",)},
        {"trunk_addresses": ("carrier.example",)},
        {"trunk_addresses": ("127.0.0.20\nmatch=0.0.0.0/0",)},
        {"trunk_addresses": ("127.0.0.21/30",)},
        {"seats": (SeatSecret("8001", SECRET, SECRET), SeatSecret("8001", SECRET, SECRET))},
        {"seats": (SeatSecret("9001", SECRET, SECRET),)},
        {"seats": (SeatSecret("8001\n", SECRET, SECRET),)},
        {"seats": (SeatSecret("8001", "short", SECRET),)},
        {"seats": (SeatSecret("8001", SECRET + "\r\n", SECRET),)},
        {"seats": (SeatSecret("8001", SECRET, SECRET + ";comment"),)},
        {"ami_secrets": {contract.AmiUser.CTI: SECRET}},
        {"ami_secrets": dict.fromkeys(contract.AmiUser, SECRET + "\nwrite = all")},
        {"home": Path("relative")},
        {"home": Path("/tmp/a b")},
        {"home": Path("/tmp/a;b")},
        {"spool_dir": Path("/tmp/a,b")},
        {"spool_dir": Path("/tmp/${EXTEN}")},
        {"run_dir": Path("/tmp/" + "x" * 100)},
        {"seat_rtp_timeout_s": -1},
        {"queue": QueueTuning(name="a]b")},
        {"queue": QueueTuning(name="hotline\n")},
        {"queue": QueueTuning(strategy="whoever")},
        {"queue": QueueTuning(ring_s=0)},
        {"queue": QueueTuning(max_waiting=0)},
        {"queue": QueueTuning(announce_every_s=1)},
    ],
    ids=repr,
)
def test_bad_values_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(BadSettings) as caught:
        settings(**({"home": tmp_path / "pbx"} | changes))
    assert SECRET not in str(caught.value), "a message must not tell a secret"
    assert not (tmp_path / "pbx").exists()


def test_secrets_are_not_shown() -> None:
    assert SECRET not in repr(settings(Path("/tmp/pbx")))


def test_rendering_twice_changes_nothing(tmp_path: Path) -> None:
    first = render.render(settings(tmp_path))
    assert {p.name for p in first} == {*render.templates("line"), SEATS_FILE, TRUNKS_FILE}
    assert render.render(settings(tmp_path)) == []


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    old = settings(tmp_path)
    render.render(old)
    changed = render.render(replace(old, queue=replace(old.queue, max_waiting=7)))
    assert {p.name for p in changed} == {"queues.conf", "extensions.conf"}
    assert "maxlen = 7" in (old.etc / "queues.conf").read_text()


@pytest.mark.parametrize("changes", [{}, {"call_back": True, "voicemail": True, "language": "en"}])
def test_a_citizen_who_waits_is_told_the_place_and_never_minutes(tmp_path: Path, changes: dict[str, Any]) -> None:
    """What the template says, and that no queue's own file says otherwise."""
    made = settings(tmp_path, **changes)
    render.render(made)
    lines = [line.partition(";")[0].partition("=") for line in (made.etc / "queues.conf").read_text().splitlines()]
    said = [(key.strip(), value.strip()) for key, is_pair, value in lines if is_pair]
    assert [value for key, value in said if key == "announce-holdtime"] == ["no"]
    assert [value for key, value in said if key == "reportholdtime"] == ["no"], "nor is the agent"
    assert [value for key, value in said if key == "announce-position"] == ["yes"]
    own = QueueSets("hotline").pairs(Path("/srv/sounds"))
    assert not {"announce-holdtime", "reportholdtime"} & own.keys()


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    render.render(settings(tmp_path))
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "etc").iterdir()} == {0o600}


def test_the_last_gate_stops_what_the_settings_let_through(tmp_path: Path) -> None:
    passed = settings(tmp_path)
    object.__setattr__(passed, "node", "pbx1\n[evil]")
    with pytest.raises(BadSettings):
        render.render(passed)
    assert not (tmp_path / "etc").exists(), "nothing may be written"


def test_cel_columns_follow_the_contract(tmp_path: Path) -> None:
    render.render(settings(tmp_path))
    line = (tmp_path / "etc" / "cel_custom.conf").read_text().splitlines()[1]
    wanted = ",".join("${CSV_QUOTE(${" + expression + "})}" for _, expression in contract.CEL_FIELDS)
    assert line == f"{contract.CEL_FILE.name} => {wanted}"


def test_every_seat_has_two_endpoints_and_two_secrets(tmp_path: Path) -> None:
    own = (SeatSecret("8001", "b" * 20, "t" * 20),)
    render.render(settings(tmp_path, seats=own))
    text = (tmp_path / "line" / "pjsip_seats.conf").read_text()
    sections = {block.split("]")[0]: block for block in text.split("\n[") if "type = auth\n" in block}
    assert "password = " + "b" * 20 in sections[contract.endpoint("8001", contract.Phone.BROWSER)]
    assert "password = " + "t" * 20 in sections[contract.endpoint("8001", contract.Phone.TELEPHONE)]
    text += (tmp_path / "etc" / "pjsip.conf").read_text()
    assert "anonymous" not in "".join(row for row in text.splitlines() if not row.startswith(";"))


def test_manager_users_are_minimal_and_local(tmp_path: Path) -> None:
    render.render(settings(tmp_path))
    text = (tmp_path / "etc" / "manager.conf").read_text()
    assert "bindaddr = 127.0.0.1" in text
    assert text.count("deny = 0.0.0.0/0.0.0.0") == len(contract.AmiUser)
    assert text.count(f"writetimeout = {contract.AMI_WRITE_TIMEOUT_MS}") == len(contract.AmiUser)
    rights = {w.strip() for row in text.splitlines() if row.startswith("write =") for w in row[7:].split(",")}
    assert rights.isdisjoint({"command", "config", "all", "dialplan", "system"})
    doctor = text.split(f"[{contract.AmiUser.DOCTOR}]")[1]
    assert "originate" not in doctor  # cti alone calls people


def test_only_events_are_asked_for_that_this_asterisk_knows(tmp_path: Path) -> None:
    """One that it does not know, and Asterisk writes no CEL at all."""
    told = tmp_path / "documentation"
    told.mkdir()
    (told / "core-en_US.xml").write_text("<docs>CHAN_START CHAN_END ANSWER HANGUP</docs>")
    line = render.render_text("line", {"s": settings(tmp_path / "old", documentation_dir=told)})["cel.conf"]
    assert line.splitlines()[-1] == "events = CHAN_START,CHAN_END,ANSWER,HANGUP"
    line = render.render_text("line", {"s": settings(tmp_path / "new")})["cel.conf"]
    assert line.splitlines()[-1] == f"events = {','.join(contract.CEL_EVENTS)}"
