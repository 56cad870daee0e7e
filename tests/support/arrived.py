"""How much speech has really reached the PBX: the RTP packets that Asterisk has counted, in seconds."""

from __future__ import annotations

import asyncio
import re

from tests.support.hotline import Hotline

PACKET_S = 0.02
# " 6f36fabe 8001-web-00000001  00:00:11 alaw      494 …": bridge, channel, age, codec, packets received
_LINE = re.compile(r"^\s*\S+\s+(\S+)-[0-9a-f]{8}\s+\d+:\d\d:\d\d\s+\S+\s+(\d+)\s", re.MULTILINE)


async def arrived_s(hotline: Hotline) -> dict[str, float]:
    """Seconds by side ("trunk", "8001-web"), counted from the beginning of each side's channel."""
    told = await asyncio.to_thread(hotline.ask_pbx, "pjsip show channelstats")
    counted = {side: int(packets) * PACKET_S for side, packets in _LINE.findall(told)}
    assert counted, told
    return counted
