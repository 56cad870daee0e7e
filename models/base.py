"""The declarative base, the column types every table uses, and CHECK helpers."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, DateTime, MetaData, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        datetime: DateTime(timezone=True),
        str: Text,
        uuid.UUID: Uuid,
        dict[str, Any]: JSONB,
    }


UuidPk = Annotated[uuid.UUID, mapped_column(primary_key=True)]
TextPk = Annotated[str, mapped_column(primary_key=True)]
BigPk = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=True)]
Created = Annotated[datetime, mapped_column(server_default=func.now())]


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """CHECK that a text column holds one of an enum's values."""
    listed = ", ".join(f"'{v.value}'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
