"""Every error of the house has its status and its sentences."""

import importlib
import pkgutil

import pytest

import api
import cases
import cti
import models
import pbx_config
import recordings
from api.problems import STATUS
from api.recordings import parse_range
from api.rights import RIGHTS, Right
from api.sentences import SENTENCES, locale_of, sentence
from models.account import Role
from models.errors import LianxinError

BELOW_THE_EDGE = {"models", "pbx_config", "cti", "recordings", "cases", "api"}


def every_error() -> set[type[LianxinError]]:
    for package in (models, pbx_config, cti, recordings, cases, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".versions." not in module.name and not module.name.endswith((".env", ".__main__")):
                importlib.import_module(module.name)
    found: set[type[LianxinError]] = set()
    waiting = [LianxinError]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += one.__subclasses__()
    return {e for e in found if e.__module__.split(".")[0] in BELOW_THE_EDGE}


def test_no_error_is_missing_in_the_table_and_none_lacks_a_sentence() -> None:
    codes = {e.code for e in every_error()}
    assert codes - STATUS.keys() == set()
    assert codes - SENTENCES.keys() == set()
    assert len(codes) > 40


def test_sentences_exist_in_both_languages_and_differ() -> None:
    assert all(zh and en and zh != en for zh, en in SENTENCES.values())
    assert sentence("session.locked", "en", {"retry_after_s": 7}) == "Too many attempts. Please wait 7 seconds."
    assert sentence("session.locked", "zh-CN", {})  # a missing detail is no second error
    assert sentence("never.heard_of", "en", {}, "unavailable") == SENTENCES["unavailable"][1]


def test_every_role_has_its_rights_and_the_quiet_ones_nothing_of_the_phone_half() -> None:
    assert RIGHTS.keys() == set(Role)
    assert RIGHTS[Role.AGENCY] == {Right.SIGN_IN, Right.CATALOGUE}
    assert RIGHTS[Role.LEADER] == {Right.SIGN_IN, Right.CATALOGUE, Right.CAPACITY}
    assert Right.CASES_WRITE not in RIGHTS[Role.AUDITOR]


@pytest.mark.parametrize(
    ("header", "spoken"),
    [("en-GB,zh;q=0.5", "en"), ("zh-TW", "zh-CN"), ("fr, en;q=0.1", "en"), ("", "zh-CN"), ("*", "zh-CN")],
)
def test_the_first_language_that_we_speak_is_taken(header: str, spoken: str) -> None:
    assert locale_of(header, "zh-CN") == spoken


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-99", (0, 100)), ("bytes=900-", (900, 1000)), ("bytes=-10", (990, 1000)),
        ("bytes=990-5000", (990, 1000)),
        ("bytes=-5000", (0, 1000)), (None, None), ("", None), ("bytes=-", None), ("items=0-1", None),
        ("bytes=0-1,5-6", None),
    ],
)  # fmt: skip
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 1000) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5-4", "bytes=-0"])
def test_ranges_outside(header: str) -> None:
    with pytest.raises(LianxinError) as refused:
        parse_range(header, 1000)
    assert refused.value.code == "recording.bad_range"
