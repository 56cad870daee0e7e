"""The file of the queues: what is written reads back; what Asterisk would misread is never written (F28)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from pbx_config import contract, tuning
from pbx_config.errors import BadSettings
from pbx_config.queue_file import CallFiles, QueueFile, QueueSets, QueueSounds, Strategy, read, text_of

SOUNDS = Path("/srv/lian xin/line/queues/sounds")
WORDS = "0b8c1f1e-5f0a-4c43-9d0e-3a5f5a0c7d11"
EVIL = ["", "general", "lx", "a\nb", "a]", "[a", "a;b", "#include x", "a b", "ä", "A", "1a", None, 5, "a" * 33]


def test_what_is_written_reads_back() -> None:
    queues = [QueueSets("hotline", Strategy.RANDOM, ring_s=9, announce_place=False), QueueSets("english", weight=7)]
    queues.append(QueueSets("german", welcome_sound_id=WORDS, periodic_sound_id=WORDS))
    assert read(text_of(queues, SOUNDS)) == {queue.name: dict(queue.pairs(SOUNDS)) for queue in queues}
    assert [QueueSets.of(queue.name, queue.value) for queue in queues] == queues


@pytest.mark.parametrize("name", EVIL)
def test_no_evil_name(name: Any) -> None:
    with pytest.raises(BadSettings):
        QueueSets(name)


def test_fuzzed_values_are_refused_or_written_whole() -> None:
    """Whatever a version holds: a clean refusal, or a file of exactly these values."""
    chance = random.Random(28)
    pieces = [
        0, -1, 1, 15, 20, 10**12, 1.5, True, False, None, "", "20", "yes", "leastrecent", "linear", "x\ny = 1", "1;2",
        "#exec rm", "[general]", [], {}, "\0",
    ]  # fmt: skip
    written = 0
    for _ in range(3000):
        value = dict(QueueSets("hotline").value)
        for key in chance.sample(sorted(value), chance.randint(0, 3)):
            value[key] = chance.choice(pieces)
        try:
            queue = QueueSets.of("hotline", value)
        except BadSettings:
            continue
        assert read(text_of([queue], SOUNDS)) == {"hotline": dict(queue.pairs(SOUNDS))}
        written += 1
    assert 500 < written < 2900


def test_a_queue_says_its_own_words_and_the_others_the_common_ones() -> None:
    told = read(text_of([QueueSets("german", periodic_sound_id=WORDS), QueueSets("hotline")], SOUNDS))
    assert told["german"]["periodic-announce"] == f"{SOUNDS}/{WORDS}"
    assert "periodic-announce" not in told["hotline"], "as the template says"
    with pytest.raises(BadSettings):  # a list, as Asterisk reads it
        text_of([QueueSets("german", periodic_sound_id=WORDS)], Path("/srv/a,b"))


def test_a_version_from_before_there_were_sounds_has_none() -> None:
    old = {key: one for key, one in QueueSets("hotline").value.items() if not key.endswith("_sound_id")}
    assert QueueSets.of("hotline", old) == QueueSets("hotline")
    assert QueueSets.of("hotline", old | {"title": "x", "welcome_text": "您好"}).sounds == frozenset()


@pytest.mark.parametrize("sound", ["", "x", WORDS.upper(), WORDS + "\n", f"../{WORDS}", f"{WORDS},{WORDS}", 5, True])
def test_no_evil_sound(sound: Any) -> None:
    for field in ("welcome_sound_id", "periodic_sound_id"):
        with pytest.raises(BadSettings):
            QueueSets.of("hotline", QueueSets("hotline").value | {field: sound})


def test_sounds_stay_and_welcomes_are_these_and_no_others(tmp_path: Path) -> None:
    sounds, welcomes = QueueSounds(tmp_path), CallFiles(tmp_path, contract.WELCOME_FILE)
    assert not sounds.has(WORDS)
    sounds.keep(WORDS, b"RIFF")
    assert sounds.has(WORDS)
    assert (sounds.path / f"{WORDS}.wav").read_bytes() == b"RIFF"
    welcomes.keep({"german": WORDS})
    assert (tmp_path / "welcome-german").read_text() == WORDS
    welcomes.keep({})
    assert [path.name for path in tmp_path.iterdir()] == ["sounds"]


@pytest.mark.parametrize("queues", [[], [QueueSets("a"), QueueSets("a")]])
def test_each_queue_once_and_one_at_least(queues: list[QueueSets]) -> None:
    with pytest.raises(BadSettings):
        text_of(queues, SOUNDS)


def test_the_file_is_replaced_whole_and_begins_as_rendered(tmp_path: Path) -> None:
    file = QueueFile(tmp_path)
    file.begin("hotline")
    assert "[hotline](lx-plain)" in (file.text() or "")
    assert file.write(text_of([QueueSets("hotline")], SOUNDS))
    assert not file.write(text_of([QueueSets("hotline")], SOUNDS)), "nothing new"
    file.begin("hotline")
    assert "(lx-plain)" not in (file.text() or ""), "what an admin tuned stays"
    assert [path.name for path in tmp_path.iterdir()] == ["queues.conf"]


def test_numbers_are_these_and_no_others(tmp_path: Path) -> None:
    files = CallFiles(tmp_path, contract.NUMBER_FILE)
    files.keep({"12345": "hotline", "12346": "english"})
    assert (tmp_path / "number-12346").read_text() == "english"
    files.keep({"12345": "hotline"})
    assert [path.name for path in tmp_path.iterdir()] == ["number-12345"]


@pytest.mark.parametrize(
    ("number", "queue"), [("12", "hotline"), ("1234a", "hotline"), ("12345", "A"), ("12345", None)]
)
def test_a_number_leads_to_a_queue(number: str, queue: Any) -> None:
    with pytest.raises(BadSettings):
        tuning.queue_of_number(number, {"queue": queue})


def test_plans_and_levels_that_cannot_be() -> None:
    plan = tuning.first_plan()
    assert tuning.plan_of(plan)
    for wrong in (
        {},
        plan | {"day": [1] * 23},
        plan | {"day": [-1] * 24},
        plan | {"day": [True] * 24},
        plan | {"x": []},
    ):
        with pytest.raises(BadSettings):
            tuning.plan_of(wrong)
    assert tuning.levels_of({"queues": {"hotline": 9}}) == {"hotline": 9}
    for levels in ({"hotline": 0}, {"hotline": 10}, {"hotline": "1"}, {"a b": 1}, {"hotline": True}):
        with pytest.raises(BadSettings):
            tuning.levels_of({"queues": levels})
