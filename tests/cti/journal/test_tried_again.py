"""A leg that another trunk carried is one leg since its first try; one that was answered is not begun again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cti.journal.channels import Channels
from cti.journal.lines import CelLine

LEG = "n-1.2+9-13912345678"
BEGAN = datetime(2026, 11, 29, 4, tzinfo=UTC)


def line(event: str, s: float, trunk: str, cause: int | None = None) -> CelLine:
    extra = f'{{"hangupcause":{cause},"hangupsource":""}}' if cause is not None else ""
    at = BEGAN + timedelta(seconds=s)
    return CelLine(event, at, "", "", "room-called", f"PJSIP/{trunk}-0000000a", "", "", LEG, LEG, "", "", extra)


def refused(trunk: str, s: float) -> list[CelLine]:
    return [line("CHAN_START", s, trunk), line("HANGUP", s + 0.1, trunk, 34), line("CHAN_END", s + 0.1, trunk),
            line("LINKEDID_END", s + 0.1, trunk)]  # fmt: skip


def test_the_last_trunk_tells_what_became_of_it() -> None:
    channels = Channels()
    for one in [*refused("trunk", 0), line("CHAN_START", 1, "trunk-b"), line("ANSWER", 3, "trunk-b")]:
        channels.add(one)
    (leg,) = channels.legs.values()
    assert channels.ended_at is None, "it goes on"
    assert (leg.started_at, leg.answered_at, leg.channel) == (BEGAN, line("", 3, "").at, "PJSIP/trunk-b-0000000a")
    channels.add(line("HANGUP", 9, "trunk-b", 16))
    channels.add(line("LINKEDID_END", 9, "trunk-b"))
    assert (channels.ended_at, leg.cause, channels.anomalies) == (line("", 9, "").at, 16, 0)


def test_a_channel_that_was_answered_is_not_begun_again() -> None:
    channels = Channels()
    told = [line("CHAN_START", 0, "trunk"), line("ANSWER", 1, "trunk"), line("HANGUP", 2, "trunk", 16)]
    for one in [*told, line("CHAN_START", 5, "trunk")]:
        channels.add(one)
    (leg,) = channels.legs.values()
    assert (leg.answered_at, leg.ended_at) == (line("", 1, "").at, line("", 2, "").at)
