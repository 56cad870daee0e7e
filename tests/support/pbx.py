"""A real line for tests: own loopback address, own short folder, everything gone afterwards.

with running_pbx("127.0.11.1") as pbx:
    queue_add(pbx, "8001", "1001")
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pbx_config import contract, sounds
from pbx_config.carrier import Carrier
from pbx_config.install import find_asterisk
from pbx_config.pbx import Pbx
from pbx_config.process import Asterisk
from pbx_config.prompts import install_prompts
from pbx_config.settings import LANGUAGES, PbxSettings, SeatSecret
from tests.support.sound import write_tone

PROJECT = Path(__file__).resolve().parents[2]
SEATS = tuple(str(n) for n in range(8001, 8011))


@cache
def asterisk_for_tests() -> Asterisk:
    """The Asterisk that `make` installs (or the machine's)."""
    return find_asterisk(Path(os.environ.get("LIANXIN_VAR", PROJECT / "var")) / "asterisk")


def pbx_settings(address: str, home: Path, **changes: Any) -> PbxSettings:
    """Settings as production has them, with random secrets and one trunk network per test address."""
    asterisk = asterisk_for_tests()
    third = address.split(".")[2]
    settings = PbxSettings(
        node=f"t{third}",
        address=address,
        home=home,
        module_dir=asterisk.module_dir,
        documentation_dir=asterisk.documentation_dir,
        seats=tuple(SeatSecret(s, secrets.token_hex(12), secrets.token_hex(12)) for s in SEATS),
        ami_secrets={user: secrets.token_hex(16) for user in contract.AmiUser},
        trunk_addresses=(f"127.0.{third}.128/25",),
        trunk_contact=f"127.0.{third}.128:5060",
    )
    return replace(settings, **changes) if changes else settings


test_asterisk = asterisk_for_tests  # the name without "test_" is for test modules, where pytest would collect it


@contextmanager
def short_folder(prefix: str = "lx") -> Iterator[Path]:
    """A folder under /tmp: a control socket's path has 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _prompts_of_tests() -> Path:
    """Prompts are made once per machine, not once per test."""
    return PROJECT / "var" / "test-prompts"


@contextmanager
def running_pbx(address: str, *, home: Path | None = None, quick_notice: bool = False, **changes: Any) -> Iterator[Pbx]:
    """A line that has booted; ``changes`` replace fields of PbxSettings. Citizens call from 127.0.<same>.128 and up.

    ``quick_notice``: an operator's notice of half a second (600 Hz) instead of nine seconds of speech.
    """
    if home is None:
        with short_folder() as folder, running_pbx(address, home=folder, quick_notice=quick_notice, **changes) as pbx:
            yield pbx
        return
    own = quick_prompts(home) if quick_notice else None
    pbx = Pbx(pbx_settings(address, home, **changes), asterisk_for_tests(), prompts_dir=own)
    seed_prompts(pbx.settings.data)
    pbx.prepare()
    pbx.start()
    try:
        yield pbx
    finally:
        pbx.stop()


def quick_prompts(home: Path) -> Path:
    """A folder of an operator's own prompts with a short notice in both languages."""
    for language in LANGUAGES:
        path = home / "own" / language / f"{sounds.NOTICE}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_tone(path, 600, 0.5)
    return home / "own"


def seed_prompts(data: Path) -> None:
    """Copy prompts made by an earlier test run, so that each PBX does not speak them all again."""
    store = _prompts_of_tests()
    store.mkdir(parents=True, exist_ok=True)
    install_prompts(store, asterisk_for_tests())
    shutil.copytree(store, data, dirs_exist_ok=True)


def queue_add(pbx: Pbx, seat: str, agent_no: str, phone: contract.Phone = contract.Phone.TELEPHONE) -> None:
    """Sign an agent in as cti would: a dynamic member, unpaused."""
    member = contract.interface(seat, phone)
    pbx.cli(f"queue add member {member} to {pbx.settings.queue.name} penalty 0 as {agent_no} state_interface {member}")


def queue_remove(pbx: Pbx, seat: str, phone: contract.Phone = contract.Phone.TELEPHONE) -> None:
    pbx.cli(f"queue remove member {contract.interface(seat, phone)} from {pbx.settings.queue.name}")


def seat_secret(pbx: Pbx, seat: str, phone: contract.Phone = contract.Phone.TELEPHONE) -> str:
    """The SIP secret of one of the seat's two telephones."""
    found = next(s for s in pbx.settings.seats if s.seat == seat)
    return found.browser_secret if phone is contract.Phone.BROWSER else found.telephone_secret


@asynccontextmanager
async def running_carrier(pbx: Pbx) -> AsyncIterator[Carrier]:
    """Citizens and telephones for that PBX, on the addresses its trunk lets in."""
    third = pbx.settings.address.split(".")[2]
    addresses = [f"127.0.{third}.{n}" for n in range(128, 254)]
    async with Carrier(asterisk_for_tests(), target_address=pbx.settings.address, addresses=addresses) as carrier:
        yield carrier
