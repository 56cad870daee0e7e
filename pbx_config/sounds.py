"""The spoken prompts, by the names that Playback and queues.conf know; prompts.py makes each in every language."""

from __future__ import annotations

NOTICE = "lianxin/notice"
FULL = "lianxin/full"
NO_AGENT = "lianxin/no-agent"
TIMEOUT = "lianxin/timeout"
NOT_ALLOWED = "lianxin/not-allowed"
ALL_BUSY = "lianxin/all-busy"
NEXT = "lianxin/next"  # the citizen is the next one
AHEAD = "lianxin/ahead"  # said before the place in the queue
WAITING = "lianxin/waiting"  # said after it
NOTICE_CALLED = "lianxin/notice-called"  # to a citizen whom we called: who we are, and that we record
SURVEY = "lianxin/survey"  # 1 satisfied, 2 fair, 3 not satisfied, 0 back to a person
THANKS = "lianxin/thanks"
ABUSE_WARNING = "lianxin/abuse-warning"
ABUSE_END = "lianxin/abuse-end"
FLAGGED = "lianxin/flagged"  # to a flagged caller, before the queue
TO_DUTY = "lianxin/to-duty"  # to a citizen whom the line connects with the telephone on duty
INCIDENT_KEY = "lianxin/incident-key"  # after an incident's own words: press 1 to be added
INCIDENT_JOINED = "lianxin/incident-joined"
TRUNK_TEST = "lianxin/trunk-test"  # to whoever answers a test call
BACK_OFFER = "lianxin/back-offer"  # again and again while waiting: everybody is busy, a key asks to be called back
BACK_NUMBER = "lianxin/back-number"  # before the digits of the calling number
BACK_CONFIRM = "lianxin/back-confirm"  # after them: the same key once more
BACK_KEPT = "lianxin/back-kept"  # the place is kept, we call
BACK_WITHHELD = "lianxin/back-withheld"  # nobody can call a number that is not shown; back into the queue
BACK_STAYS = "lianxin/back-stays"  # not confirmed: back into the queue, in the same place
BACK_INSTEAD = "lianxin/back-instead"  # to whom the queue does not take: before the digits
BACK_INSTEAD_CONFIRM = "lianxin/back-instead-confirm"
VOICEMAIL_OFFER = "lianxin/voicemail-offer"
VOICEMAIL_SPEAK = "lianxin/voicemail-speak"
VOICEMAIL_KEPT = "lianxin/voicemail-kept"
