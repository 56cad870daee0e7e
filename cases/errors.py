"""Errors of case work.

LianxinError
└── Refused
    ├── DraftStale          an older copy than the stored one; carries the stored draft
    ├── DraftNotYours       somebody else types it
    ├── DraftNotFound
    ├── DraftSubmitted      it became a case already; carries the case
    ├── CaseNotFound
    ├── CaseConfidential    only its agent, supervisors, administrators and auditors may read it
    ├── CaseIncomplete      fields are missing or unknown; carries them
    ├── AgencyNotFound, ConferenceNotFound
    ├── PromiseTaken        the client's id is another promise's
    ├── FlagNotFound, FlagEnded (lapsed or lifted)
    ├── DangerNotFound, DangerEnded
    ├── TuningNotFound, TuningMeanwhile, TuningNeeded, TuningUnconfirmed
    ├── AreaUnknown, IncidentNotFound, IncidentEnded, SoundNotFound, ProfileNotFound, OverrideEnd
    ├── PromptNotFound, PromptVersionNotFound
    ├── CallbackNotFound, CallbackEnded (reached, cleared, closed, or a number that nobody can call)
    ├── CallbackTaken       another agent has this citizen
    ├── CallbackNotYours
    ├── CallbackNotNow      citizens wait in the queue, and they are first
    ├── NoCallback          nobody is owed a call now
    ├── SeatNotFound, SeatTaken, SeatOccupied, TrunkNotFound, ClassNotFound, ClassInUse
    └── BadCursor           a page cursor that this server never gave out
"""

from __future__ import annotations

from models.errors import Refused


class DraftStale(Refused):
    code = "draft.stale"


class DraftNotYours(Refused):
    code = "draft.not_yours"


class DraftNotFound(Refused):
    code = "draft.not_found"


class DraftSubmitted(Refused):
    code = "draft.submitted"


class CaseNotFound(Refused):
    code = "case.not_found"


class CaseConfidential(Refused):
    code = "case.confidential"


class CaseIncomplete(Refused):
    """``fields["errors"]``: list of (field, code)."""

    code = "case.incomplete"


class AgencyNotFound(Refused):
    code = "agency.not_found"


class ConferenceNotFound(Refused):
    code = "conference.not_found"


class PromiseTaken(Refused):
    code = "promise.id_taken"


class FlagNotFound(Refused):
    code = "flag.not_found"


class FlagEnded(Refused):
    """It has lapsed or was lifted: there is nothing to appeal against or to lift."""

    code = "flag.ended"


class DangerNotFound(Refused):
    code = "danger.not_found"


class DangerEnded(Refused):
    code = "danger.ended"


class CallbackNotFound(Refused):
    code = "callback.not_found"


class CallbackEnded(Refused):
    code = "callback.ended"


class CallbackTaken(Refused):
    code = "callback.taken"


class CallbackNotYours(Refused):
    code = "callback.not_yours"


class CallbackNotNow(Refused):
    code = "callback.not_now"


class NoCallback(Refused):
    code = "callback.none"


class BadCursor(Refused):
    code = "page.bad_cursor"


class AreaUnknown(Refused):
    """The numbering plan has no number that is registered there: nobody would hear the announcement."""

    code = "incident.area_unknown"


class IncidentNotFound(Refused):
    code = "incident.not_found"


class IncidentEnded(Refused):
    code = "incident.ended"


class IncidentNobody(Refused):
    """Nobody was added to it whose number is known."""

    code = "incident.nobody"


class TellingNoLine(Refused):
    """Every trunk carries one call at a time: half of none is left for anybody but citizens."""

    code = "incident.no_line"


class IncidentTelling(Refused):
    """Its callers are being told something already."""

    code = "incident.telling"


class TellingNotFound(Refused):
    """Nobody is being told anything just now."""

    code = "incident.not_telling"


class PromptNotFound(Refused):
    code = "prompt.not_found"


class PromptVersionNotFound(Refused):
    code = "prompt.version_not_found"


class SoundNotFound(Refused):
    code = "sound.not_found"


class ProfileNotFound(Refused):
    code = "hours.profile_not_found"


class OverrideEnd(Refused):
    """``fields["hours"]``: the longest that a supervisor's word holds against the plan."""

    code = "hours.override_end"


class TuningNotFound(Refused):
    """No such queue, number or agent, or no such version of it."""

    code = "tuning.not_found"


class TuningMeanwhile(Refused):
    """Somebody else changed it since it was read; ``fields["by"]``: who."""

    code = "tuning.meanwhile"


class TuningNeeded(Refused):
    """It cannot go as long as something leads there; ``fields["by"]``: what."""

    code = "tuning.needed"


class TuningUnconfirmed(Refused):
    """``fields["warnings"]``: what the change would do. Asked again with a yes, it is done."""

    code = "tuning.unconfirmed"


class SeatNotFound(Refused):
    """No such seat, or out of service."""

    code = "seat.not_found"


class SeatTaken(Refused):
    """There is one of that number in service."""

    code = "seat.taken"


class SeatOccupied(Refused):
    """Somebody is signed in there."""

    code = "seat.occupied"


class TrunkNotFound(Refused):
    code = "trunk.not_found"


class ClassNotFound(Refused):
    code = "class.not_found"


class ClassInUse(Refused):
    """Seats have it."""

    code = "class.in_use"
