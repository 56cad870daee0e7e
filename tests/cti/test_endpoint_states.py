"""What the console prints, read; and what becomes of the last fault. The text is a real Asterisk's (22.10.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cti.telephony.states import Now, State, Told, after, kept, states

CONTACTS = """
  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
==========================================================================================

  Contact:  8001/sip:8001@127.0.11.10:35343                c9932588da Avail         0.278
  Contact:  8002-web/sip:ab12cd34@10.1.2.3:51234;transport=ws 56ce5ac592 Unavail         nan
  Contact:  trunk-b/sip:127.0.11.60                        9b1f2e8770 Avail       515.033
  Contact:  trunk-c/sip:127.0.11.61:5062                   9b1f2e8771 Avail         1.000
  Contact:  trunk/sip:127.0.11.128:5060                    9b1f2e876f NonQual        -nan

Objects found: 5
"""
KEPT = """/registrar/contact/8001;@c9932588da2f9122cf5500511057e09d: {"via_addr":"127.0.11.10","via_port":"35343","user_agent":"Yealink SIP-T31"}
/registrar/contact/8002-web;@56ce5ac592ae756eb0d2fc93abcaed36: {"via_addr":"10.1.2.3","via_port":"51234","user_agent":""}
/registrar/contact/8003;@0: {broken
2 results found.
"""  # noqa: E501 - as it is printed
REGISTRATIONS = """
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 trunk-b/sip:127.0.11.60                                 trunk-b                     Registered        (exp. 49s)
 trunk-c/sip:127.0.11.61:5062                            trunk-c                     Rejected          (exp. 12s)

Objects found: 2
"""
NAMES = {"8001": False, "8002-web": False, "8004": False, "trunk": False, "trunk-b": True, "trunk-c": True}
NOON = datetime(2026, 11, 29, 4, tzinfo=UTC)


def test_each_endpoint_says_how_it_is() -> None:
    told = states(NAMES, CONTACTS, KEPT, REGISTRATIONS)
    assert told == {
        "8001": Now(State.REGISTERED, "127.0.11.10:35343", "Yealink SIP-T31", 0.278),
        "8002-web": Now(State.UNREACHABLE, "10.1.2.3:51234"),
        "8004": Now(State.UNREGISTERED),
        "trunk": Now(State.UNCHECKED, "127.0.11.128:5060"),
        "trunk-b": Now(State.REGISTERED, "127.0.11.60", None, 515.033),
        "trunk-c": Now(State.REJECTED, "127.0.11.61:5062", None, 1.0),
    }
    assert list(kept(KEPT)) == ["8001", "8002-web"]
    assert set(states(NAMES, "", "", "").values()) == {Now(State.UNREGISTERED)}, "Asterisk has just started"


def test_the_last_fault_stays_until_there_is_a_newer_one() -> None:
    def later(s: float) -> datetime:
        return NOON + timedelta(seconds=s)

    here, away, gone = Now(State.REGISTERED), Now(State.UNREACHABLE), Now(State.UNREGISTERED)
    told = after(None, here, None, NOON)
    assert told == Told(here, NOON)
    told = after(told, away, None, later(10))
    assert told == Told(away, later(10), "unreachable", later(10))
    told = after(told, here, None, later(20))
    assert (told.since, told.fault, told.fault_at) == (later(20), "unreachable", later(10))
    told = after(told, here, ("secret 10.9.9.9", later(5)), later(30))
    assert told.fault == "unreachable", "an older one is no news"
    told = after(told, here, ("secret 10.9.9.9", later(35)), later(40))
    assert (told.since, told.fault) == (later(20), "secret 10.9.9.9")
    told = after(told, gone, None, later(50))
    assert told.fault == "unregistered"
    assert after(None, gone, None, NOON).fault is None, "a telephone that was never there has lost nothing"
