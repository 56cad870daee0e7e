"""The rules of an agent's telephone, whole: what is said × what the PBX shows."""

import pytest

from api.presence import Presence

A = "1001"


def live(*reasons: str, phone: str = "browser") -> dict[str, object]:
    return {"agent_no": A, "phone": phone, "reasons": list(reasons)}


def signed_in(at: float = 0) -> Presence:
    presence = Presence(grace_s=8, started_at=0)
    presence.seen({A}, at)
    return presence


def test_a_page_that_never_came_is_waited_for_and_then_counted_as_network_trouble() -> None:
    presence = signed_in(at=100)
    assert presence.wanted(live(), 107.9) is None
    assert presence.wanted(live(), 108) == ("agent.block", "network")
    assert presence.wanted(live("phone:network"), 200) is None


def test_a_sip_telephone_is_the_pbxs_business() -> None:
    assert signed_in().wanted(live(phone="telephone"), 99) is None


@pytest.mark.parametrize("trouble", ["microphone", "second-tab", "network", "registration"])
def test_trouble_blocks_once_and_its_end_unblocks(trouble: str) -> None:
    presence = signed_in()
    presence.heard(A, 1, "tab", trouble)
    assert presence.wanted(live("meal"), 1) == ("agent.block", trouble)
    assert presence.wanted(live("meal", f"phone:{trouble}"), 1) is None
    presence.heard(A, 1, "tab", None)
    assert presence.wanted(live("meal", f"phone:{trouble}"), 1) == ("agent.unblock", None)
    assert presence.wanted(live("meal"), 1) is None


def test_a_page_that_went_has_the_grace_to_come_back() -> None:
    presence = signed_in()
    presence.heard(A, 1, "tab", None)
    presence.gone(A, 1, now=50)
    assert presence.wanted(live(), 57.9) is None
    presence.heard(A, 2, "tab", None)
    presence.gone(A, 1, now=58)  # the old socket's end is noticed late
    assert presence.wanted(live(), 90) is None
    presence.gone(A, 2, now=90)
    assert presence.wanted(live(), 98) == ("agent.block", "network")
    assert presence.wanted(live("phone:microphone"), 98) is None  # blocked already


def test_newer_wins_and_the_others_trouble_is_its_own() -> None:
    presence = signed_in()
    assert presence.heard(A, 1, "here", None) is False
    assert presence.heard(A, 2, "there", "second-tab") is False
    assert presence.wanted(live(), 1) is None
    assert presence.heard(A, 2, "there", None) is True
    assert presence.owner(A) == "there"
    presence.gone(A, 1, now=2)
    assert presence.wanted(live(), 60) is None
    assert presence.heard(A, 3, "here", None) is True


def test_a_page_without_the_telephone_speaks_for_it_once_the_owner_is_gone() -> None:
    presence = signed_in()
    presence.heard(A, 1, "here", None)
    presence.gone(A, 1, now=1)
    presence.heard(A, 2, "there", "second-tab")
    assert presence.wanted(live(), 2) == ("agent.block", "second-tab")


def test_who_signs_in_again_has_the_grace_again() -> None:
    presence = signed_in(at=0)
    presence.seen(set(), 100)
    presence.seen({A}, 200)
    assert presence.wanted(live(), 207) is None
