"""cti killed at event k of a call (F13), and two cti for one PBX (F14)."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.settling import hung_up, settled
from tests.support.eventually import eventually
from tests.support.house import House, house, open_desk
from tests.support.sipp import FOREVER_MS, Plan, plan_calls

pytestmark = [pytest.mark.fault, pytest.mark.pbx, pytest.mark.db]
PBX = "127.0.16.1"

# What the PBX has just written of the call when cti dies, in the order of a call's life. (event, who: trunk or seat;
# either may be the last to go, and with it the call)
PROGRESS = (
    ("CHAN_START", "trunk"),
    ("LX_NOTICE", "trunk"),
    ("LX_QUEUED", "trunk"),
    ("CHAN_START", "8"),
    ("ANSWER", "8"),
    ("BRIDGE_ENTER", "trunk"),
    ("BRIDGE_EXIT", "trunk"),
    ("HANGUP", "8"),
    ("LINKEDID_END", ""),
)


@pytest.mark.timeout(200)
async def test_killed_at_every_event_of_a_call() -> None:
    plans = [Plan(str(13_900_000_000 + n), FOREVER_MS, 700, 1500) for n in range(len(PROGRESS))]
    async with house(PBX, seats=12) as h:
        h.start("worker")
        await asyncio.to_thread(open_desk, h, plans)
        for n, (plan, (event, who)) in enumerate(zip(plans, PROGRESS, strict=True)):
            print(f"{plan.caller}: cti is to die at {event} of {who or 'any channel'}")
            h.start("cti")
            await h.connected()
            call = h.town.call([plan], 1, name=f"citizen{n}")
            await eventually(lambda p=plan, e=event, w=who: _written(h, p.caller, e, w), 20, 0.01)
            h.kill("cti")
            await hung_up(call, 30)
        h.start("cti")
        verdict = await settled(h, calls=len(PROGRESS))
    assert verdict.outcomes == {"answered": len(PROGRESS)}, verdict


def _written(h: House, caller: str, event: str, who: str) -> bool:
    """True once cel.csv has that event of a call whose trunk channel showed this caller, on a channel of ``who``."""
    path = h.pbx.settings.cel_file
    rows = [line.split('","') for line in path.read_text().splitlines()] if path.exists() else []
    links = {row[9] for row in rows if len(row) > 9 and row[0] == '"CHAN_START' and row[2] == caller}
    return any(len(r) > 9 and r[0] == f'"{event}' and r[9] in links and f"PJSIP/{who}" in r[5] for r in rows)


@pytest.mark.timeout(90)
async def test_two_cti_for_one_pbx() -> None:
    plans = plan_calls(3, 20)
    async with house(PBX, seats=20) as h:
        h.start("cti")
        await h.connected()
        h.start("cti", "second")
        h.start("worker")
        await eventually(lambda: "cti_waits" in h.log_of("second"), 15)
        await asyncio.to_thread(open_desk, h, plans)
        calls = h.town.call(plans, 4)
        await eventually(lambda: h.town.logs[-1].exists() and h.town.logs[-1].read_text().count("dialled") >= 8, 20)
        assert "cti_working" not in h.log_of("second")
        h.kill("cti")
        await eventually(lambda: "cti_working" in h.log_of("second"), 15)
        await hung_up(calls, 40)
        await settled(h, calls=20)
