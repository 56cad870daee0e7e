"""An admin's versions → the PBX's file → Asterisk, while one waits and one talks; and the same with ours stopped."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cases import tuning
from models.tuning import Kind
from pbx_config.pbx import Pbx
from pbx_config.queue_file import QueueFile, QueueSets, Strategy
from tests.cti.stage import Stage, cti_process, stage
from tests.support import sound
from tests.support.eventually import eventually
from tests.support.pbx import running_carrier
from tests.support.sound import write_tone

pytestmark = [pytest.mark.pbx, pytest.mark.db]

WITHIN_S = 2.0


async def kept(conn: asyncpg.Connection, kind: Kind, subject: str, value: dict[str, Any]) -> int:
    """A new version, as the API writes it."""
    last = await conn.fetchval(
        "SELECT max(revision) FROM tuning WHERE kind = $1 AND subject = $2", kind.value, subject
    )  # fmt: skip
    revision = (last or 0) + 1
    await conn.execute(
        "INSERT INTO tuning (kind, subject, revision, value, by) VALUES ($1, $2, $3, $4, 'root')",
        kind.value, subject, revision, json.dumps(value),
    )  # fmt: skip
    return revision


def queue(name: str = "hotline", **changes: Any) -> dict[str, Any]:
    return QueueSets(name, **changes).value | {"title": name}


async def in_force(on: Stage, kind: Kind, subject: str) -> tuple[int, int | None, str | None]:
    row = await on.conn.fetchrow(
        "SELECT revision, refused_revision, refused_code FROM tuning_in_force WHERE kind = $1 AND subject = $2",
        kind.value, subject,
    )  # fmt: skip
    return tuple(row) if row is not None else (0, None, None)


async def seeded(on: Stage) -> None:
    await tuning.seed(on.dsn, QueueSets("hotline", ring_s=4), "市民热线", ["12345"])


def shown(line: Pbx, name: str = "hotline") -> str:
    return line.cli(f"queue show {name}")


async def test_a_change_holds_within_two_seconds_and_drops_nobody(line: Pbx, dsn: str) -> None:
    async with stage(line, dsn) as on:
        await seeded(on)
        async with cti_process(line, dsn, line_dir=str(line.settings.line)):
            await on.working()
            talker, agents_side = await on.talking()
            waiter = on.citizen.call("12345", "13912345679")
            await eventually(lambda: "1. PJSIP/trunk" in shown(line), 20)
            before = line.cli("core show channels concise").splitlines()

            changed = queue(strategy=Strategy.FEWESTCALLS, ring_s=9, weight=5, max_waiting=7, service_s=33, wrap_up_s=5)
            begun = time.monotonic()
            revision = await kept(on.conn, Kind.QUEUE, "hotline", changed)
            told = await eventually(lambda: "(max 7) in 'fewestcalls'" in shown(line) and shown(line), WITHIN_S)
            took_s = time.monotonic() - begun
            assert took_s < WITHIN_S
            assert "W:5" in told
            assert "within 33s" in told
            assert "1001" in told, "the member stays"
            assert "1. PJSIP/trunk" in told, "who waits stays in the same place"
            assert len(line.cli("core show channels concise").splitlines()) == len(before)
            assert {d.state for d in (talker, agents_side, waiter)} == {"up"}

            async def said() -> bool:
                return await in_force(on, Kind.QUEUE, "hotline") == (revision, None, None)

            await eventually(said, 5)
            on.citizen.hang_up(talker)  # the wrap-up is the queue's: five seconds
            await on.agent_is("1001", "wrap_up")
            await on.agent_is("1001", "ready", 8)
        # Nothing of ours runs; Asterisk is killed and comes back by itself.
        line.process.kill()
        line.start()
        after = shown(line)
        assert "(max 7) in 'fewestcalls'" in after
        assert "W:5" in after
        assert "within 33s" in after
        assert "1001" in after, "the member comes back with its file"


async def test_what_asterisk_would_misread_changes_nothing_and_is_said(line: Pbx, dsn: str) -> None:
    """F28: every way of writing a wrong value; the file and the queue stay as they were, one version back is enough."""
    wrong = [
        queue() | {"strategy": "linear"}, queue() | {"strategy": "random\nmaxlen = 1"}, queue() | {"ring_s": 0},
        queue() | {"ring_s": "20; weight = 9"}, queue() | {"max_waiting": -1}, queue() | {"max_waiting": 10**9},
        queue() | {"weight": 1.5}, queue() | {"announce_place": "yes"}, queue() | {"service_s": None},
        queue() | {"evil": 1}, {"title": "x"}, queue() | {"announce_every_s": True},
    ]  # fmt: skip
    file = QueueFile(line.settings.queues)
    async with stage(line, dsn) as on:
        await seeded(on)
        async with cti_process(line, dsn, line_dir=str(line.settings.line)):
            await on.working()
            await eventually(lambda: "timeout = 4" in (file.text() or ""), 5)
            text = file.text()
            for value in wrong:
                revision = await kept(on.conn, Kind.QUEUE, "hotline", value)

                async def refused(revision: int = revision) -> bool:
                    return await in_force(on, Kind.QUEUE, "hotline") == (1, revision, "pbx.bad_settings")

                await eventually(refused, 5)
                assert file.text() == text, value
            await kept(on.conn, Kind.QUEUE, "general", queue("hotline"))
            good = await kept(on.conn, Kind.QUEUE, "hotline", queue(max_waiting=50))

            async def general_refused() -> bool:
                return (await in_force(on, Kind.QUEUE, "general"))[2] == "pbx.bad_settings"

            await eventually(general_refused, 5)
            assert file.text() == text
            await kept(on.conn, Kind.QUEUE, "general", {})

            async def back() -> bool:
                return await in_force(on, Kind.QUEUE, "hotline") == (good, None, None)

            await eventually(back, 5)
            assert "(max 50)" in shown(line)


async def test_a_file_that_asterisk_does_not_follow_is_put_back(line: Pbx, dsn: str) -> None:
    """Asterisk answers "reloaded" whatever it read: its own list of queues is the proof."""
    file = QueueFile(line.settings.queues)
    async with stage(line, dsn) as on:
        await seeded(on)
        async with cti_process(line, dsn, line_dir=str(line.settings.line)):
            await on.working()
            await eventually(lambda: "timeout = 4" in (file.text() or ""), 15)
            good = file.text()
            # A line that Asterisk reads after ours and that says otherwise: as an operator's hand in etc/ would.
            conf = line.settings.etc / "queues.conf"
            conf.write_text(conf.read_text() + "\n[hotline](+)\nmaxlen = 3\n")
            revision = await kept(on.conn, Kind.QUEUE, "hotline", queue(max_waiting=60))

            async def refused() -> bool:
                return await in_force(on, Kind.QUEUE, "hotline") == (1, revision, "pbx.not_in_force")

            await eventually(refused, 15)
            assert file.text() == good


async def test_a_second_queue_with_a_number_and_an_agent_of_its_own(line: Pbx, dsn: str) -> None:
    async with stage(line, dsn) as on:
        await seeded(on)
        async with cti_process(line, dsn, line_dir=str(line.settings.line), log_dir=str(line.settings.log)):
            await on.working()
            phone = await on.ready()
            await kept(on.conn, Kind.QUEUE, "english", queue("english", ring_s=4))
            await kept(on.conn, Kind.NUMBER, "12346", {"queue": "english"})
            begun = time.monotonic()
            await kept(on.conn, Kind.SKILLS, "1001", {"queues": {"english": 1, "hotline": 3}})

            def joined() -> bool:
                both = re.sub(r"\s+", " ", line.cli("queue show"))
                return "1001 (PJSIP/8001) with penalty 2" in both and both.count("1001 (PJSIP/8001)") == 2

            await eventually(joined, WITHIN_S + 0.5)
            assert time.monotonic() - begun < WITHIN_S + 0.5
            assert (await on.agent("1001"))["state"] == "ready", "nobody signed out, nobody paused"
            await eventually((line.settings.queues / "number-12346").exists, 5)
            citizen = on.citizen.call("12346", "13912345670")
            await eventually(lambda: phone.active, 20)
            phone.answer(phone.active[0])
            assert (await on.call_is("talking"))["queue"] == "english"
            # Leaves the queue of the call only when the call is over.
            await kept(on.conn, Kind.SKILLS, "1001", {"queues": {"hotline": 1}})
            await eventually(lambda: "penalty" not in shown(line), 5)
            assert "1001" in shown(line, "english")
            assert citizen.state == "up"
            on.citizen.hang_up(citizen)
            await eventually(lambda: "1001" not in shown(line, "english"), 5)
            refused = on.citizen.call("12346", "13912345671")
            await eventually(lambda: refused.state == "ended", 30)

            async def rows() -> Any:
                found = await on.conn.fetch(
                    "SELECT caller, queue, outcome FROM call WHERE called = '12346' AND ended_at IS NOT NULL"
                )
                return len(found) == 2 and {r["caller"]: (r["queue"], r["outcome"]) for r in found}

            told = await eventually(rows, 20)
            assert told["13912345670"] == ("english", "answered")
            assert told["13912345671"][0] == "english", "who was refused is counted where he called"
            await kept(on.conn, Kind.NUMBER, "053188886666", {"queue": "english"})
            await eventually((line.settings.queues / "number-053188886666").exists, 5)
            ours = ("refused", "number.not_allowed")
            assert await on.do("call.dial", number="053188886666") == ours, "nobody calls the hotline through it"
            assert await on.do("agent.sign_out") == ("succeeded", None)
            await kept(on.conn, Kind.SKILLS, "1001", {"queues": {"english": 2, "hotline": 1}})
            await on.sign_in()
            await eventually(lambda: "1001 (PJSIP/8001) with penalty 1" in shown(line, "english"), 5)


async def test_a_queue_says_its_own_words_to_its_callers(line: Pbx, dsn: str, tmp_path: Path) -> None:
    """In force within two seconds, refused where nobody has the sound, and played also with all of ours stopped."""
    spoken = {name: write_tone(tmp_path / f"{name}.wav", hz, 1) for name, hz in (("welcome", 1300), ("periodic", 700))}
    told = {"line_dir": str(line.settings.line)}
    async with stage(line, dsn) as on, running_carrier(line) as carrier:
        await seeded(on)
        async with cti_process(line, dsn, **told):
            await on.working()
            await on.ready()
            await eventually(lambda: "timeout = 4" in (QueueFile(line.settings.queues).text() or ""), 15)
            text = QueueFile(line.settings.queues).text()
            missing = await kept(on.conn, Kind.QUEUE, "hotline", queue(periodic_sound_id=str(uuid.uuid4())))

            async def refused() -> bool:
                return await in_force(on, Kind.QUEUE, "hotline") == (1, missing, "sound.not_found")

            await eventually(refused, 5)
            assert QueueFile(line.settings.queues).text() == text

            ids = {f"{name}_sound_id": await sound_kept(on, path) for name, path in spoken.items()}
            await kept(
                on.conn, Kind.QUEUE, "hotline", queue(ring_s=4, announce_place=False, announce_every_s=15, **ids)
            )
            welcome = line.settings.queues / "welcome-hotline"
            await eventually(welcome.exists, WITHIN_S)
            assert welcome.read_text() == ids["welcome_sound_id"]
            assert f"/{ids['periodic_sound_id']}\n" in (QueueFile(line.settings.queues).text() or "")
        # Nothing of ours runs; Asterisk is killed and comes back by itself.
        line.process.kill()
        line.start()
        await eventually(lambda: "Avail" in line.cli("pjsip show contacts"), 30)
        call = await carrier.place("13912345681")
        await eventually(lambda: "1. PJSIP/trunk" in shown(line), 20)
        await asyncio.sleep(34)  # the periodic words come after twice the fifteen seconds
        await call.hang_up()
        await call.ended()
        heard = sound.read(call.heard)
        for name, path in spoken.items():
            assert sound.likeness(heard, sound.read(path)) > 0.9, name

        async with cti_process(line, dsn, **told):
            await on.working()
            await kept(on.conn, Kind.QUEUE, "hotline", queue())
            await eventually(lambda: not welcome.exists(), 5)
        call = await carrier.place("13912345682")
        await eventually(lambda: "1. PJSIP/trunk" in shown(line), 20)
        await call.hang_up()
        await call.ended()
        assert sound.likeness(sound.read(call.heard), sound.read(spoken["welcome"])) < 0.5


async def sound_kept(on: Stage, wav: Path) -> str:
    """As the API keeps it."""
    name, content = uuid.uuid4(), wav.read_bytes()
    await on.conn.execute(
        "INSERT INTO line_sound (id, sha256, seconds, wav, by) VALUES ($1, $2, 1, $3, 'root')",
        name, hashlib.sha256(content).hexdigest(), content,
    )  # fmt: skip
    return str(name)
