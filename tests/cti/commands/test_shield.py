"""The agent's shield: the spoken warning, the end by a message, no question after a danger call, flagged callers."""

from __future__ import annotations

import uuid

import pytest

from pbx_config.pbx import Pbx
from tests.cti.stage import cti_process, stage
from tests.support.eventually import eventually
from tests.support.scene import AGENCY, CALLER, CITIZEN, Scene, scene

pytestmark = [pytest.mark.pbx, pytest.mark.db]


async def test_the_warning_is_spoken_and_the_call_goes_on(town: Scene) -> None:
    await town.given_a_call_is_answered()
    await town.asks("call.abuse_warn")
    await town.assert_alone_with_music("8001")
    await town.assert_citizen_is_back_with_the_agent()
    assert _spoken(town) == ['{""extra"":""warning""}']
    await town.asks("call.abuse_warn")
    await town.assert_citizen_is_back_with_the_agent()
    await eventually(lambda: len(_spoken(town)) == 2)


def _spoken(town: Scene) -> list[str]:
    lines = town.on.pbx.settings.cel_file.read_text().splitlines()
    return [line.rsplit(',"', 1)[1].rstrip('"') for line in lines if "LX_ABUSE" in line and f'"{town.ref}"' in line]


async def test_the_call_is_ended_by_a_message(town: Scene) -> None:
    await town.given_the_agency_answers()
    await town.given_a_call_is_answered()
    await town.when_the_agent_adds(AGENCY)
    await town.assert_talking_together(CITIZEN, "8001", AGENCY)
    await town.asks("call.abuse_end")
    await town.assert_gone("8001")
    await town.assert_nobody_is_left()
    assert _spoken(town) == ['{""extra"":""end""}']
    assert (await town.on.call_is("ended"))["hung_up_by"] == "agent"


async def test_nobody_asks_after_a_danger_call(town: Scene) -> None:
    await town.given_a_call_is_answered()
    assert town.variable("LX_NO_SURVEY", CITIZEN) == ""
    await town.asks("call.no_survey")
    assert town.variable("LX_NO_SURVEY", CITIZEN) == "1"


async def test_a_caller_is_flagged_and_unflagged(town: Scene) -> None:
    assert await town.on.do("caller.flag", None, number=CALLER, flag="patient") == ("succeeded", None)
    assert [town.variable(f"LX_FLAG_{n}") for n in (CALLER, f"0{CALLER}", f"86{CALLER}")] == ["patient"] * 3
    assert await town.on.do("caller.flag", None, number=CALLER, flag=None) == ("succeeded", None)
    assert town.variable(f"LX_FLAG_{CALLER}") == ""
    for number, flag in [(CALLER, "refuse"), ("139)=1,GLOBAL(X", "patient"), ("+8613912345678", "patient")]:
        end = await town.on.do("caller.flag", None, number=number, flag=flag)
        assert end == ("refused", "command.bad_argument"), number


async def flag_in_the_table(town_on: object, number: str, flag: str | None, seconds: float) -> None:
    await town_on.conn.execute(  # type: ignore[attr-defined]  # a stage
        "INSERT INTO number_flag (id, number, flag, tone, reason, by, reviewer, created_at, expires_at) VALUES "
        "($1, $2, $3, 'harassing', 'calls every hour', 'agent', 'supervisor', now() - interval '1 hour', "
        "now() + make_interval(secs => $4))",
        uuid.uuid4(), number, flag, seconds,
    )  # fmt: skip


async def test_flags_of_the_table_are_told_again_and_lapse_by_themselves(shared_line: Pbx, dsn: str) -> None:
    ended, short, long = "13900000001", "13900000002", "05190000003"
    async with stage(shared_line, dsn) as on, scene(on) as town:
        await flag_in_the_table(on, ended, "message", -60)
        await flag_in_the_table(on, short, "message", 3600)
        await flag_in_the_table(on, long, "patient", 3600)
        town.wire.ask("Setvar", Variable=f"GLOBAL(LX_FLAG_{ended})", Value="message")  # left by an earlier cti
        async with cti_process(shared_line, dsn, flags_every_s=0.5):
            await on.working()
            await eventually(lambda: town.variable(f"LX_FLAG_{short}") == "message")
            await eventually(lambda: town.variable(f"LX_FLAG_{long}") == "patient")
            assert town.variable("LX_FLAG_865190000003") == "patient"
            assert town.variable(f"LX_FLAG_{ended}") == ""
            await on.conn.execute(
                "UPDATE number_flag SET expires_at = now() + interval '0.2 s' WHERE number = $1", short
            )
            await eventually(lambda: town.variable(f"LX_FLAG_{short}") == "")
            shared_line.cli("dialplan reload")  # the PBX forgets every global variable
            await eventually(lambda: town.variable(f"LX_FLAG_{long}") == "patient")
            await on.conn.execute("UPDATE number_flag SET lifted_at = now(), lifted_by = 'supervisor'")
            await eventually(lambda: town.variable(f"LX_FLAG_{long}") == "")
