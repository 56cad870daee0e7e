"""Prompts are made with real speech, measured, and replaceable."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from pbx_config import contract
from pbx_config.errors import PromptsFailed
from pbx_config.music import RATE, hold_music
from pbx_config.prompt_texts import number_texts, texts
from pbx_config.prompts import install_prompts, pinyin
from pbx_config.settings import LANGUAGES
from tests.support import sound
from tests.support.pbx import asterisk_for_tests


def test_mandarin_is_spoken_through_pinyin() -> None:
    assert pinyin("路灯不亮") == "lu4 deng1 bu4 liang4"


def test_both_languages_have_every_text() -> None:
    said = {name for name in vars(contract) if name.startswith("SOUND_")}
    for language in LANGUAGES:
        assert {vars(contract)[name] for name in said} <= texts(language).keys()
        assert all(texts(language).values())


def test_say_number_finds_every_file_it_needs() -> None:
    mandarin = {f"digits/{n}" for n in (*range(11), *range(20, 100, 10), "hundred", "thousand", "wan", "yi")}
    english = {f"digits/{n}" for n in (*range(20), *range(20, 100, 10), "hundred", "thousand", "million")}
    assert mandarin <= number_texts("zh").keys()
    assert english <= number_texts("en").keys()


def test_hold_music_is_quiet_and_joins_to_its_beginning() -> None:
    music = hold_music() / 32768
    assert 15 < len(music) / RATE < 40
    assert 0.005 < sound.level(music) < 0.1
    assert abs(music[0] - music[-1]) < 0.02, "a step at the seam is a click"


@pytest.mark.pbx
def test_prompts_are_made_measured_replaced_and_restored(tmp_path: Path) -> None:
    data, own = tmp_path / "data", tmp_path / "own"
    made = install_prompts(data, asterisk_for_tests(), replacements=own)
    assert len(made) == sum(len(texts(language)) for language in LANGUAGES) + 1
    for language in LANGUAGES:
        for name, text in texts(language).items():
            path = data / "sounds" / language / f"{name}.wav"
            spoken = sound.read(path)
            assert sound.level(spoken) > 0.02, path
            shortest, longest = (0.1 * len(text), 0.5 * len(text) + 0.5) if language == "zh" else (0.2, 10)
            assert shortest < len(spoken) / RATE < longest, path
            assert soundfile.info(path).subtype == "PCM_16"
    assert install_prompts(data, asterisk_for_tests(), replacements=own) == []

    notice = data / "sounds" / "zh" / "lianxin" / "notice.wav"
    spoken_notice = notice.read_bytes()
    (own / "zh" / "lianxin").mkdir(parents=True)
    sound.write_tone(own / "zh" / "lianxin" / "notice.wav", 700, 1)
    assert install_prompts(data, asterisk_for_tests(), replacements=own) == ["zh/lianxin/notice"]
    assert sound.share(sound.read(notice), 700) > 0.95
    (own / "zh" / "lianxin" / "notice.wav").unlink()
    assert install_prompts(data, asterisk_for_tests(), replacements=own) == ["zh/lianxin/notice"]
    assert notice.read_bytes() == spoken_notice


@pytest.mark.pbx
def test_a_replacement_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own" / "zh" / "lianxin" / "notice.wav"
    own.parent.mkdir(parents=True)
    own.write_text("not a sound")
    with pytest.raises(PromptsFailed, match=r"notice\.wav"):
        install_prompts(tmp_path / "data", asterisk_for_tests(), replacements=tmp_path / "own")
