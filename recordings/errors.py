"""Errors of keeping and playing recordings.

RecordingError
├── StoreAway       the store refuses or is too slow; the spool keeps the audio
├── StoreMismatch   what the store gives back is not what it was given; the spool keeps the audio
├── WorkFull        no room for the encoded copy
├── EncoderFailed   the encoder died of this file, or could not read it
├── SpoolTaken      another worker has this spool
├── BadStore        the store's URL cannot be used
├── RecordingGone   a row names an object that the store does not have
├── BadRange        bytes were asked for that the recording does not have
├── FormRefused     a form of scores that cannot be used
├── FormNotFound    no such form, or not its newest version
├── ScoreRefused    answers that do not fit the form
├── NoAgentInIt     the agent to be scored had no part in the call
├── OwnRecording    nobody scores oneself
├── AlreadyScored   there is a score: only an appeal adds one
├── ScoreNotFound   no such score
├── ScoreNotYours   only the agent who was scored appeals
├── AlreadyAppealed this score was appealed against before
├── AppealNotFound  no such appeal
├── AppealAnswered  somebody has answered it
├── SameScorer      an appeal is answered by somebody who has not scored this recording
├── ShelfNotFound   nothing of this id on the shelf
├── OnShelf         it stands there already
├── ShelfRefused    a confidential case's, or without audio
└── ExportFailed    the copy could not be made
"""

from __future__ import annotations

from models.errors import Broken, LianxinError, Refused, Unavailable


class RecordingError(LianxinError):
    code = "recording.error"


class StoreAway(RecordingError, Unavailable):
    code = "recording.store_away"


class StoreMismatch(RecordingError, Unavailable):
    code = "recording.store_mismatch"


class WorkFull(RecordingError, Unavailable):
    code = "recording.work_full"


class EncoderFailed(RecordingError, Broken):
    code = "recording.encoder_failed"


class SpoolTaken(RecordingError, Unavailable):
    code = "recording.spool_taken"


class BadStore(RecordingError, Refused):
    code = "recording.bad_store"


class RecordingGone(RecordingError, Broken):
    code = "recording.gone"


class BadRange(RecordingError, Refused):
    code = "recording.bad_range"


class FormRefused(RecordingError, Refused):
    code = "score.bad_form"


class FormNotFound(RecordingError, Refused):
    code = "score.form_not_found"


class ScoreRefused(RecordingError, Refused):
    """``fields["question"]``: the key of the first one that does not fit."""

    code = "score.bad_answers"


class NoAgentInIt(RecordingError, Refused):
    code = "score.no_agent"


class OwnRecording(RecordingError, Refused):
    code = "score.own"


class AlreadyScored(RecordingError, Refused):
    code = "score.taken"


class ScoreNotFound(RecordingError, Refused):
    code = "score.not_found"


class ScoreNotYours(RecordingError, Refused):
    code = "score.not_yours"


class AlreadyAppealed(RecordingError, Refused):
    code = "appeal.taken"


class AppealNotFound(RecordingError, Refused):
    code = "appeal.not_found"


class AppealAnswered(RecordingError, Refused):
    code = "appeal.answered"


class SameScorer(RecordingError, Refused):
    code = "appeal.same_scorer"


class ShelfNotFound(RecordingError, Refused):
    code = "shelf.not_found"


class OnShelf(RecordingError, Refused):
    code = "shelf.taken"


class ShelfRefused(RecordingError, Refused):
    code = "shelf.refused"


class ExportFailed(RecordingError, Broken):
    code = "recording.export_failed"
