"""Cases as the wire tells them, and who reads them."""

from __future__ import annotations

from api.rights import Right
from api.schemas.calls import CallBrief, CaseBrief
from api.schemas.cases import Case, CaseEvent
from api.schemas.conferences import Conference, Promise
from api.viewer import Viewer
from cases.readers import Reader
from cases.search import CaseFile
from models.case import Case as CaseRow


def reader_of(viewer: Viewer) -> Reader:
    return Reader(viewer.account_id, viewer.may(Right.CASES_CONFIDENTIAL))


def case_brief(case: CaseRow) -> CaseBrief:
    return CaseBrief.model_validate(case)


def case_answer(file: CaseFile, calls: list[CallBrief], conferences: list[Conference], promises: list[Promise]) -> Case:
    case = file.case
    fields = {name: getattr(case, name) for name in Case.model_fields if hasattr(case, name)}
    return Case.model_validate(
        fields
        | {
            "calls": calls,
            "events": [CaseEvent.model_validate(e) for e in file.events],
            "follow_ups": [case_brief(c) for c in file.follow_ups],
            "conferences": conferences,
            "promises": promises,
        }
    )
