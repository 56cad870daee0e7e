"""Errors of reading the PBX's journal.

BadLine   a line that is not what the PBX writes: set aside in dead_letter, the next one is read
Refused   the database (or the interpretation) does not take a row of this batch: the batch is split until it is found
Moved     somebody else moved our position: two readers for one node; read it again
"""

from __future__ import annotations

from models.errors import Broken, Unavailable


class BadLine(Broken):
    """``detail`` is the reason, without the line's content (it may hold personal data)."""

    code = "journal.bad_line"


class RowRefused(Broken):
    """A row that PostgreSQL or the interpretation will never take, however often it is asked."""

    code = "journal.row_refused"


class PositionMoved(Unavailable):
    """The stored position is not the one we left there: another reader is at work on this node."""

    code = "journal.position_moved"
