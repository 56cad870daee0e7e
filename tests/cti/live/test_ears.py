"""Ears on the live floor: known by their names, no party of any call, and right again after a snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cti.facts import EarState, Topic
from cti.live import pbx_facts as f
from cti.live.floor import Floor
from cti.live.resync import resync
from cti.live.snapshot import ChannelSeen, Seen
from pbx_config import contract
from pbx_config.contract import Context, EarLeg

T0 = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
REF, CITIZEN, BOSS = "t1-17.1", "PJSIP/trunk-00000001", "PJSIP/8005-00000002"
EAR = EarLeg(REF, 9, "8005").uniqueid
CALL_ID = str(contract.call_id("t1", REF))


def floor() -> Floor:
    """A citizen is on the line."""
    made = Floor("t1")
    made.apply(f.ChannelOpened(T0, CITIZEN, REF, REF, "13912345678", "12345"))
    made.take()
    return made


def opened(at: datetime = T0) -> f.ChannelOpened:
    return f.ChannelOpened(at, BOSS, EAR, EAR, "", "s")


def asked(mode: str = "listen") -> f.EarAsked:
    return f.EarAsked(T0, REF, EAR, "8005", "1005", mode, "班长")


def began(context: Context) -> f.EarBegan:
    return f.EarBegan(T0 + timedelta(seconds=3), BOSS, EAR, EAR, context=context.value)


def entered(context: Context) -> f.RoomEntered:
    return f.RoomEntered(T0 + timedelta(seconds=5), BOSS, EAR, EAR, REF, context.value)


def test_from_the_asking_to_the_end() -> None:
    live = floor()
    parties = live.calls[REF].live.parties
    told = []
    facts = (
        asked(), opened(), began(Context.EAR_LISTEN), began(Context.EAR_LISTEN), began(Context.EAR_WHISPER),
        entered(Context.ROOM_BARGE), f.ChannelClosed(T0, BOSS, EAR, EAR, 16),
    )  # fmt: skip
    for fact in facts:
        live.apply(fact)
        change = live.take().get((Topic.EARS, CALL_ID))
        if change is not None:
            told.append([(ear.mode, ear.state, ear.name) for ear in change.body.ears] if change.body else None)
    assert told == [
        [("listen", EarState.CALLING, "班长")], [("listen", EarState.ON, "班长")], [("whisper", EarState.ON, "班长")],
        [("barge", EarState.ON, "班长")], None,
    ]  # fmt: skip
    assert live.calls[REF].live.parties == parties
    assert (live.anomalies, EAR in live.channels) == (0, False)


def test_whoever_is_not_reached_is_gone() -> None:
    live = floor()
    live.apply(asked())
    live.apply(f.OriginateFailed(T0, EAR))
    assert live.ears.by_leg == {}
    assert live.take()[Topic.EARS, CALL_ID].body is None


def test_one_takes_over_at_a_time_and_screens_see_who() -> None:
    live = floor()
    live.apply(f.TakeOverAsked(T0, REF, "1005", "班长"))
    body = live.take()[Topic.EARS, CALL_ID].body
    assert (body.taken_by, body.taken_by_name, body.ears) == ("1005", "班长", ())
    live.apply(f.TakeOverAsked(T0, REF, None))
    assert live.take()[Topic.EARS, CALL_ID].body is None


def seen(*channels: ChannelSeen) -> Seen:
    return Seen(T0 + timedelta(seconds=60), channels, (), (), (), {}, frozenset(), {})


def channel(name: str, uniqueid: str, context: str, app_room: str = "") -> ChannelSeen:
    bridge, age = "b" if app_room else "", timedelta(seconds=20)
    return ChannelSeen(name, uniqueid, uniqueid, True, bridge, "1", age, None, context, app_room)


def test_a_snapshot_tells_an_ear_nobody_of_us_asked_for() -> None:
    live = floor()
    there = channel(CITIZEN, REF, "line")
    resync(live, seen(there, channel(BOSS, EAR, Context.EAR_WHISPER.value)))
    [ear] = live.ears.by_leg.values()
    assert (ear.seat, ear.mode, ear.state, ear.since) == ("8005", "whisper", EarState.ON, T0 + timedelta(seconds=40))
    assert [party.leg for party in live.calls[REF].live.parties] == [REF]
    resync(live, seen(there))
    assert live.ears.by_leg == {}


def test_an_ear_that_was_just_asked_for_may_have_no_channel_yet() -> None:
    live = floor()
    live.apply(asked())
    there = channel(CITIZEN, REF, "line")
    resync(live, seen(there))
    assert live.ears.by_leg[EAR].state is EarState.CALLING
    resync(live, seen(there))
    assert live.ears.by_leg == {}


def test_only_an_ear_is_left_and_the_call_is_over() -> None:
    live = floor()
    resync(live, seen(replace(channel(BOSS, EAR, Context.ROOM_BARGE.value, REF))))
    assert live.calls[REF].live.ended_at is not None
