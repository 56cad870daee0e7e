"""F10 of the store: S3 over HTTP that refuses, stalls, halves, forgets; and a folder that cannot be written."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from recordings import playback
from recordings.errors import BadStore, StoreAway, StoreMismatch
from recordings.orphans import orphans
from recordings.settings import RecorderSettings
from recordings.store import Store, open_store, put, verify
from tests.recordings.patience import eventually
from tests.recordings.s3_server import KEY, S3, Fault, running_s3
from tests.recordings.spooling import Desk, closed, recorder, tone

pytestmark = pytest.mark.db


@pytest.fixture
async def s3() -> AsyncIterator[S3]:
    async with running_s3() as server:
        yield server


def on_s3(desk: Desk, s3: S3, **changes: object) -> RecorderSettings:
    options = {"endpoint": s3.url, "region": "cn-north-1", "access_key_id": KEY, "secret_access_key": "x" * 20}
    return desk.changed(store_url="s3://hotline/audio", store_options=options, **changes).settings


def opened(settings: RecorderSettings) -> Store:
    return open_store(settings.store_url, settings.store_options, settings.store_timeout_s)


async def test_s3_keeps_and_plays(desk: Desk, s3: S3) -> None:
    await desk.call("s-1", 5.0)
    desk.put("s-1", closed(tone(1000, 5)), closed(tone(440, 5)))
    settings = on_s3(desk, s3)
    async with recorder(settings):
        row = await eventually(lambda: desk.row("s-1"))
        await eventually(lambda: not desk.in_spool())
    data = s3.objects["audio/" + row["store_key"]]
    assert hashlib.sha256(data).hexdigest() == row["sha256"]
    assert s3.unsigned == 0
    pieces = await playback.open_audio(opened(settings), row["store_key"], 10, 500)
    assert b"".join([p async for p in pieces]) == data[10:500]
    assert (await playback.read_peaks(opened(settings), row["peaks_key"]))["bins_per_s"] == 50
    found = await orphans(desk.pool, opened(settings), grace_s=0)
    assert (found.objects, found.rows, found.objects_seen) == ([], [], 2)


@pytest.mark.parametrize(
    ("fault", "alarm"),
    [
        (Fault.REFUSE, "recording.store_away"),
        (Fault.DENY, "recording.store_away"),
        (Fault.SLOW, "recording.store_away"),
        (Fault.HALF, "recording.store_mismatch"),
        (Fault.FLIPPED, "recording.store_mismatch"),
        (Fault.FORGET, "recording.gone"),
    ],
)
async def test_the_spool_keeps_what_the_store_does_not_take(desk: Desk, s3: S3, fault: Fault, alarm: str) -> None:
    for n in (1, 2):
        await desk.call(f"s-{n}", 2.0)
        desk.put(f"s-{n}", closed(tone(1000, 2)), closed(tone(440, 2)))
    s3.fault = fault
    before = desk.in_spool()
    async with recorder(on_s3(desk, s3, store_timeout_s=0.5)):
        body = await eventually(lambda: _alarmed(desk, alarm))
        assert body["waiting"] == 2
        assert (await desk.rows(), desk.in_spool()) == ([], before)
        s3.fault = Fault.NONE
        s3.mended.set()
        await eventually(lambda: not desk.in_spool())
        await eventually(lambda: _well(desk))
    rows = await desk.rows()
    assert [r["state"] for r in rows] == ["complete", "complete"]
    assert sorted(s3.objects) == sorted("audio/" + k for r in rows for k in (r["store_key"], r["peaks_key"]))
    assert await desk.letters() == []


async def _alarmed(desk: Desk, alarm: str) -> object:
    body = await desk.health()
    return body if alarm in body.get("reasons", ()) and body["waiting"] == 2 else None


async def _well(desk: Desk) -> bool:
    return (await desk.health()).get("reasons") == []


async def test_a_large_object_goes_in_parts(s3: S3, desk: Desk, tmp_path: Path) -> None:
    """Above 5 MB obstore uploads in parts: calls of more than twenty minutes."""
    store = opened(on_s3(desk, s3))
    data = os.urandom(12_000_000)
    (tmp_path / "big").write_bytes(data)
    await put(store, "2026/11/23/big.ogg", tmp_path / "big")
    assert s3.puts == 3
    await verify(store, "2026/11/23/big.ogg", len(data), hashlib.sha256(data).hexdigest())
    with pytest.raises(StoreMismatch):
        await verify(store, "2026/11/23/big.ogg", len(data), hashlib.sha256(b"").hexdigest())


async def test_the_environment_names_the_endpoint_and_the_keys(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("AWS_ENDPOINT_URL", s3.url),
        ("AWS_REGION", "cn-north-1"),
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", "x" * 20),
    ):
        monkeypatch.setenv(name, value)
    store = open_store("s3://hotline")
    (tmp_path / "x").write_bytes(b"abc")
    await put(store, "a.ogg", tmp_path / "x")
    assert s3.objects == {"a.ogg": b"abc"}


async def test_nobody_at_the_endpoint_is_a_store_that_is_away(desk: Desk, tmp_path: Path) -> None:
    options = {"endpoint": "http://127.0.13.41:1", "region": "x", "access_key_id": KEY, "secret_access_key": "x"}
    store = open_store("s3://hotline", options, 2)
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(StoreAway):
        await put(store, "a.ogg", tmp_path / "x")


@pytest.mark.parametrize("url", ["relative/folder", "ftp://somewhere/x", "/proc/nothing/here", "s3:///"])
def test_an_unusable_url_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(BadStore):
        open_store(url)


async def test_one_bad_file_does_not_hold_up_the_others(desk: Desk) -> None:
    """Its key is taken by a folder, so its object can never be written."""
    for n in (1, 2, 3):
        await desk.call(f"s-{n}", 2.0)
        desk.put(f"s-{n}", closed(tone(1000, 2)), closed(tone(440, 2)), age_s=40 - n)
    from datetime import UTC, datetime, timedelta

    from pbx_config.contract import call_id
    from recordings.store import key_of

    began = datetime.now(UTC) - timedelta(seconds=41)
    key = key_of(call_id("rec", "s-1"), 1, began, desk.settings.time_zone)
    (desk.store / f"{key}.ogg" / "in the way").mkdir(parents=True)
    async with recorder(desk.settings):
        await eventually(lambda: desk.row("s-2"))
        await eventually(lambda: desk.row("s-3"))
        await eventually(lambda: _some_alarm(desk))
        assert await desk.row("s-1") is None
        assert desk.in_spool() == ["s-1_1-r.wav", "s-1_1-t.wav"]
        await asyncio.to_thread((desk.store / f"{key}.ogg" / "in the way").rmdir)
        await asyncio.to_thread((desk.store / f"{key}.ogg").rmdir)
        await eventually(lambda: desk.row("s-1"))


async def _some_alarm(desk: Desk) -> bool:
    return "recording.store_away" in (await desk.health()).get("reasons", ())
