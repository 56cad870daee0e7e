"""A conference on the real PBX, paused and resumed: what the recorder makes of the files of each leg."""

from __future__ import annotations

import csv
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pbx_config import contract
from pbx_config.pbx import Pbx
from recordings.pauses import PAUSE, RESUME
from tests.pbx_config.ears import HERTZ, Voice
from tests.pbx_config.moving import Moving, moving_call
from tests.recordings.patience import eventually
from tests.recordings.spooling import RATE, Desk, level_db, recorder
from tests.support.pbx import running_carrier, running_pbx

pytestmark = [pytest.mark.db, pytest.mark.pbx, pytest.mark.timeout(300)]


async def write_down(desk: Desk, pbx: Pbx, call: Moving, times: dict[str, datetime]) -> None:
    """What cti and its journal would have written: raw CEL, the call, the agency's leg, both commands."""
    node, call_id = pbx.settings.node, contract.call_id(pbx.settings.node, call.ref)
    names = [name for name, _ in contract.CEL_FIELDS]
    with pbx.settings.cel_file.open(encoding="utf-8", newline="") as lines:
        rows = [dict(zip(names, row, strict=True)) for row in csv.reader(lines)]
    for offset, row in enumerate(rows):
        await desk.pool.execute(
            'INSERT INTO cel_event (node, file, "offset", linkedid, uniqueid, event, at, fields) '
            "VALUES ($1, 'f', $2, $3, $4, $5, $6, $7)",
            node, offset, row["linkedid"], row["uniqueid"], row["event"],
            datetime.fromtimestamp(float(row["event_time"]), UTC), json.dumps(row),
        )  # fmt: skip
    for kind, state in ((PAUSE, "succeeded"), (RESUME, "succeeded")):
        args = json.dumps({"call_id": str(call_id), "reason": "id-card"})
        await desk.pool.execute(
            "INSERT INTO command (id, node, kind, args, agent_no, state, asked_at, deadline_at, ended_at) "
            "VALUES ($1, $2, $3, $4, '1001', $5, $6, $6, $6)",
            uuid.uuid4(), node, kind, args, state, times[kind],
        )  # fmt: skip
    begun, ended = times["begun"], datetime.now(UTC)
    await desk.pool.execute(
        "INSERT INTO call (id, node, linkedid, direction, caller, called, started_at, answered_at, ended_at, outcome, "
        "talk_s) VALUES ($1, $2, $3, 'inbound', '139', '12345', $4, $4, $5, 'answered', 999)",
        call_id, node, call.ref, begun, ended,
    )  # fmt: skip
    leg = call.leg[Voice.AGENCY]
    await desk.pool.execute(
        "INSERT INTO leg (id, call_id, uniqueid, channel, party, number, leg_no, started_at, answered_at, bridged_at, "
        "ended_at) VALUES ($1, $2, $3, 'x', 'outside', $4, $5, $6, $6, $6, $7)",
        uuid.uuid4(), call_id, leg.uniqueid, leg.number, leg.leg_no, begun, ended,
    )  # fmt: skip


async def test_citizen_and_agency_each_have_their_recording_with_the_pause_marked(desk: Desk, tmp_path: Path) -> None:
    times: dict[str, datetime] = {"begun": datetime.now(UTC)}
    with running_pbx("127.0.13.2", quick_notice=True) as pbx:
        settings = replace(
            desk.settings, node=pbx.settings.node, spool=pbx.settings.spool,
            asterisk_pid_file=pbx.settings.run / "asterisk.pid", call_wait_s=600,
        )  # fmt: skip
        async with running_carrier(pbx) as carrier, moving_call(pbx, carrier, tmp_path) as call:
            await call.given_an_outside(Voice.AGENCY)
            await call.given_a_talking_call()
            await call.when_in_one_room(Voice.AGENCY)
            await call.when_they_talk()
            for kind, state in ((PAUSE, "1"), (RESUME, "0")):
                for voice in (Voice.CITIZEN, Voice.AGENCY):
                    channel = call.channel[voice]
                    call.wire.ask("MixMonitorMute", Channel=channel, Direction="both", State=state)
                times[kind] = datetime.now(UTC)
                await call.when_they_talk(4)
            await call.when_the_citizen_hangs_up()
            call.when_hung_up(Voice.AGENT, Voice.AGENCY)
            await call.then_all_is_over()
            await write_down(desk, pbx, call, times)
            async with recorder(settings):
                await eventually(lambda: not list(pbx.settings.spool.glob("*.wav")))
                whole = await eventually(lambda: desk.whole(call.ref))
            rows = await desk.rows()
    assert [r["part"] for r in rows] == [1, call.leg[Voice.AGENCY].leg_no]
    for row, whose in zip(rows, (Voice.CITIZEN, Voice.AGENCY), strict=True):
        (gap,) = json.loads(row["pauses"])
        assert gap["reason"] == "id-card"
        assert 2 < gap["to_s"] - gap["from_s"] < 6
        assert row["talk_s"] < 60  # its own time in bridges, not the call's row
        samples, _ = desk.audio(row)
        own = HERTZ[whose]
        after = samples[round(gap["to_s"] * RATE) + RATE // 2 :]
        paused = samples[round(gap["from_s"] * RATE) + RATE // 4 : round(gap["to_s"] * RATE) - RATE // 4]
        assert level_db(after[:, 1], own) > -20 > level_db(after[:, 0], own) + 20
        assert level_db(after[:, 0], HERTZ[Voice.AGENT]) > -20
        assert abs(paused).max() < 0.01
    (gap,) = json.loads(whole["pauses"])
    assert (whole["state"], gap["reason"]) == ("complete", "id-card")
    samples, _ = desk.audio(whole)
    after = samples[round(gap["to_s"] * RATE) + RATE // 2 :][: 2 * RATE]
    paused = samples[round(gap["from_s"] * RATE) + RATE // 4 : round(gap["to_s"] * RATE) - RATE // 4]
    for voice in (Voice.CITIZEN, Voice.AGENCY):
        assert level_db(after[:, 1], HERTZ[voice]) > -20, voice
    assert level_db(after[:, 0], HERTZ[Voice.AGENT]) > -20 > level_db(after[:, 1], HERTZ[Voice.AGENT]) + 20
    assert abs(paused).max() < 0.01
