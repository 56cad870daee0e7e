"""What the doctor makes of Asterisk's own words."""

import pytest

from cli.examination.finding import Grade
from cli.examination.line import journal
from pbx_config import contract

ENABLED = "CEL Logging: Enabled\n"
SUBSCRIBER = "CEL Event Subscriber: CEL Custom CSV Logging\n"


def _tracking(*events: str) -> str:
    return "".join(f"CEL Tracking Event: {event}\n" for event in events)


def test_a_journal_with_all_events_is_good() -> None:
    assert journal(ENABLED + _tracking(*contract.CEL_EVENTS) + SUBSCRIBER).grade is Grade.GOOD


def test_asterisk_20_lacks_holds_which_is_said() -> None:
    known = [event for event in contract.CEL_EVENTS if not event.startswith("STREAM")]
    found = journal(ENABLED + _tracking(*known) + SUBSCRIBER)
    assert (found.grade, "STREAM_BEGIN" in found.text) == (Grade.HINT, True)


@pytest.mark.parametrize(
    "shown",
    [
        "CEL Logging: Disabled\n",
        ENABLED + SUBSCRIBER,  # one unknown event in cel.conf, and Asterisk tracks none
        ENABLED + _tracking(*contract.CEL_EVENTS),  # nobody writes them
    ],
)
def test_no_journal_is_bad(shown: str) -> None:
    assert journal(shown).grade is Grade.BAD
