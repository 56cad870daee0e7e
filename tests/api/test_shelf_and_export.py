"""The training shelf and copies that leave the house: what is in the file, and the row for every ear."""

from __future__ import annotations

import hashlib
import io
import json
import os
import uuid
import zipfile
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import numpy as np
import pytest
import soundfile

from api.audit import verify
from recordings.ogg_tags import read_tags
from tests.api.desk import submit
from tests.api.house import House
from tests.api.shelves import kept_audio, recorded, the_panel
from tests.api.test_sessions import problem
from tests.recordings.spooling import AGENT_HZ, CITIZEN_HZ, level_db

pytestmark = pytest.mark.db

SHELF = "/api/v1/shelf"
REASON = "法院调取，案号（2026）鲁01民初1号"


async def put(client: httpx.AsyncClient, recording: uuid.UUID, **changes: Any) -> httpx.Response:
    body = {"recording_id": str(recording), "title": "安抚情绪的范例", "reason": "倾听完整"} | changes
    return await client.post(SHELF, json=body)


async def test_what_stands_on_the_shelf_others_may_hear_and_no_number_with_it(
    house: House, dsn: str, tmp_path: Path
) -> None:
    people = await the_panel(house)
    recording = await kept_audio(house, dsn, tmp_path, "1001")
    wang, auditor = house.client(people.wang), house.client(people.auditor)
    audio = f"/api/v1/recordings/{recording}/audio"
    assert problem(await wang.get(audio)) == (403, "recording.not_yours")
    item = (await put(auditor, recording)).json()["items"][0]
    assert problem(await put(house.client(people.boss), recording)) == (409, "shelf.taken")
    told = (await wang.get(SHELF)).json()["items"]
    assert [(i["title"], i["put_by"], i["recording"]["number"]) for i in told] == [
        ("安抚情绪的范例", "Auditor", "139******78")
    ]
    assert "13912345678" not in json.dumps(told)
    assert (await auditor.get(SHELF)).json()["items"][0]["recording"]["number"] == "139 1234 5678"
    heard = await wang.get(audio)
    assert (heard.status_code, heard.content[:4]) == (200, b"OggS")
    rows = await house.pool.fetch("SELECT account_id, kind FROM recording_access")
    assert [tuple(r) for r in rows] == [(people.wang.id, "play")]

    removal = f"{SHELF}/{item['id']}/remove"
    assert problem(await wang.post(removal, json={"reason": "x"})) == (403, "right.missing")
    assert problem(await auditor.post(removal, json={"reason": " "})) == (422, "request.invalid")
    assert (await auditor.post(removal, json={"reason": "市民要求"})).json()["items"] == []
    assert problem(await auditor.post(removal, json={"reason": "再来"})) == (404, "shelf.not_found")
    assert problem(await wang.get(audio)) == (403, "recording.not_yours")
    assert (await put(auditor, recording)).status_code == 201  # it may come back
    told_audit = await house.pool.fetch("SELECT action, detail->>'reason' FROM audit ORDER BY id")
    assert [tuple(r) for r in told_audit] == [
        ("shelf.put", "倾听完整"), ("shelf.removed", "市民要求"), ("shelf.put", "倾听完整"),
    ]  # fmt: skip


async def test_confidential_cases_and_lost_audio_stay_off_the_shelf(house: House) -> None:
    people = await the_panel(house)
    boss = house.client(people.boss)
    call_id, secret = await recorded(house)
    _, open_one = await recorded(house, started_at=await house.pool.fetchval("SELECT now()"))
    await submit(house.client(people.zhang), call_id=str(call_id), confidential=True)
    _, lost = await recorded(house, r_state="missing", r_store_key=None)
    for recording in (secret, lost):
        assert problem(await put(boss, recording)) == (409, "shelf.refused")
    assert (await put(boss, open_one)).status_code == 201
    open_call = await house.pool.fetchval("SELECT call_id FROM recording WHERE id = $1", open_one)
    await submit(house.client(people.zhang), call_id=str(open_call), confidential=True)
    assert (await boss.get(SHELF)).json()["items"] == []  # became confidential meanwhile
    refused = await house.client(people.wang).get(f"/api/v1/recordings/{open_one}/audio")
    assert problem(refused) == (403, "recording.not_yours")


async def export(client: httpx.AsyncClient, recording: uuid.UUID, **changes: Any) -> httpx.Response:
    return await client.post(f"/api/v1/recordings/{recording}/export", json={"reason": REASON} | changes)


def opened(answer: httpx.Response, folder: Path) -> tuple[dict[str, Any], Path]:
    """(manifest, audio file) of the archive, which holds nothing else."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        name, manifest = archive.namelist()
        assert manifest == "manifest.json"
        archive.extractall(folder)
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8")), folder / name


def voices(file: Path) -> dict[str, float]:
    """Level in dB of the agent's tone on the left, the citizen's on the right, and each on the wrong side."""
    samples, rate = soundfile.read(file, always_2d=True)
    assert (rate, samples.shape) == (8000, (3 * 8000, 2))
    left, right = samples[rate:, 0], samples[rate:, 1]
    return {
        "agent": level_db(left, AGENT_HZ), "citizen": level_db(right, CITIZEN_HZ),
        "crossed": max(level_db(left, CITIZEN_HZ), level_db(right, AGENT_HZ)),
    }  # fmt: skip


async def test_an_opus_copy_is_the_kept_audio_and_says_who_took_it(house: House, dsn: str, tmp_path: Path) -> None:
    people = await the_panel(house)
    recording = await kept_audio(house, dsn, tmp_path)
    kept = await house.pool.fetchrow("SELECT * FROM recording WHERE id = $1", recording)
    manifest, file = opened(await export(house.client(people.auditor), recording), tmp_path / "out")
    stored = (tmp_path / "store" / kept["store_key"]).read_bytes()
    copy = file.read_bytes()
    audio = stored.index(b"OggS", stored.index(b"OpusTags"))  # the pages behind head and comments
    assert copy.endswith(stored[audio:])
    with file.open("rb") as handle:
        tags = read_tags(handle)
    export_id = manifest["export_id"]
    assert (tags["LIANXIN_EXPORT"], tags["LIANXIN_REASON"]) == (export_id, REASON)
    assert tags["LIANXIN_EXPORTED_BY"] == "auditor (Auditor)"
    assert tags["LIANXIN_SOURCE_SHA256"] == manifest["kept"]["sha256"] == kept["sha256"]
    assert "_by-auditor_" in file.name
    assert file.suffix == ".opus"
    assert uuid.UUID(export_id).hex[:12] in file.name
    assert manifest["file"]["name"] == file.name
    assert manifest["file"]["sha256"] == hashlib.sha256(copy).hexdigest()
    assert manifest["exported_by"]["login"] == "auditor"
    assert "13912345678" not in json.dumps(manifest) + file.name
    heard = voices(file)
    assert min(heard["agent"], heard["citizen"]) > -13
    assert heard["crossed"] < -60
    row = await house.pool.fetchrow(
        "SELECT e.*, a.account_id AS ear, a.kind, a.address FROM recording_export e"
        " JOIN recording_access a ON a.export_id = e.id"
    )
    assert (str(row["id"]), row["sha256"], row["reason"]) == (export_id, manifest["file"]["sha256"], REASON)
    assert (row["ear"], row["kind"], row["audible_mark"]) == (people.auditor.id, "export", False)
    assert row["address"].startswith("127.")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await house.pool.execute("DELETE FROM recording_export")
    assert await house.pool.fetchval("SELECT action FROM audit") == "recording.exported"
    assert (await verify(house.app.state.parts.engine)).broken_at is None


async def test_a_wav_copy_is_stereo_and_carries_the_same_words(house: House, dsn: str, tmp_path: Path) -> None:
    people = await the_panel(house)
    recording = await kept_audio(house, dsn, tmp_path)
    manifest, file = opened(await export(house.client(people.boss), recording, format="wav"), tmp_path / "out")
    info = soundfile.info(file)
    assert (info.format, info.subtype, info.channels, info.samplerate) == ("WAV", "PCM_16", 2, 8000)
    with soundfile.SoundFile(file) as audio:
        assert f"LIANXIN_EXPORT={manifest['export_id']}" in audio.comment
        assert f"LIANXIN_REASON={REASON}" in audio.comment
        assert manifest["export_id"] in audio.title
    heard = voices(file)
    assert min(heard["agent"], heard["citizen"]) > -13
    assert heard["crossed"] < -60


async def test_an_audible_mark_only_where_the_site_wants_it(house: House, dsn: str, tmp_path: Path) -> None:
    people = await the_panel(house)
    recording = await kept_audio(house, dsn, tmp_path)
    plain = opened(await export(house.client(people.boss), recording, format="wav"), tmp_path / "plain")[1]
    answer = await house.client(people.admin).patch("/api/v1/policies", json={"export_mark_every_s": 1})
    assert answer.status_code == 200, answer.text
    for kind in ("wav", "opus"):
        manifest, file = opened(await export(house.client(people.boss), recording, format=kind), tmp_path / kind)
        assert manifest["file"]["audible_mark_every_s"] == 1.0
        difference = soundfile.read(file)[0] - soundfile.read(plain)[0]
        left = difference[:, 0]
        marked, between = left[8000 : 8000 + 1200], left[8000 + 3000 : 8000 + 7000]
        assert -42 < level_db(marked, 1000.0) < -30, kind
        assert np.abs(between).mean() < np.abs(marked).mean() / 2, kind


async def test_no_copy_without_reason_right_or_the_true_audio(house: House, dsn: str, tmp_path: Path) -> None:
    people = await the_panel(house)
    recording = await kept_audio(house, dsn, tmp_path)
    boss = house.client(people.boss)
    for reason in ("", "  "):
        assert problem(await export(boss, recording, reason=reason)) == (422, "request.invalid")
    for person in (people.zhang, people.admin):
        assert problem(await export(house.client(person), recording)) == (403, "right.missing")
    key = await house.pool.fetchval("SELECT store_key FROM recording")
    stored = tmp_path / "store" / key
    stored.write_bytes(stored.read_bytes()[:-1] + b"x")
    assert problem(await export(boss, recording)) == (503, "recording.store_mismatch")
    os.unlink(stored)
    assert problem(await export(boss, recording)) == (500, "recording.gone")
    assert await house.pool.fetchval("SELECT count(*) FROM recording_access") == 0
    assert await house.pool.fetchval("SELECT count(*) FROM recording_export") == 0
