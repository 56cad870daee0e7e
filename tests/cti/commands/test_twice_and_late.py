"""Commands that cross: two at once, one after the end, one twice, one whose answer is lost."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_config.pbx import Pbx
from tests.cti.stage import cti_process, stage
from tests.cti.tcp_proxy import TcpProxy
from tests.support.eventually import eventually
from tests.support.scene import AGENCY, CITIZEN, OTHER_AGENCY, Scene, scene, to_number, to_queue, to_seat

pytestmark = [pytest.mark.pbx, pytest.mark.db]

ON_A_CALL: list[tuple[str, dict[str, Any]]] = [
    ("call.hold", {}), ("call.unhold", {}), ("call.leave", {}), ("call.end", {}), ("call.hangup", {}),
    ("call.transfer", {"target": to_number(AGENCY)}), ("call.transfer", {"target": to_queue()}),
    ("call.consult", {"target": to_number(AGENCY)}), ("call.consult", {"target": to_seat("8002")}),
    ("call.consult_swap", {}), ("call.consult_complete", {}), ("call.consult_cancel", {}), ("call.consult_merge", {}),
    ("call.add", {"target": to_number(AGENCY)}), ("call.drop", {"leg": "x"}), ("call.mute", {"leg": "x"}),
    ("call.unmute", {"leg": "x"}), ("call.abuse_warn", {}), ("call.abuse_end", {}), ("call.no_survey", {}),
    ("call.record_pause", {"reason": "id-card"}), ("call.record_resume", {}),
]  # fmt: skip


async def test_a_command_when_the_call_has_just_ended(town: Scene) -> None:
    agency = await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    town.when_the_citizen_hangs_up()
    await town.on.call_is("ended")
    for kind, args in ON_A_CALL:
        assert await town.when(kind, **args) == ("refused", "call.not_found"), kind
    assert agency.rings == 0
    await town.assert_nobody_is_left()


async def test_a_command_on_somebody_elses_call(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.given_an_agent("1002", "8002", ready=False)
    for kind, args in ON_A_CALL:
        assert await town.when(kind, by="1002", **args) == ("refused", "call.not_yours"), kind
    await town.assert_citizen_is_back_with_the_agent()


async def test_a_command_before_anybody_has_answered(town: Scene) -> None:
    await town.given_an_agent("1001", "8001", ready=False)
    await town.given_a_queued_call()
    for kind, args in ON_A_CALL:
        assert (await town.when(kind, **args))[0] == "refused", kind
    await town.assert_waiting_in_the_queue()


async def test_a_call_is_handed_over_once_when_two_hand_it_over(town: Scene) -> None:
    first, second = await town.given_the_agency_answers(AGENCY), await town.given_the_agency_answers(OTHER_AGENCY)
    await town.given_a_call_is_answered()
    asked = [
        await town.on.ask("call.transfer", call_id=town.call_id, target=to_number(number))
        for number in (AGENCY, OTHER_AGENCY)
    ]
    ends = [await town.on.end_of(command_id) for command_id in asked]
    assert ends[0] == ("succeeded", None)
    assert ends[1][0] == "refused"
    await town.assert_talking_together(CITIZEN, AGENCY)
    assert (first.rings, second.rings) == (1, 0)


async def test_asking_and_holding_at_once_leave_nobody_stranded(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("call.consult", {"target": to_number(AGENCY)}), ("call.hold", {}), ("call.unhold", {}),
        ("call.consult_cancel", {}),
    ]  # fmt: skip
    asked = [await town.on.ask(kind, call_id=town.call_id, **args) for kind, args in wanted]
    ends = [await town.on.end_of(command_id) for command_id in asked]
    assert [end[0] for end in ends] == ["succeeded", "succeeded", "refused", "succeeded"], ends
    await town.assert_citizen_is_back_with_the_agent()
    await town.assert_gone(AGENCY)


async def test_the_same_command_twice_calls_once(town: Scene) -> None:
    agency = await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    assert await town.ask_twice("call.add", target=to_number(AGENCY)) == ("succeeded", None)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    assert (agency.rings, agency.answers) == (1, 1)
    rows = await town.on.conn.fetch("SELECT key, count(*) FROM feed WHERE topic = 'command' GROUP BY key")
    assert {row["count"] for row in rows} == {1}, "each command ends once"


async def test_ami_is_cut_in_the_middle(shared_line: Pbx, dsn: str) -> None:
    """The redirect arrives, its answer does not: nobody can tell, nothing is sent again, the citizen comes back."""
    settings = shared_line.settings
    proxy = await TcpProxy(settings.address, settings.ami_port, settings.address).start()
    changes = {"ami_port": proxy.port, "wrap_up_s": 60.0}
    async with stage(shared_line, dsn) as on, cti_process(shared_line, dsn, **changes), scene(on) as town:
        await on.working()
        agency = await town.given_the_agency_answers()
        await town.given_a_call_is_answered()
        proxy.swallow_answers(on=True)
        asked = await on.ask("call.consult", call_id=town.call_id, target=to_number(AGENCY), deadline_s=20)
        await town.assert_alone_with_music(CITIZEN)
        proxy.cut()
        proxy.swallow_answers(on=False)
        assert (await on.end_of(asked))[0] == "unknown"
        await on.working()
        await town.assert_citizen_is_back_with_the_agent(within_s=30)
        assert agency.rings == 0, "what was not sent before the cut is not sent after it"
        await town.asks("call.add", target=to_number(AGENCY))
        await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    await proxy.stop()


async def test_without_a_link_nothing_is_tried(shared_line: Pbx, dsn: str) -> None:
    settings = shared_line.settings
    proxy = await TcpProxy(settings.address, settings.ami_port, settings.address).start()
    async with stage(shared_line, dsn) as on, cti_process(shared_line, dsn, ami_port=proxy.port), scene(on) as town:
        await on.working()
        await town.given_a_call_is_answered()
        await proxy.stop()

        async def cut() -> bool:
            return not (await on.live("node"))[settings.node]["connected"]

        await eventually(cut, 20)
        assert await town.when("call.hold") == ("refused", "pbx.unavailable")
        await town.assert_citizen_is_back_with_the_agent()
