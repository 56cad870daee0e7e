"""Reasons: what is added, what is left, and when an agent may be unpaused."""

from __future__ import annotations

import pytest

from cti.seats import reasons as r
from pbx_config import contract


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({"not-ready"}, r.ready, set()),
        ({"Auto-Pause", "lunch"}, r.ready, set()),
        ({"wrap-up", "lunch"}, r.ready, {"wrap-up"}),
        ({"phone:network", "not-ready"}, r.ready, {"phone:network"}),
        ({"not-ready", "Auto-Pause"}, r.pause("lunch"), {"lunch"}),
        ({"wrap-up"}, r.pause("lunch"), {"wrap-up", "lunch"}),
        ({"wrap-up", "phone:network"}, r.remove("wrap-up"), {"phone:network"}),
        (set(), r.remove("wrap-up"), set()),
        ({"phone:network", "phone:microphone", "lunch"}, r.unblock, {"lunch"}),
    ],
)
def test_changes(before: set[str], change: r.Change, after: set[str]) -> None:
    assert change(frozenset(before)) == after


def test_what_would_be_cut_by_asterisk_is_refused() -> None:
    fits = frozenset({"x" * 39, "y" * 39})
    assert contract.split_reasons(r.joined(fits)) == fits
    with pytest.raises(r.TooManyReasons):
        r.joined(fits | {"z"})


@pytest.mark.parametrize("word", ["a+b", "a b", "a\r\nb", "", "A", "x" * 25, "phone:x", "a\n"])
def test_words_that_would_not_survive_the_pbx(word: str) -> None:
    assert not r.WORD.match(word)
