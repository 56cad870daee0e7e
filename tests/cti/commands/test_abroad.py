"""Nobody dials abroad, at a price or ourselves through us: every door is tried (F19, F20)."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest

from pbx_config.pbx import Pbx
from tests.cti.stage import cti_process, stage
from tests.support.eventually import eventually
from tests.support.pbx import seat_secret
from tests.support.scene import AGENCY, CITIZEN, Scene, scene, to_number

pytestmark = [pytest.mark.pbx, pytest.mark.db]

ABROAD = "0014155552671"
TRICKS = [
    (ABROAD, "number.not_allowed"),
    ("+14155552671", "number.not_allowed"),
    ("+86 00 1 415 555 2671", "number.not_allowed"),
    ("００１４１５５５５２６７１", "number.not_allowed"),
    ("16812345678", "number.not_allowed"),
    ("12345", "number.not_allowed"),
    ("8002", "number.not_allowed"),
    ("110&PJSIP/0014155552671@trunk", "number.invalid"),
    ("110@trunk&Local/0014155552671@line", "number.invalid"),
    ("Local/110@from-seat/n", "number.invalid"),
    ("110;user=phone", "number.invalid"),
    ("110\r\nExten: 0014155552671", "number.invalid"),
    ("${SHELL(id)}", "number.invalid"),
    ("1" * 5000, "number.invalid"),
    ("", "number.invalid"),
]


async def test_no_command_dials_what_may_not_be_dialled(town: Scene) -> None:
    stranger = await town.given_an_agency(ABROAD)
    await town.given_a_call_is_answered()
    before = set(town.channels())
    for number, reason in TRICKS:
        for kind in ("call.transfer", "call.consult", "call.add"):
            assert await town.when(kind, target=to_number(number)) == ("refused", reason), (kind, number)
    await town.given_an_agent("1002", "8002", ready=False)
    for number, reason in TRICKS:
        assert await town.on.do("call.dial", "1002", number=number) == ("refused", reason), number
    for no_text in (None, 110, ["110"], {"value": "110"}):
        assert await town.on.do("call.dial", "1002", number=no_text) == ("refused", "command.bad_argument")
    assert set(town.channels()) == before
    await town.assert_citizen_is_back_with_the_agent()
    assert stranger.rings == 0
    assert town.called_outside() == []


async def test_a_seats_telephone_reaches_nobody_outside(town: Scene) -> None:
    stranger = await town.given_an_agency(ABROAD)
    agency = await town.given_an_agency(AGENCY)
    phone = await town.carrier.telephone("8004", seat_secret(town.on.pbx, "8004"))
    for number in (ABROAD, AGENCY, "110", "12345", "*72", "8001"):
        call = await phone.dial(number)
        assert (await call.ended(20)).by_line, number
    assert (stranger.rings, agency.rings, town.called_outside()) == (0, 0, [])


async def test_a_telephone_that_dials_abroad_is_an_alarm_at_once(shared_line: Pbx, dsn: str) -> None:
    """From the switch's own journal: nobody of the desk is asked, and no API runs."""
    changes = {"log_dir": str(shared_line.settings.log)}
    async with stage(shared_line, dsn) as on, cti_process(shared_line, dsn, **changes), scene(on) as town:
        await on.working()
        phone = await town.carrier.telephone("8004", seat_secret(on.pbx, "8004"))
        begun_at = datetime.now(UTC)  # the line's journal tells of other tests' calls, too
        call = await phone.dial(ABROAD)

        async def told() -> asyncpg.Record | None:
            return await on.conn.fetchrow(
                "SELECT a.code, a.who, a.acknowledged_at FROM alarm a JOIN feed f ON f.key = a.id::text"
                " WHERE a.detail = $1 AND a.at > $2 AND f.topic = 'alarm'", ABROAD, begun_at,
            )  # fmt: skip

        row = await eventually(told, 10)
        assert tuple(row) == ("line.seat_dialled", "8004", None)
        await call.ended(20)


async def test_the_transfer_key_of_a_telephone_is_dead(town: Scene) -> None:
    """REFER, to a number, to a room, to somebody else's call: the citizen stays where she is."""
    stranger = await town.given_an_agency(ABROAD)
    await town.given_a_call_is_answered()
    phone = town.phones["8001"]
    pbx = town.on.pbx.settings.address
    for to in (f"sip:{ABROAD}@{pbx}", f"sip:{ABROAD}@{town.carrier.address}", f"sip:{town.ref}@{pbx}"):
        status = await phone.refer(phone.active[0], to)
        assert not 200 <= status < 300, f"{to}: accepted"  # 0: Asterisk does not even answer
    await town.assert_citizen_is_back_with_the_agent()
    assert (stranger.rings, town.called_outside()) == (0, [])


async def test_a_redirecting_telephone_leads_nowhere(town: Scene) -> None:
    """302 from a colleague's telephone: the dial plan of seats gets the number, and refuses it."""
    stranger = await town.given_an_agency(ABROAD)
    await town.given_a_call_is_answered()
    phone = await town.given_an_agent("1002", "8002", ready=False)
    contact = f"<sip:{ABROAD}@{town.carrier.address}:5060>"
    phone.on_invite = lambda dialog: phone.reject(dialog, "302 Moved Temporarily", contact)
    await town.when("call.add", target={"kind": "seat", "value": "8002"})
    await town.assert_gone("8002")
    await town.assert_citizen_is_back_with_the_agent()
    assert (stranger.rings, town.called_outside()) == (0, [])


async def test_a_callers_number_is_no_way_out(town: Scene) -> None:
    """Somebody calls in under a foreign number, in hope of being called back; and with a name full of tricks."""
    stranger = await town.given_an_agency(ABROAD)
    await town.given_an_agent("1001", "8001")
    town.citizen = town.on.citizen.call("12345", ABROAD, name="110;Action=Originate ${SHELL(id)}")
    live = await town.on.call_is("talking", 20)
    assert live["caller"] == ABROAD
    town.call_id, town.ref = live["call_id"], live["linkedid"]
    assert await town.when("call.add", target=to_number(live["caller"])) == ("refused", "number.not_allowed")
    town.when_the_citizen_hangs_up()
    await town.on.agent_is("1001", "wrap_up")
    assert await town.on.do("call.dial", number=live["caller"]) == ("refused", "number.not_allowed")
    assert (stranger.rings, town.called_outside()) == (0, [])


async def test_whoever_is_called_sees_the_hotlines_number_and_nothing_else(town: Scene) -> None:
    agency = await town.given_the_agency_answers()
    await town.given_a_call_is_answered(caller="13900001111")
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    assert agency.callers == ["12345"]
    assert town.called_outside() == [AGENCY]
