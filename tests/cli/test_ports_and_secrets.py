"""A taken port is one sentence with holder and setting; secrets are made once and kept private."""

import os
import socket
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.passwords import readable_password
from cli import ports
from cli.secret_files import secret
from cli.settings import Settings

ADDRESS = "127.0.18.9"


@pytest.fixture(params=[socket.SOCK_STREAM, socket.SOCK_DGRAM])
def taken(request: pytest.FixtureRequest) -> Iterator[ports.Need]:
    with socket.socket(socket.AF_INET, request.param) as mine:
        mine.bind((ADDRESS, 0))
        if request.param == socket.SOCK_STREAM:
            mine.listen()
        yield ports.Need("SIP", request.param, ADDRESS, mine.getsockname()[1], "LIANXIN_PBX_SIP_PORT")


def test_a_taken_port_names_who_has_it_and_what_to_set(taken: ports.Need) -> None:
    with pytest.raises(ports.PortUnusable) as caught:
        ports.check(taken)
    text = str(caught.value)
    for part in (taken.protocol, f"{ADDRESS}:{taken.port}", str(os.getpid()), "LIANXIN_PBX_SIP_PORT"):
        assert part in text
    assert "\n" not in text


def test_it_is_free_afterwards(taken: ports.Need) -> None:
    free = ports.Need("SIP", taken.kind, "127.0.18.10", taken.port, "LIANXIN_PBX_SIP_PORT")
    ports.check(free)


def test_an_address_that_is_not_ours_names_the_addresss_setting() -> None:
    need = ports.Need("SIP", socket.SOCK_DGRAM, "192.0.2.1", 5060, "LIANXIN_PBX_SIP_PORT")
    with pytest.raises(ports.PortUnusable, match="LIANXIN_PBX_ADDRESS"):
        ports.check(need)


def test_every_listener_of_the_defaults_is_checked() -> None:
    needs = {(n.protocol, n.address, n.port) for n in ports.needs(Settings())}
    assert needs >= {("TCP", "127.0.0.1", 8000), ("UDP", "127.0.0.1", 5060), ("TCP", "127.0.0.1", 8088)}
    assert {n.port for n in ports.needs(Settings())} >= {5038, 54329}


def test_servers_of_others_are_not_ours_to_check() -> None:
    outside = Settings(DATABASE_URL="postgresql://h/d", pbx_managed=False, pbx_ami_secret="x")
    assert [n.part for n in ports.needs(outside)] == ["HTTP"]


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = secret(folder, "one")
    assert secret(folder, "one") == first != secret(folder, "two")
    assert len(first) >= 24
    assert stat.S_IMODE((folder / "one").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(p.name for p in folder.iterdir()) == ["one", "two"]


def test_many_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = set(pool.map(lambda _: secret(tmp_path / "s", "one"), range(64)))
    assert len(got) == 1


def test_a_demo_password_can_be_read_aloud() -> None:
    passwords = {readable_password() for _ in range(200)}
    assert len(passwords) == 200
    assert all(len(p) == 14 and not set(p) & set("01loi") for p in passwords)
