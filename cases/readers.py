"""Who reads: what a question about cases must know of the person asking. Rights themselves are decided at the edge."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, true

from cases.errors import CaseConfidential
from models.case import Case


@dataclass(frozen=True, slots=True)
class Reader:
    account_id: uuid.UUID
    sees_confidential: bool

    def visible(self) -> ColumnElement[bool]:
        """The WHERE clause that leaves out what this reader may not see."""
        if self.sees_confidential:
            return true()
        return or_(~Case.confidential, Case.account_id == self.account_id)

    def check(self, case: Case) -> None:
        """Raises: CaseConfidential."""
        if case.confidential and not self.sees_confidential and case.account_id != self.account_id:
            raise CaseConfidential
