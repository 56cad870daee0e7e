"""Telephony as an admin sets it (trunks, classes of service), and what the PBX last said of each endpoint."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, TextPk

MAIN_TRUNK = "main"  # the trunk of the settings: its addresses are not in the table


class Telephony(Base):
    """One row: a number that grows with every change of anything here, and of a seat."""

    __tablename__ = "telephony"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(server_default="1")


class TelephonyApplied(Base):
    """What a PBX has taken over: the version in force, or why the newest one is not."""

    __tablename__ = "telephony_applied"
    node: Mapped[TextPk]
    version: Mapped[int]
    at: Mapped[datetime]
    fault: Mapped[str | None]


class ClassOfService(Base):
    """Which kinds of numbers a seat may call beside open matters and the address book. Nobody ever calls abroad."""

    __tablename__ = "class_of_service"
    __table_args__ = (CheckConstraint("kinds <@ ARRAY['mobile', 'fixed', 'local', 'service']", name="kinds"),)
    name: Mapped[TextPk]
    title: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))


class Trunk(Base):
    """A way out of the house and in. Tried in the order of ``position``."""

    __tablename__ = "trunk"
    __table_args__ = (
        CheckConstraint("kind IN ('settings', 'address', 'registration')", name="kind"),
        CheckConstraint(f"(kind = 'settings') = (name = '{MAIN_TRUNK}')", name="main"),
        CheckConstraint("(kind = 'registration') = (username IS NOT NULL AND secret IS NOT NULL)", name="registers"),
        CheckConstraint("(kind = 'settings') = (host IS NULL)", name="host"),
        CheckConstraint("channel_limit BETWEEN 1 AND 100000", name="channel_limit"),
    )
    name: Mapped[TextPk]
    title: Mapped[str]
    kind: Mapped[str]
    host: Mapped[str | None]  # address and port of the carrier
    addresses: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))  # it calls us from these
    username: Mapped[str | None]
    secret: Mapped[str | None]
    codecs: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{alaw,ulaw}'"))
    channel_limit: Mapped[int | None]  # calls at once, both ways; none: nobody said
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default=text("true"))  # calls go out through it


class TrunkVersion(Base):
    """What a trunk was from a moment on. Never changed: undo is a new version equal to an old one."""

    __tablename__ = "trunk_version"
    __table_args__ = (
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("undo_of >= 0 AND undo_of < revision", name="undo_of"),
    )
    name: Mapped[TextPk]
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[dict[str, Any]]  # without its password; {}: not there (any more)
    secret: Mapped[str | None]  # comes back with an undo, and is in no answer
    at: Mapped[Created]
    by: Mapped[str]
    undo_of: Mapped[int | None]  # the revision that holds again; 0: nothing, as before the first


class EndpointState(Base):
    """What the PBX last said of a telephone or trunk. Written by cti only; the last fault outlives everybody."""

    __tablename__ = "endpoint_state"
    node: Mapped[TextPk]
    endpoint: Mapped[TextPk]
    state: Mapped[str]  # "registered", "unreachable", "unregistered", "rejected", "unchecked"
    since: Mapped[datetime]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    rtt_ms: Mapped[float | None]
    fault: Mapped[str | None]
    fault_at: Mapped[datetime | None]
