"""What the house does for a citizen in danger: every state with every fact."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.danger_watch import CallBack, Citizen, Recorded, Step, TryState, citizen_of, step_of, try_of
from models.danger import Danger, DangerState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
AGAIN = timedelta(seconds=20)


def live(
    citizen: str | None, state: str = "talking", hung_up_by: str | None = None, ago_s: float = 30
) -> dict[str, Any]:
    parties = [{"kind": "seat", "state": "joined"}]
    if citizen:
        parties.insert(0, {"kind": "citizen", "state": citizen, "since": (NOW - timedelta(seconds=ago_s)).isoformat()})
    ended = NOW.isoformat() if state == "ended" else None
    return {"state": state, "ended_at": ended, "hung_up_by": hung_up_by, "parties": parties}


@pytest.mark.parametrize(
    ("body", "recorded", "found"),
    [
        (live("joined"), None, Citizen.ON_THE_LINE),
        (live("aside", "held"), None, Citizen.ON_THE_LINE),
        (live(None), None, Citizen.ON_THE_LINE),
        (live("left"), None, Citizen.GONE),  # 110 and the desk still talk
        (live("left", ago_s=1), None, Citizen.UNKNOWN),  # the desk may be ending the call, leg by leg
        (live("left", "ended", "agent", ago_s=1), None, Citizen.LET_GO),
        (live("left", "ended", "citizen"), None, Citizen.GONE),
        (live("left", "ended", "switch"), None, Citizen.GONE),
        (live("left", "ended"), None, Citizen.GONE),
        (live("left", "ended", "agent"), None, Citizen.LET_GO),
        (live("left", "ended", "outside"), None, Citizen.LET_GO),
        (live("joined"), Recorded(True, "citizen"), Citizen.ON_THE_LINE),  # the picture is newer
        (None, None, Citizen.UNKNOWN),
        (None, Recorded(False, None), Citizen.UNKNOWN),
        (None, Recorded(True, "citizen"), Citizen.GONE),
        (None, Recorded(True, "unknown"), Citizen.GONE),
        (None, Recorded(True, "agent"), Citizen.LET_GO),
    ],
)
def test_where_the_citizen_is(body: Any, recorded: Recorded | None, found: Citizen) -> None:
    assert citizen_of(body, recorded, NOW) is found


def back(state: str = "succeeded", age_s: float = 5, body: Any = None, recorded: Recorded | None = None) -> CallBack:
    asked = NOW - timedelta(seconds=age_s)
    return CallBack(state, asked, None if state in ("pending", "asked") else asked, body, recorded)


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (back("pending"), TryState.RUNNING),
        (back("asked"), TryState.RUNNING),
        (back("refused"), TryState.IN_VAIN),  # the supervisor took another call meanwhile
        (back("failed"), TryState.IN_VAIN),
        (back("expired"), TryState.IN_VAIN),  # cti was away
        (back(), TryState.RUNNING),
        (back("unknown"), TryState.RUNNING),  # it may ring all the same
        (back(age_s=91), TryState.IN_VAIN),
        (back(body=live("dialling")), TryState.RUNNING),
        (back(body=live("ringing"), age_s=91), TryState.RUNNING),
        (back(body=live("joined")), TryState.REACHED),
        (back(body=live("no_answer")), TryState.IN_VAIN),
        (back(body=live("busy")), TryState.IN_VAIN),
        (back(body=live(None, "ended")), TryState.IN_VAIN),  # the supervisor did not take the telephone
        (back(recorded=Recorded(True, "agent")), TryState.IN_VAIN),
        (back(recorded=Recorded(True, "citizen", reached=True)), TryState.REACHED),
        (back(body=live("left", "ended"), recorded=Recorded(True, "citizen", reached=True)), TryState.REACHED),
    ],
)
def test_how_a_call_back_stands(made: CallBack, found: TryState) -> None:
    assert try_of(made, NOW) is found


def decide(state: DangerState, citizen: Citizen, last: CallBack | None = None, **changes: Any) -> Step:
    danger = Danger(state=state, callbacks=changes.pop("callbacks", 0))
    more: dict[str, Any] = {"most": 3, "again_after": AGAIN, "callable_": True} | changes
    return step_of(danger, citizen, last, NOW, **more)


@pytest.mark.parametrize(
    ("citizen", "step"),
    [
        (Citizen.ON_THE_LINE, Step.WAIT), (Citizen.UNKNOWN, Step.WAIT), (Citizen.GONE, Step.GONE),
        (Citizen.LET_GO, Step.OVER),
    ],
)  # fmt: skip
def test_while_it_is_open(citizen: Citizen, step: Step) -> None:
    assert decide(DangerState.OPEN, citizen) is step


@pytest.mark.parametrize("citizen", list(Citizen))
def test_once_gone_it_calls_back_n_times_and_then_says_so(citizen: Citizen) -> None:
    gone = DangerState.GONE
    assert decide(gone, citizen) is Step.CALL_BACK
    assert decide(gone, citizen, back("pending"), callbacks=1) is Step.WAIT
    assert decide(gone, citizen, back("refused", age_s=19), callbacks=1) is Step.WAIT
    assert decide(gone, citizen, back("refused", age_s=20), callbacks=1) is Step.CALL_BACK
    assert decide(gone, citizen, back("refused", age_s=20), callbacks=3) is Step.GIVE_UP
    assert decide(gone, citizen, back(body=live("joined")), callbacks=3) is Step.REACHED
    assert decide(gone, citizen, callable_=False) is Step.GIVE_UP  # withheld
    assert decide(gone, citizen, most=0) is Step.GIVE_UP


@pytest.mark.parametrize("state", [DangerState.REACHED, DangerState.GIVEN_UP, DangerState.OVER])
def test_what_is_over_stays_over(state: DangerState) -> None:
    assert {decide(state, citizen) for citizen in Citizen} == {Step.WAIT}
