"""Every sentence exists in both languages, with the same fields, and is used."""

import re
import string
from pathlib import Path

import pytest

from cli.language import language, say
from cli.texts import TEXTS

CLI = Path(__file__).resolve().parents[2] / "cli"
# Keys put together at run time from an enumeration.
BUILT = ("role_", "outcome_", "recording_", "who_")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_have_the_same_fields(key: str) -> None:
    zh, en = TEXTS[key]
    assert fields(zh) == fields(en)
    assert not re.search("[\u4e00-\u9fff]", en)


def test_every_sentence_is_used_and_every_used_one_exists() -> None:
    code = "\n".join(p.read_text() for p in CLI.rglob("*.py") if p.name != "texts.py")
    named = set(re.findall(r'"([a-z][a-z0-9_]+)"', code))
    unused = {key for key in TEXTS if key not in named and not key.startswith(BUILT)}
    asked = set(re.findall(r'\b(?:say|good|hint|bad|step)\(\s*"([a-z0-9_]+)"', code))
    assert unused == set()
    assert asked <= set(TEXTS)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
    ],
)
def test_the_locale_decides(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language() == expected
    assert say("stop_with") == TEXTS["stop_with"][0 if expected == "zh" else 1]
