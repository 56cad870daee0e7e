"""One call, whole: the citizen dials, the desk pops, the agent answers in a browser, types, submits; all is kept."""

from __future__ import annotations

import json
import pprint
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import soundfile
from playwright.async_api import expect

from tests.support.arrived import arrived_s
from tests.support.audio_witness import said_of_itself
from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.voices import likeness, speech, write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

AGENT_SAYS = "您好，市民热线，请问有什么可以帮您？请讲。"
CITIZEN_SAYS = "您好，我们小区的路灯不亮了，已经三天了，晚上老人出门很不安全。"
CITIZEN = "13912345678"


@pytest.fixture
async def desk(hotline: Hotline, tmp_path: Path) -> AsyncIterator[Desk]:
    """Agent 1, signed in and ready, who says the same sentence over and over."""
    voice = write_speech(tmp_path / "agent.wav", AGENT_SAYS, rate=48000)
    async with open_desk(hotline.url, voice) as desk:
        await desk.sign_in("agent1", hotline.password)
        await desk.join_the_queue()
        await desk.ready()
        yield desk
        assert desk.problems == []
        await desk.at("agent-signout").click()
        await expect(desk.at("signin-login")).to_be_visible(timeout=10_000)


async def test_a_citizen_is_answered_in_the_browser_and_everything_is_kept(
    hotline: Hotline, desk: Desk, rows: asyncpg.Connection
) -> None:
    await desk.shot("1-ready")
    with hotline.spawn("call", "--from", CITIZEN, "--say", CITIZEN_SAYS, "--seconds", "60") as citizen:
        arrived = await talk_and_submit(hotline, desk)
        call = await the_call(rows)
        case = await the_case(rows, call)
        await the_recording(hotline, rows, call, arrived)
        code = await citizen.ended(60)
        assert code == 0, citizen.said()
        assert case["number"] in citizen.said()
        await play_it_back(desk, rows, case["number"])


async def talk_and_submit(hotline: Hotline, desk: Desk) -> float:
    """The agent's work, with keys; returns the seconds of speech of the talk that reached the PBX."""
    await expect(desk.at("agent-state")).to_have_attribute("data-state", "ringing", timeout=40_000)
    await expect(desk.at("call-caller")).to_contain_text("139 1234 5678")
    await expect(desk.at("call-place")).not_to_be_empty()
    await desk.shot("2-ringing")

    await desk.answer()
    before = await arrived_s(hotline)
    title = desk.at("case-title")
    await expect(title).to_be_focused()
    await desk.page.keyboard.type("路灯不亮")
    await desk.at("case-description").fill("滨北新区黄河路与渤海路口的路灯三天不亮了，老人晚上出门不安全。")
    await desk.at("case-kind-complaint").check(force=True)
    await expect(desk.at("case-saved-state")).to_have_attribute("data-state", "saved", timeout=15_000)
    await expect(desk.at("call-timer")).to_have_text(re.compile("00:(0[6-9]|[1-5][0-9])"), timeout=30_000)
    await desk.shot("3-talking")
    after = await arrived_s(hotline)
    await desk.page.keyboard.press("Shift+F2")
    await expect(desk.at("agent-state")).to_have_attribute("data-state", "wrap_up", timeout=20_000)
    await desk.shot("4-wrap-up")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.at("agent-state")).to_have_attribute("data-state", "ready", timeout=20_000)
    return max(after[side] - before.get(side, 0.0) for side in after)


async def the_call(rows: asyncpg.Connection) -> asyncpg.Record:
    call = await eventually(
        lambda: rows.fetchrow("SELECT * FROM call WHERE caller = $1 AND ended_at IS NOT NULL", CITIZEN), 30
    )
    told = (call["outcome"], call["agent_no"], call["seat"], call["hung_up_by"])
    assert told == ("answered", "1001", "8001", "agent"), dict(call)
    assert call["talk_s"] >= 5
    legs = await rows.fetch("SELECT party, seat FROM leg WHERE call_id = $1 ORDER BY party", call["id"])
    assert [tuple(leg) for leg in legs] == [("agent", "8001"), ("citizen", None)]
    return call


async def the_case(rows: asyncpg.Connection, call: asyncpg.Record) -> asyncpg.Record:
    case = await eventually(
        lambda: rows.fetchrow(
            'SELECT * FROM "case" c JOIN case_call l ON l.case_id = c.id WHERE l.call_id = $1', call["id"]
        )
    )
    assert (case["title"], case["kind"], case["citizen_number"]) == ("路灯不亮", "complaint", CITIZEN)
    assert await rows.fetchval("SELECT count(*) FROM draft WHERE call_id = $1", call["id"]) == 0
    return case


async def the_recording(hotline: Hotline, rows: asyncpg.Connection, call: asyncpg.Record, arrived: float) -> None:
    """All that reached the PBX is kept, each voice on its own channel, and the row says what lacks of the talk.

    Where the machine itself stands still for a while, telephones send less than was said, and "short" is right: what
    arrived is the measure. On a machine that does not, it is the whole talk, and then "complete" alone is right.
    """
    kept = dict(await eventually(lambda: rows.fetchrow("SELECT * FROM recording WHERE call_id = $1", call["id"]), 60))
    pprint.pp({"talk_s": call["talk_s"], "arrived_s": arrived} | kept)
    store = hotline.var / "recordings"
    assert list(said_of_itself(kept, store, (call["talk_s"], call["talk_s"]), may_be_lost=False)) == []
    assert arrived - 0.5 <= kept["duration_s"] <= call["talk_s"] + 1
    samples, rate = soundfile.read(store / kept["store_key"], always_2d=True)
    assert rate == 8000
    heard = {
        (side, who): round(likeness(sound, speech(words)), 2)
        for side, sound in (("left", samples[:, 0]), ("right", samples[:, 1]))
        for who, words in (("agent", AGENT_SAYS), ("citizen", CITIZEN_SAYS))
    }
    assert min(heard["left", "agent"], heard["right", "citizen"]) > 0.6, heard
    assert max(heard["left", "citizen"], heard["right", "agent"]) < 0.45, heard


async def play_it_back(desk: Desk, rows: asyncpg.Connection, number: str) -> None:
    """The agent finds the case by two Chinese characters and plays its recording; the access is on record."""
    await desk.page.keyboard.press("F3")
    await desk.at("search-q").fill("路灯")
    await desk.at("case-row").filter(has_text=number).first.click()
    await desk.at("recording-play").first.click(timeout=10_000)
    await eventually(lambda: rows.fetchval("SELECT count(*) > 0 FROM recording_access"))
    await desk.shot("5-played-back")


async def test_reloading_in_the_middle_loses_no_word(hotline: Hotline, desk: Desk, rows: asyncpg.Connection) -> None:
    await desk.page.keyboard.press("Shift+F7")
    await desk.at("case-title").fill("夜间施工噪声")
    await desk.at("case-description").fill("工地半夜两点还在浇筑，影响孩子中考")
    await desk.page.reload()
    await expect(desk.at("draft-row").first).to_be_visible(timeout=20_000)
    body = await eventually(lambda: rows.fetchval("SELECT body FROM draft WHERE body->>'title' = '夜间施工噪声'"))
    assert json.loads(body)["description"].endswith("影响孩子中考")
    assert re.fullmatch(r"http://.*:8000/.*", desk.page.url)
    await rows.execute("DELETE FROM draft")
