"""A site's policies: what an administrator decided otherwise than the installation's settings.

The whole history, with before and after, stands in the audit.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, TextPk


class SitePolicy(Base):
    __tablename__ = "site_policy"
    name: Mapped[TextPk]
    value: Mapped[Any] = mapped_column(JSONB)
    at: Mapped[datetime]
    by: Mapped[str]
