"""`lianxin town`: everybody whom the hotline can call, played until Ctrl-C: agencies, 110, citizens, each with manners.

For trying transfers and conferences on a machine of one's own. It is a carrier at the address to which the PBX calls.
"""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import json
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Final

from cases import agencies
from cli.language import say, tell
from cli.process_life import until_told
from cli.settings import Settings
from models.errors import Refused
from pbx_config.carrier import Carrier
from pbx_config.dialling import digits
from pbx_config.install import find_asterisk

_ANSWER_S: Final = 2.0
# By the last two digits of a number, whoever it is. The help of `lianxin town` lists them.
MANNERS: Final[dict[str, dict[str, Any]]] = {
    "91": {"reject": True},
    "92": {"answer_after_s": None},
    "93": {"refuse": True},
    "94": {"answer_after_s": 1.0, "seconds": 2},
    "95": {"answer_after_s": 10.0},
    "96": {"answer_after_s": 1.0, "seconds": 15},
}
_SPEECH: Final = {
    "zh": {
        "agency": "您好，这里是{name}，请讲。",
        "police": "您好，一一零报警服务台，请讲。",
        "anybody": "喂，您好，哪位？",
    },
    "en": {
        "agency": "Hello, {name}, go ahead.",
        "police": "Police, what is your emergency?",
        "anybody": "Hello? Who is it?",
    },
}


class RealCarrier(Refused):
    """The PBX calls somebody real; nobody plays the town there."""

    code = "town.real_carrier"


async def town(settings: Settings) -> None:
    """Until told to stop.

    Raises:
        RealCarrier: the trunk's contact is not on this machine.
        PortTaken, InstallFailed
    """
    address, _, port = settings.trunk_contact.partition(":")
    if not ipaddress.ip_address(address).is_loopback:
        raise RealCarrier(say("town_real", contact=settings.trunk_contact))
    carrier = Carrier(
        find_asterisk(settings.asterisk_root),
        target_address=settings.pbx_address,
        target_port=settings.pbx_sip_port,
        number=settings.number,
        addresses=[address],
        sip_port=int(port),
    )
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        with (settings.run_dir / "carrier.lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            await stack.enter_async_context(carrier)
        carrier.on_telephone = _told
        count = await _move_in(settings, carrier)
        tell(say("town_ready", contact=settings.trunk_contact, count=count))
        await until_told(_until)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def _move_in(settings: Settings, carrier: Carrier) -> int:
    """Everybody gets a voice; how many agencies have a telephone."""
    speech = _SPEECH[settings.pbx_language]
    await carrier.anybody(say=speech["anybody"], answer_after_s=_ANSWER_S)
    for ending, manners in MANNERS.items():
        await carrier.anybody(ending, say=speech["anybody"], **manners)
    await carrier.subscriber(settings.police_number, say=speech["police"], answer_after_s=_ANSWER_S)
    book = _book(settings)
    for number, name in book.items():
        if number[-2:] not in MANNERS:
            await carrier.subscriber(number, say=speech["agency"].format(name=name), answer_after_s=_ANSWER_S)
    return len(book)


def _book(settings: Settings) -> dict[str, str]:
    """number → whose it is, from the file that fills the address book."""
    if settings.agencies is None and not settings.demo:
        return {}
    entries = json.loads((settings.agencies or agencies.DEMO).read_text(encoding="utf-8"))
    return {digits(row["number"]): one[settings.pbx_language] for one in entries for row in one["numbers"]}


def _told(number: str, state: str, caller: str) -> None:
    at = datetime.now().astimezone().strftime("%H:%M:%S")
    sentence = {"ringing": "town_rings", "answered": "town_answers", "ended": "town_ends"}.get(state)
    if sentence:
        tell(say(sentence, at=at, number=number, caller=caller))
