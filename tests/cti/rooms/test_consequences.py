"""What follows by itself, from where everybody stands. One small call, put into every place it can be in."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cti.facts import PartyKind
from cti.live import pbx_facts as f
from cti.live.call import Call
from cti.live.floor import Floor
from cti.rooms.consequences import CallAgent, HangUp, Move, Redirect, Wish, wishes
from pbx_config import contract
from pbx_config.contract import Context

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
REF = "n-1.0"
ASKING = contract.consultation(REF)
CITIZEN = ("PJSIP/trunk-00000001", REF, REF)
AGENT = ("PJSIP/8001-00000002", "n-1.1", REF)
OTHER = ("PJSIP/trunk-00000004", f"{REF}+3-120", f"{REF}+3-120")
TARGET = ("PJSIP/trunk-00000003", f"{REF}+2-110", f"{REF}+2-110")
SEAT = ("n-1.1", "1001", "PJSIP/8001", "hotline")

TO_ROOM = Move(REF, Context.ROOM_CITIZEN, REF)
BACK = Redirect((Move(REF, Context.LINE, "back"),))


class Story:
    """Facts, one a second, as a floor takes them."""

    def __init__(self, *, answered: bool = True) -> None:
        self.floor, self._s = Floor("n"), 0
        self.tell(f.ChannelOpened(T0, *CITIZEN, "13912345678", "12345"))
        self.tell(f.CallerJoined(T0, *CITIZEN, "hotline", 1))
        if answered:
            self.tell(f.SeatRinging(T0, *CITIZEN, *SEAT), f.SeatAnswered(T0, *CITIZEN, *SEAT))

    def tell(self, *facts: f.Fact) -> Story:
        for fact in facts:
            self._s += 1
            self.floor.apply(replace(fact, at=T0 + timedelta(seconds=self._s)))
            assert self.floor.anomalies == 0, fact
        return self

    def asked(self, room: str) -> Story:
        return self.tell(f.LegAsked(T0, REF, TARGET[1], PartyKind.OUTSIDE, "110", room), opened(TARGET))

    def also_asked(self, leg: tuple[str, str, str]) -> Story:
        return self.tell(f.LegAsked(T0, REF, leg[1], PartyKind.OUTSIDE, "120", REF), opened(leg))

    def waits(self, context: Context = Context.ROOM_WAIT) -> Story:
        return self.tell(f.MoveAsked(T0, REF, (REF, AGENT[1])), entered(CITIZEN, f"aside-{REF}", context))

    def consults(self) -> Story:
        return self.asked(ASKING).waits().tell(entered(AGENT, ASKING, Context.ROOM_SEAT))

    def gave_away(self) -> Story:
        return self.asked(REF).waits().tell(f.ChannelClosed(T0, *AGENT, 16))

    @property
    def call(self) -> Call:
        return self.floor.calls[REF]

    @property
    def wishes(self) -> tuple[Wish, ...]:
        return wishes(self.call)


def opened(leg: tuple[str, str, str]) -> f.Fact:
    return f.ChannelOpened(T0, *leg, "", "")


def entered(leg: tuple[str, str, str], room: str, context: Context) -> f.Fact:
    return f.RoomEntered(T0, *leg, room, context)


def closed(leg: tuple[str, str, str], cause: int = 16) -> f.Fact:
    return f.ChannelClosed(T0, *leg, cause)


IN_ROOM = entered(TARGET, REF, Context.ROOM_OUTSIDE)
IN_CONSULTATION = entered(TARGET, ASKING, Context.ROOM_OUTSIDE)
CITIZEN_IN = entered(CITIZEN, REF, Context.ROOM_CITIZEN)
AGENT_IN = entered(AGENT, REF, Context.ROOM_SEAT)
TOGETHER = Redirect((TO_ROOM, Move(AGENT[1], Context.ROOM_SEAT, REF)))
LATE_ANSWER = [f.LegAnswered(T0, *TARGET), IN_ROOM]


def again(story: Story) -> Story:
    """The agent's own seat was called back."""
    leg = f"{REF}+9-8001"
    return story.tell(f.LegAsked(T0, REF, leg, PartyKind.SEAT, "8001", REF, "1001"))


CASES: dict[str, tuple[Story, tuple[Wish, ...]]] = {
    "plain call": (Story(), ()),
    "waits in the queue": (Story(answered=False), ()),
    "target rings": (Story().consults(), ()),
    "consulting": (Story().consults().tell(IN_CONSULTATION), ()),
    "target busy": (Story().consults().tell(closed(TARGET, 17)), (TOGETHER,)),
    "target never had a channel": (
        Story()
        .tell(f.LegAsked(T0, REF, TARGET[1], PartyKind.OUTSIDE, "110", ASKING))
        .waits()
        .tell(entered(AGENT, ASKING, Context.ROOM_SEAT), f.OriginateFailed(T0, TARGET[1])),
        (TOGETHER,),
    ),
    "target hung up": (Story().consults().tell(IN_CONSULTATION, closed(TARGET)), (TOGETHER,)),
    "on the way back": (
        Story().consults().tell(closed(TARGET), f.MoveAsked(T0, REF, (REF, AGENT[1]))),
        (),
    ),
    "the agent broke off while asking": (
        Story().consults().tell(IN_CONSULTATION, closed(AGENT)),
        (BACK, HangUp(TARGET[1])),
    ),
    "with the citizen, the agency waits": (
        Story().consults().tell(IN_CONSULTATION, f.MoveAsked(T0, REF, (REF, AGENT[1])), CITIZEN_IN, AGENT_IN),
        (),
    ),
    "gave it away, it rings": (Story().gave_away(), ()),
    "gave it away, answered": (Story().gave_away().tell(IN_ROOM), (Redirect((TO_ROOM,), given_away=True),)),
    "gave it away, busy": (Story().gave_away().tell(closed(TARGET, 17)), (CallAgent("1001", "8001"),)),
    "the agent is called again": (again(Story().gave_away().tell(closed(TARGET, 17))), ()),
    "that fails, too": (
        again(Story().gave_away().tell(closed(TARGET, 17))).tell(f.OriginateFailed(T0, f"{REF}+9-8001")),
        (BACK,),
    ),
    "the target listened and hung up": (
        Story()
        .gave_away()
        .tell(*LATE_ANSWER, CITIZEN_IN, f.HangupAsked(T0, *TARGET, by_switch=False))
        .tell(f.RoomLeft(T0, *CITIZEN, REF), closed(TARGET)),
        (Redirect((Move(REF, Context.ROOM_WAIT, REF),)),),
    ),
    "held": (Story().waits(Context.ROOM_HOLD).tell(AGENT_IN), ()),
    "held, and nobody is left": (
        Story().waits(Context.ROOM_HOLD).tell(AGENT_IN, closed(AGENT)),
        (BACK,),
    ),
    "three of them": (Story().asked(REF).tell(CITIZEN_IN, AGENT_IN, IN_ROOM), ()),
    "the citizen left, two talk on": (Story().asked(REF).tell(CITIZEN_IN, AGENT_IN, IN_ROOM, closed(CITIZEN)), ()),
    "the agent left two outside to each other, then the citizen left": (
        Story()
        .asked(REF)
        .also_asked(OTHER)
        .tell(CITIZEN_IN, AGENT_IN, IN_ROOM, entered(OTHER, REF, Context.ROOM_OUTSIDE), closed(AGENT), closed(CITIZEN)),
        (HangUp(TARGET[1]), HangUp(OTHER[1])),
    ),
    "the agent is alone": (Story().tell(CITIZEN_IN, AGENT_IN, closed(CITIZEN)), (HangUp(AGENT[1]),)),
    "alone, but somebody is being called": (Story().asked(REF).tell(CITIZEN_IN, AGENT_IN, closed(CITIZEN)), ()),
    "the agency is alone": (
        Story().asked(REF).tell(CITIZEN_IN, AGENT_IN, IN_ROOM, closed(CITIZEN), closed(AGENT)),
        (HangUp(TARGET[1]),),
    ),
    "back in the queue, the agency stayed": (
        Story()
        .asked(REF)
        .tell(CITIZEN_IN, AGENT_IN, IN_ROOM, closed(AGENT), f.RoomLeft(T0, *CITIZEN, REF))
        .tell(f.CallerJoined(T0, *CITIZEN, "hotline", 1)),
        (HangUp(TARGET[1]),),
    ),
    "all over": (Story().tell(closed(CITIZEN)), ()),
}


@pytest.mark.parametrize("name", CASES)
def test_what_follows(name: str) -> None:
    story, expected = CASES[name]
    assert story.wishes == expected


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_to_be_done_is_not_done_again(name: str) -> None:
    """Each wish, told as the keeper tells it, leaves nothing to wish until the PBX answers."""
    story, expected = copy.deepcopy(CASES[name])
    for wish in expected:
        if isinstance(wish, Redirect):
            story.tell(f.MoveAsked(T0, REF, tuple(move.leg for move in wish.moves)))
            assert story.wishes == ()


def test_calling_out_the_agent_waits_for_the_citizen_to_be_called() -> None:
    floor = Floor("n")
    floor.apply(f.LegAsked(T0, "n-7.5", "n-7.5", PartyKind.SEAT, "8001", "n-7.5", "1001", "13800001111", "12345"))
    own = ("PJSIP/8001-00000009", "n-7.5", "n-7.5")
    floor.apply(entered(own, "n-7.5", Context.ROOM_SEAT))
    assert wishes(floor.calls["n-7.5"]) == (), "the command calls the citizen now"
    called = "n-7.5+2-13800001111"
    floor.apply(f.LegAsked(T0, "n-7.5", called, PartyKind.CITIZEN, "13800001111", "n-7.5"))
    assert wishes(floor.calls["n-7.5"]) == ()
    floor.apply(opened(("PJSIP/trunk-0000000a", called, called)))
    floor.apply(closed(("PJSIP/trunk-0000000a", called, called), 17))
    assert wishes(floor.calls["n-7.5"]) == (HangUp("n-7.5"),)
