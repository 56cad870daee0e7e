"""Ears on a real line: asked for, moved, stopped; a take-over; and the log after everything that may die."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from pbx_config.carrier_call import CarrierCall
from pbx_config.pbx import Pbx
from tests.cti.stage import cti_process, stage
from tests.pbx_config.ears import HERTZ, Voice, heard, people, read_raw, story
from tests.support.eventually import eventually
from tests.support.pbx import seat_secret
from tests.support.scene import AGENCY, CALLER, CITIZEN, HOTLINE, Scene, scene, to_number
from tests.support.sound import write_tone

pytestmark = [pytest.mark.pbx, pytest.mark.db]

BOSS, OTHER = "1005", "1006"
BOSS_SEAT, OTHER_SEAT = "8005", "8006"
POLICE = "110"


@pytest.fixture
async def floor(shared_line: Pbx, dsn: str) -> AsyncIterator[Scene]:
    """A working cti that also reads the journal."""
    changes = {"wrap_up_s": 60.0, "log_dir": str(shared_line.settings.log)}
    async with stage(shared_line, dsn) as on, cti_process(shared_line, dsn, **changes), scene(on) as town:
        await on.working()
        yield town


async def given_a_talk(town: Scene, citizen_wav: Path | None = None, agent_wav: Path | None = None) -> CarrierCall:
    """Citizen and agent whistle at each other. Without sound on the agent's channel no ear can leave it (ADR 0007)."""
    on, home = town.on, town.carrier.home
    low = citizen_wav or write_tone(home / "low.wav", 440, 2)
    high = agent_wav or write_tone(home / "high.wav", 880, 2)
    await town.carrier.telephone("8001", seat_secret(on.pbx, "8001"), answer_after_s=0, wav=high)

    async def signed_in() -> bool:
        return (await on.do("agent.sign_in", seat="8001", phone="telephone"))[0] == "succeeded"

    await eventually(signed_in)
    assert await on.do("agent.ready") == ("succeeded", None)
    citizen = await town.carrier.place(CALLER, wav=low, to=HOTLINE)
    live = await on.call_is("talking", 20)
    town.call_id, town.ref = live["call_id"], live["linkedid"]
    await town.assert_talking_together(CITIZEN, "8001")
    return citizen


async def given_a_supervisor(town: Scene, seat: str = BOSS_SEAT) -> None:
    """At a telephone that is picked up; not signed in anywhere."""
    phone = town.phones[seat] = await town.on.telephone(seat)
    phone.on_invite = phone.answer


async def asks(town: Scene, kind: str, *, by: str = BOSS, seat: str = BOSS_SEAT, **args: Any) -> tuple[str, str | None]:
    return await town.when(kind, by=by, seat=seat, name=f"班长{by}", **args)


async def hears(town: Scene, *ears: tuple[str, str]) -> dict[str, Any]:
    """Exactly these (seat, mode) hear the call, as screens see it."""

    async def body() -> Any:
        found = (await town.on.live("ears")).get(town.call_id, {"ears": []})
        now = {(ear["seat"], ear["mode"]) for ear in found["ears"] if ear["state"] == "on"}
        assert now == set(ears), found
        return found

    found: dict[str, Any] = await eventually(body, 20)
    return found


async def log(town: Scene, stretches: int) -> list[asyncpg.Record]:
    """The ear log of this call once it has so many rows."""

    async def rows() -> list[asyncpg.Record]:
        found = await town.on.conn.fetch("SELECT * FROM ear WHERE call_id = $1 ORDER BY started_at", town.call_id)
        assert len(found) >= stretches, found
        return list(found)

    return await eventually(rows, 30)  # type: ignore[no-any-return]


def told(rows: list[asyncpg.Record]) -> list[tuple[str, str, str]]:
    return [(row["seat"], row["mode"], row["ended_by"]) for row in rows]


async def test_listen_whisper_barge_and_stop(floor: Scene) -> None:
    citizen = await given_a_talk(floor)
    await given_a_supervisor(floor)
    await given_a_supervisor(floor, OTHER_SEAT)
    assert await asks(floor, "call.stop_listening") == ("refused", "call.nobody_listens")
    assert await asks(floor, "call.listen") == ("succeeded", None)
    body = await hears(floor, (BOSS_SEAT, "listen"))
    assert (body["agent_no"], body["ears"][0]["agent_no"], body["ears"][0]["name"]) == ("1001", BOSS, f"班长{BOSS}")
    assert await asks(floor, "call.listen", by=OTHER, seat=OTHER_SEAT) == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "listen"), (OTHER_SEAT, "listen"))
    await floor.assert_talking_together(CITIZEN, "8001")
    assert {party["number"] for party in await floor.parties()} == {"13912345678", "8001"}, "an ear is no party"

    assert await asks(floor, "call.whisper") == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "whisper"), (OTHER_SEAT, "listen"))
    assert await asks(floor, "call.barge") == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "barge"), (OTHER_SEAT, "listen"))
    await floor.assert_talking_together(CITIZEN, "8001", BOSS_SEAT)
    assert {party["number"] for party in await floor.parties()} == {"13912345678", "8001"}
    assert await asks(floor, "call.listen") == ("succeeded", None)
    await floor.assert_talking_together(CITIZEN, "8001")
    assert await asks(floor, "call.stop_listening") == ("succeeded", None)
    await hears(floor, (OTHER_SEAT, "listen"))
    await citizen.hang_up()
    await floor.assert_nobody_is_left()

    rows = await log(floor, 5)
    assert [t for t in told(rows) if t[0] == BOSS_SEAT] == [
        (BOSS_SEAT, "listen", "switched"), (BOSS_SEAT, "whisper", "switched"), (BOSS_SEAT, "barge", "switched"),
        (BOSS_SEAT, "listen", "stopped"),
    ]  # fmt: skip
    assert (OTHER_SEAT, "listen", "call_over") in told(rows)

    async def both_have_ended() -> bool:
        return {leg["party"] for leg in await ended_legs(floor)} == {"citizen", "agent"}

    await eventually(both_have_ended, 20)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await floor.on.conn.execute("UPDATE ear SET ended_at = now()")


async def ended_legs(town: Scene) -> list[asyncpg.Record]:
    return list(await town.on.conn.fetch("SELECT * FROM leg WHERE call_id = $1 AND ended_at IS NOT NULL", town.call_id))


async def test_in_a_conference_and_where_no_seat_is_left(floor: Scene) -> None:
    await floor.given_the_agency_answers()
    await given_a_talk(floor)
    await given_a_supervisor(floor)
    await floor.when_the_agent_adds(AGENCY)
    await floor.assert_talking_together(CITIZEN, "8001", AGENCY)
    assert await asks(floor, "call.listen") == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "listen"))
    await floor.asks("call.leave")
    await floor.assert_talking_together(CITIZEN, AGENCY)
    await hears(floor)
    assert await asks(floor, "call.whisper") == ("refused", "call.not_talking"), "to whom?"
    assert await asks(floor, "call.listen") == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "listen"))
    assert floor.in_room(floor.ref)[BOSS_SEAT]["Muted"] == "Yes"
    floor.phones[BOSS_SEAT].hang_up(floor.phones[BOSS_SEAT].active[-1])
    await floor.assert_talking_together(CITIZEN, AGENCY)
    rows = await log(floor, 2)
    assert told(rows) == [(BOSS_SEAT, "listen", "call_over"), (BOSS_SEAT, "listen", "hung_up")]


async def test_nobody_hears_who_listens_to_a_danger_call_until_the_supervisor_barges_in(floor: Scene) -> None:
    """Everybody whistles. What the citizen, 110 and both recordings have, before and after."""
    tone = {
        voice: write_tone(floor.carrier.home / f"{voice}.wav", HERTZ[voice], 10) for voice in Voice if voice in HERTZ
    }
    police = await floor.given_an_agency(POLICE, wav=tone[Voice.POLICE])
    citizen = await given_a_talk(floor, citizen_wav=tone[Voice.CITIZEN], agent_wav=tone[Voice.AGENT])
    await floor.carrier.telephone(
        BOSS_SEAT, seat_secret(floor.on.pbx, BOSS_SEAT), answer_after_s=0, wav=tone[Voice.SENIOR]
    )
    await floor.asks("call.add", target=to_number(POLICE))
    await floor.assert_talking_together(CITIZEN, "8001", POLICE)
    await listens(floor)
    await asyncio.sleep(4)  # they talk: what is not heard in it is what this test is about

    def ears_of_theirs() -> list[Path]:
        spool = floor.on.pbx.settings.spool
        recorded = sorted(spool.glob(f"{floor.ref}_*.wav"))
        assert len(recorded) == 4, recorded  # the citizen's part and 110's, each with two sides
        return [citizen.heard, police.heard()[-1], *recorded]

    for path in ears_of_theirs():
        assert not any(Voice.SENIOR in window for window in heard(read_raw(path))), path
    assert {Voice.CITIZEN, Voice.AGENT} <= set.union(*story_so_far(police.heard()[-1]))

    assert await asks(floor, "call.barge") == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "barge"))
    await floor.assert_talking_together(CITIZEN, "8001", POLICE, BOSS_SEAT)
    await asyncio.sleep(3)  # they talk: what is heard in it is what this test is about
    await citizen.hang_up()
    await floor.everybody_goes_home()
    everybody = {Voice.AGENT, Voice.SENIOR, Voice.POLICE}
    assert everybody in people(story(citizen.heard))
    assert {Voice.CITIZEN, Voice.AGENT, Voice.SENIOR} in people(story(police.heard()[-1]))
    assert everybody in people(story(floor.on.pbx.settings.spool / f"{floor.ref}_1-t.wav"))
    rows = await log(floor, 2)
    assert [(seat, mode) for seat, mode, _ in told(rows)] == [(BOSS_SEAT, "listen"), (BOSS_SEAT, "barge")]
    assert (rows[0]["agent_no"], rows[0]["ended_at"]) == (BOSS, rows[1]["started_at"])


def story_so_far(path: Path) -> list[set[Voice]]:
    return [set(window) for window in heard(read_raw(path))]


async def listens(town: Scene) -> None:
    """The supervisor's telephone, just registered, is called; asked again until the switch knows it is there."""

    async def done() -> bool:
        return await asks(town, "call.listen") == ("succeeded", None)

    await eventually(done, 10)
    await hears(town, (BOSS_SEAT, "listen"))


async def test_taken_over_by_one_of_two(floor: Scene) -> None:
    citizen = await given_a_talk(floor)
    await given_a_supervisor(floor)
    await given_a_supervisor(floor, OTHER_SEAT)
    assert await asks(floor, "call.listen") == ("succeeded", None)
    await hears(floor, (BOSS_SEAT, "listen"))
    assert await asks(floor, "call.take_over", from_agent="1001") == ("succeeded", None)
    # It is done when the telephone is dialled; whoever comes now is refused, before and after it was picked up.
    second = await asks(floor, "call.take_over", by=OTHER, seat=OTHER_SEAT, from_agent="1001")
    assert second == ("refused", "call.taken")
    await floor.assert_talking_together(CITIZEN, BOSS_SEAT)
    await floor.assert_gone("8001")
    await floor.on.agent_is("1001", "wrap_up")

    async def gone_from_screens() -> bool:
        return floor.call_id not in await floor.on.live("ears")

    await eventually(gone_from_screens, 10)
    late = await asks(floor, "call.take_over", by=OTHER, seat=OTHER_SEAT, from_agent="1001")
    assert late == ("refused", "call.taken")
    await citizen.hang_up()
    await floor.assert_nobody_is_left()
    assert told(await log(floor, 1)) == [(BOSS_SEAT, "listen", "stopped")]

    async def both_have_ended() -> bool:
        return {leg["seat"] for leg in await ended_legs(floor) if leg["party"] == "agent"} == {"8001", BOSS_SEAT}

    await eventually(both_have_ended, 20)


async def test_cti_is_killed_while_they_listen(shared_line: Pbx, dsn: str) -> None:
    """The ear goes on, its end is in the PBX's journal, and a new cti finds both."""
    changes = {"wrap_up_s": 60.0, "log_dir": str(shared_line.settings.log)}
    async with stage(shared_line, dsn) as on, scene(on) as town:
        async with cti_process(shared_line, dsn, **changes) as first:
            await on.working()
            await given_a_talk(town)
            await given_a_supervisor(town)
            await given_a_supervisor(town, OTHER_SEAT)
            assert await asks(town, "call.whisper") == ("succeeded", None)
            assert await asks(town, "call.listen", by=OTHER, seat=OTHER_SEAT) == ("succeeded", None)
            await hears(town, (BOSS_SEAT, "whisper"), (OTHER_SEAT, "listen"))
            first.kill()
            await first.wait()
        town.phones[BOSS_SEAT].hang_up(town.phones[BOSS_SEAT].active[0])
        await town.assert_gone(BOSS_SEAT)
        async with cti_process(shared_line, dsn, **changes):
            body = await hears(town, (OTHER_SEAT, "listen"))
            assert body["ears"][0]["name"] == f"班长{OTHER}"
            assert {party["number"] for party in await town.parties()} == {"13912345678", "8001"}
            assert told(await log(town, 1)) == [(BOSS_SEAT, "whisper", "hung_up")]
            assert await asks(town, "call.stop_listening", by=OTHER, seat=OTHER_SEAT) == ("succeeded", None)
            assert told(await log(town, 2))[1] == (OTHER_SEAT, "listen", "stopped")
            await town.assert_talking_together(CITIZEN, "8001")


async def test_the_supervisors_telephone_is_not_there_or_busy(floor: Scene) -> None:
    await given_a_talk(floor)
    assert await asks(floor, "call.listen", seat="8009") == ("refused", "agent.phone_not_registered")
    assert await asks(floor, "call.listen", seat="8001") == ("refused", "agent.in_call_already")
    assert await asks(floor, "call.listen", seat="8001\r\nX: y") == ("refused", "command.bad_argument")
    phone = floor.phones[BOSS_SEAT] = await floor.on.telephone(BOSS_SEAT)
    phone.on_invite = phone.reject
    assert (await asks(floor, "call.listen"))[0] in ("succeeded", "failed", "refused")
    await hears(floor)
    await floor.assert_talking_together(CITIZEN, "8001")
