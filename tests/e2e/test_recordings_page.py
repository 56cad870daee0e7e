"""The page of recordings: an auditor finds, hears, scores, shelves and exports; the agent appeals; another answers."""

from __future__ import annotations

import os
import time
import uuid
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import soundfile
from playwright.async_api import expect

from pbx_config import contract
from tests.recordings.spooling import AGENT_HZ, CITIZEN_HZ, closed, level_db, tone
from tests.support.desk import Desk, open_desk
from tests.support.eventually import eventually
from tests.support.hotline import Hotline
from tests.support.voices import write_speech

pytestmark = [pytest.mark.browser, pytest.mark.pbx, pytest.mark.db, pytest.mark.timeout(300)]

CITIZEN = "13912349876"
SECONDS = 4


@pytest.fixture
async def recording(hotline: Hotline, rows: asyncpg.Connection) -> uuid.UUID:
    """A call of agent 1001's whose audio the running worker takes from the spool."""
    node = hotline.env["LIANXIN_NODE"]
    linkedid = f"{node}-{time.time_ns() // 10**9}.77"
    call_id, ended = contract.call_id(node, linkedid), datetime.now(UTC)
    await rows.execute(
        "INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, answered_at, ended_at, outcome,"
        " queue, agent_no, talk_s, hung_up_by) VALUES ($1, $2, $3, 'inbound', $4, '12345', $5, $5, $6, 'answered',"
        " 'hotline', '1001', $7, 'citizen')",
        call_id, node, linkedid, CITIZEN, ended - timedelta(seconds=SECONDS), ended, float(SECONDS),
    )  # fmt: skip
    stem, old = contract.recording_stem(linkedid, 1), time.time() - 30
    voices = {contract.SPOOL_SUFFIX_RECEIVE: CITIZEN_HZ, contract.SPOOL_SUFFIX_TRANSMIT: AGENT_HZ}
    for suffix, hz in voices.items():
        path = hotline.var / "pbx" / "spool" / f"{stem}{suffix}"
        path.write_bytes(closed(tone(hz, SECONDS)))
        os.utime(path, (old, old))
    found: uuid.UUID = await eventually(
        lambda: rows.fetchval("SELECT id FROM recording WHERE call_id = $1 AND store_key IS NOT NULL", call_id), 60
    )
    return found


@pytest.fixture
async def desk(hotline: Hotline, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(hotline.url, write_speech(tmp_path / "voice.wav", "您好", rate=48000)) as desk:
        yield desk
        assert desk.problems == []


async def the_page_of(desk: Desk, hotline: Hotline, login: str) -> None:
    """Sign in as this one, in a browser that has forgotten who was there before."""
    await desk.page.context.clear_cookies()
    await desk.sign_in(login, hotline.password)
    await desk.at("place-recordings").click()
    await expect(desk.at("recordings")).to_be_visible(timeout=20_000)


async def test_from_the_search_to_the_answered_appeal(
    hotline: Hotline, desk: Desk, rows: asyncpg.Connection, recording: uuid.UUID, tmp_path: Path
) -> None:
    await the_page_of(desk, hotline, "auditor")
    await find_and_hear(desk, rows, recording)
    await score_by_keyboard(desk)
    await put_on_the_shelf(desk)
    await take_a_copy(desk, rows, tmp_path)

    await the_page_of(desk, hotline, "agent1")
    await desk.at("recordings-tab-scores").check(force=True)
    await desk.at("score-appeal").click()
    await desk.at("score-appeal-reason").fill("地址在上一通电话里已经记录")
    await desk.page.keyboard.press("Enter")
    await expect(desk.at("score-appeal-text")).to_contain_text("地址在上一通电话里已经记录", timeout=10_000)
    await desk.at("recordings-tab-shelf").check(force=True)
    await expect(desk.at("shelf-item")).to_contain_text("139******76", timeout=10_000)
    await desk.shot("recordings-3-agent")

    await the_page_of(desk, hotline, "supervisor")
    await answer_the_appeal(desk, rows, recording)


async def find_and_hear(desk: Desk, rows: asyncpg.Connection, recording: uuid.UUID) -> None:
    await desk.page.keyboard.press("F3")
    await expect(desk.at("recordings-q")).to_be_focused()
    await desk.at("recordings-number").fill("139 1234 9876")
    await desk.at("recordings-hung_up_by").select_option("citizen")
    await desk.at("recordings-number").press("Enter")
    row = desk.at("recordings-row")
    await expect(row).to_have_count(1, timeout=10_000)
    await expect(row).to_have_attribute("data-recording", str(recording))
    await row.focus()
    await desk.page.keyboard.press("Enter")
    await desk.at("recording-play").click(timeout=10_000)
    await expect(desk.at("recording-player")).to_have_attribute("data-phase", "ready", timeout=20_000)
    await eventually(
        lambda: rows.fetchval("SELECT count(*) > 0 FROM recording_access WHERE recording_id = $1", recording)
    )
    await desk.shot("recordings-1-found")


async def score_by_keyboard(desk: Desk) -> None:
    await desk.at("score-q-greeting-0").focus()
    for key in ("2", "4", "5", "5", "0", "-"):  # from question to question
        await desk.page.keyboard.press(key)
    await desk.at("score-comment").fill("地址没有记下来")
    await expect(desk.at("score-total")).to_contain_text("73.3")
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.at("score")).to_contain_text("地址没有记下来", timeout=10_000)
    await expect(desk.at("recordings-row-score")).to_contain_text("73.3")


async def put_on_the_shelf(desk: Desk) -> None:
    await desk.at("shelf-put").click()
    await desk.at("shelf-put-title").fill("安抚情绪的范例")
    await desk.at("shelf-put-reason").fill("倾听完整")
    await desk.at("shelf-put-save").click()
    await expect(desk.at("shelf-put")).to_have_count(0, timeout=10_000)


async def take_a_copy(desk: Desk, rows: asyncpg.Connection, folder: Path) -> None:
    await desk.at("export").click()
    await desk.at("export-reason").fill("法院调取")
    await desk.at("export-format").select_option("wav")
    await desk.shot("recordings-2-scored")
    async with desk.page.expect_download(timeout=60_000) as waiting:
        await desk.at("export-save").click()
    copy = await waiting.value
    assert "_by-auditor_" in copy.suggested_filename
    await copy.save_as(folder / "copy.zip")
    with zipfile.ZipFile(folder / "copy.zip") as archive:
        name, _ = archive.namelist()
        archive.extract(name, folder)
    samples, rate = soundfile.read(folder / name, always_2d=True)
    assert (rate, samples.shape[1]) == (8000, 2)
    assert min(level_db(samples[rate:, 0], AGENT_HZ), level_db(samples[rate:, 1], CITIZEN_HZ)) > -13
    kept = await rows.fetchrow("SELECT reason, file_name FROM recording_export")
    assert tuple(kept) == ("法院调取", name)


async def answer_the_appeal(desk: Desk, rows: asyncpg.Connection, recording: uuid.UUID) -> None:
    await desk.at("recordings-score").select_option("appealed")
    await desk.at("recordings-go").click()
    await expect(desk.at("recordings-row")).to_have_count(1, timeout=10_000)
    await desk.at("recordings-row").click()
    await expect(desk.at("score-form")).to_be_visible(timeout=10_000)
    await desk.at("score-q-greeting-0").focus()
    for key in ("2", "5", "5", "5", "5", "2"):
        await desk.page.keyboard.press(key)
    await desk.at("score-save").click()
    await expect(desk.at("score")).to_have_count(2, timeout=10_000)
    states = [await desk.at("score").nth(i).get_attribute("data-state") for i in range(2)]
    assert states == ["standing", "earlier"]
    await desk.at("recordings-tab-scores").check(force=True)
    await expect(desk.at("score-average")).to_contain_text("100", timeout=10_000)
    await expect(desk.at("score-average")).to_contain_text("1")
    await desk.shot("recordings-4-answered")
    totals = await rows.fetch("SELECT total FROM score WHERE recording_id = $1 ORDER BY at", recording)
    assert [r["total"] for r in totals] == [73.3, 100]
