"""Who may do what: the one table of roles and rights."""

from __future__ import annotations

from enum import StrEnum

from models.account import Role


class Right(StrEnum):
    SIGN_IN = "sign_in"  # everybody with an account
    CATALOGUE = "catalogue"  # categories and districts
    LIVE = "live"  # the live picture: own agent and calls, queues, nodes
    LIVE_ALL = "live.all"  # … of everybody
    PHONE = "phone"  # telephone of a seat, commands for oneself
    CALLS = "calls"  # own calls, caller information
    CALLS_ALL = "calls.all"
    RECORDINGS = "recordings"  # of own calls
    RECORDINGS_ALL = "recordings.all"
    RECORDINGS_EXPORT = "recordings.export"  # a copy that leaves the house
    SHELF = "shelf"  # listen to what stands on the training shelf
    SHELF_KEEP = "shelf.keep"  # put on it, take off it
    SCORES = "scores"  # one's own; all with recordings.all
    SCORES_GIVE = "scores.give"  # score, and answer appeals
    SCORE_FORMS = "scores.forms"  # new versions of forms
    CASES = "cases"  # read and search what is not confidential, and one's own
    CASES_CONFIDENTIAL = "cases.confidential"
    CASES_WRITE = "cases.write"  # drafts and new cases
    SEATS = "seats"
    TARGETS = "targets"  # the address book, and what agencies did when they were asked
    DIAL_PLAN = "dial.plan"  # class of service: every number of the plan, not only open matters and the book
    DANGER = "danger"  # acknowledge and close a danger call
    HOURS = "hours"  # see the line's hours, make announcements
    HOURS_WRITE = "hours.write"  # calendar, plan, profiles
    TUNING = "tuning"  # see queues, numbers, skills and the seat plan, and who changed them
    TUNING_WRITE = "tuning.write"
    SURGE = "surge"  # another profile than the plan's, until a time
    INCIDENTS = "incidents"  # announce a known outage, see who was added
    EARS = "ears"  # listen to a call, whisper, barge in, take over
    EARS_LOG = "ears.log"  # who listened to which call, and when
    CAPACITY = "capacity"  # lines, seats and people of a day, and what-if
    CALLBACKS_ALL = "callbacks.all"  # call back out of turn, give back and close what others have in hand
    FLOOR = "floor"  # the wallboard: seats, queues, trunks, the day's numbers and the calls behind them
    SUPERVISE = "supervise"  # pause, ready, sign out another agent, end a stuck wrap-up; words to one or all; hands
    TELEPHONY = "telephony"  # telephones, trunks, classes of service, test calls
    POLICIES = "policies"  # what the site chose, and who changed it
    POLICIES_WRITE = "policies.write"
    PROMPTS = "prompts"  # what the line says: versions, which is played
    AUDIT = "audit"  # who did what, and whether the record of it is whole
    ACCOUNTS = "accounts"  # people: make, change, lock, new passwords
    FLAGS = "flags"  # decide what the line does with a number; lift it


_EVERYBODY = frozenset({Right.SIGN_IN, Right.CATALOGUE})
_DESK = _EVERYBODY | {
    Right.LIVE, Right.CALLS, Right.RECORDINGS, Right.SHELF, Right.SCORES, Right.CASES, Right.SEATS, Right.TARGETS,
}  # fmt: skip
_AGENT = _DESK | {Right.PHONE, Right.CASES_WRITE}
_SUPERVISOR = _AGENT | {
    Right.DIAL_PLAN, Right.DANGER, Right.CALLBACKS_ALL, Right.SUPERVISE, Right.FLAGS, Right.HOURS, Right.SURGE,
    Right.TUNING, Right.INCIDENTS, Right.EARS, Right.CAPACITY,
}  # fmt: skip
_QUALITY = frozenset({Right.RECORDINGS_EXPORT, Right.SHELF_KEEP, Right.SCORES_GIVE})
_OVERSIGHT = _DESK | {
    Right.LIVE_ALL, Right.FLOOR, Right.CALLS_ALL, Right.RECORDINGS_ALL, Right.CASES_CONFIDENTIAL, Right.EARS_LOG
}  # fmt: skip

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR | _OVERSIGHT | _QUALITY | {Right.SCORE_FORMS},
    Role.ADMIN: _OVERSIGHT
    | {
        Right.HOURS,
        Right.HOURS_WRITE,
        Right.SURGE,
        Right.SCORE_FORMS,
        Right.CAPACITY,
        Right.TUNING,
        Right.TUNING_WRITE,
        Right.TELEPHONY,
        Right.ACCOUNTS,
        Right.AUDIT,
        Right.PROMPTS,
        Right.POLICIES,
        Right.POLICIES_WRITE,
    },
    # reads and judges everything, changes nothing
    Role.AUDITOR: _OVERSIGHT | _QUALITY | {Right.CAPACITY, Right.TUNING, Right.POLICIES, Right.AUDIT},
    Role.AGENCY: _EVERYBODY,  # their rooms are built later; nothing of the phone half is theirs
    Role.LEADER: _EVERYBODY | {Right.CAPACITY},
}


def may(role: Role, right: Right) -> bool:
    return right in RIGHTS[role]
