"""Keyset pages: a cursor names the last row shown, so that a page never shifts while rows are added."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime

from cases.errors import BadCursor


def cursor(at: datetime, row_id: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def parse_cursor(text: str) -> tuple[datetime, uuid.UUID]:
    """Raises: BadCursor."""
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode()
        at, _, row_id = raw.partition("|")
        stamp = datetime.fromisoformat(at)
        if stamp.tzinfo is None:
            raise BadCursor
        return stamp, uuid.UUID(row_id)
    except (ValueError, binascii.Error) as exc:
        raise BadCursor from exc
