"""The address book: agencies (承办单位) in three levels, and which of their numbers has duty when."""

from __future__ import annotations

import uuid
from datetime import time

from sqlalchemy import CheckConstraint, ForeignKey, Index, Time, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UuidPk


class Agency(Base):
    __tablename__ = "agency"
    id: Mapped[UuidPk]
    name_zh: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str]
    initials: Mapped[str]  # pinyin initials, "shjj"
    parent: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agency.id"))
    active: Mapped[bool] = mapped_column(server_default=true())
    sort: Mapped[int] = mapped_column(server_default="0")


class AgencyNumber(Base):
    """One telephone of an agency and its hours in the site's time zone. Without hours it has duty all day."""

    __tablename__ = "agency_number"
    __table_args__ = (
        CheckConstraint("weekdays ~ '^[1-7]{1,7}$'", name="weekdays"),
        # A span of hours has both ends; one that ends before it begins goes over midnight.
        CheckConstraint("(from_time IS NULL) = (to_time IS NULL)", name="hours"),
        CheckConstraint("number ~ '^[0-9]{3,12}$'", name="number"),
        Index("ix_agency_number_number", "number"),
    )
    id: Mapped[UuidPk]
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    label: Mapped[str]  # "值班电话"
    number: Mapped[str]  # digits as they are dialled
    weekdays: Mapped[str] = mapped_column(server_default="1234567")  # ISO: 1 is Monday; the day on which a span begins
    from_time: Mapped[time | None] = mapped_column(Time())
    to_time: Mapped[time | None] = mapped_column(Time())
    sort: Mapped[int] = mapped_column(server_default="0")
