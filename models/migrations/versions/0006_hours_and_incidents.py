"""hours and incidents"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PROFILES = "('day', 'night', 'weekend', 'holiday', 'surge')"
OVERFLOWS = "('message', 'duty', 'queue', 'voicemail', 'callback')"
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("name_en", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("kind IN ('workday', 'weekend', 'holiday', 'make_up')", name=op.f("ck_calendar_day_kind")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "line_hours",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_line_hours_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_hours")),
    )
    op.create_table(
        "line_sound",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("wav", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("created_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_sound")),
        sa.UniqueConstraint("sha256", name=op.f("uq_line_sound_sha256")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON line_sound FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "line_profile",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("max_waiting", sa.Integer(), nullable=False),
        sa.Column("max_wait_s", sa.Integer(), nullable=False),
        sa.Column("opening_text", sa.Text(), server_default="", nullable=False),
        sa.Column("sound_id", sa.Uuid(), nullable=True),
        *(
            sa.Column(name, sa.Text(), server_default=default, nullable=False)
            for on in ("on_full", "on_no_agent", "on_too_long")
            for name, default in ((on, "message"), (f"{on}_to", ""))
        ),
        sa.CheckConstraint(f"name IN {PROFILES}", name=op.f("ck_line_profile_name")),
        sa.CheckConstraint("max_waiting BETWEEN 1 AND 10000", name=op.f("ck_line_profile_max_waiting")),
        sa.CheckConstraint("max_wait_s BETWEEN 1 AND 86400", name=op.f("ck_line_profile_max_wait_s")),
        *(
            sa.CheckConstraint(f"{on} IN {OVERFLOWS}", name=op.f(f"ck_line_profile_{on}"))
            for on in ("on_full", "on_no_agent", "on_too_long")
        ),
        sa.ForeignKeyConstraint(["sound_id"], ["line_sound.id"], name=op.f("fk_line_profile_sound_id_line_sound")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_line_profile")),
    )
    op.create_table(
        "line_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("created_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.Column("until", AT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(f"profile IN {PROFILES}", name=op.f("ck_line_override_profile")),
        sa.CheckConstraint("until > created_at", name=op.f("ck_line_override_until")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_line_override_ended")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_override")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("prefixes", sa.Text(), nullable=True),
        sa.Column("sound_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_incident_ended")),
        sa.CheckConstraint("(area IS NULL) = (prefixes IS NULL)", name=op.f("ck_incident_area")),
        sa.ForeignKeyConstraint(["sound_id"], ["line_sound.id"], name=op.f("fk_incident_sound_id_line_sound")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("number", name=op.f("uq_incident_number")),
    )
    op.create_index("ix_incident_open", "incident", ["started_at"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "call_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('profile', 'overflow', 'incident_heard', 'incident_joined')", name=op.f("ck_call_step_kind")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_step_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_step")),
    )
    op.create_index("ix_call_step_call_id", "call_step", ["call_id"])
    op.create_index("ix_call_step_kind_value", "call_step", ["kind", "value", "at"])
    _begin_with_plain_hours()


def _begin_with_plain_hours() -> None:
    """The line as it was before anybody tuned it: the same in every profile."""
    op.execute(
        """INSERT INTO line_hours (id, hours) VALUES (1, '{"workday": [[0, "night"], [480, "day"], [1080, "night"]],
        "weekend": [[0, "weekend"]], "holiday": [[0, "holiday"]]}')"""
    )
    op.execute(
        "INSERT INTO line_profile (name, max_waiting, max_wait_s) "
        "SELECT name, 100, 1800 FROM unnest(ARRAY['day', 'night', 'weekend', 'holiday', 'surge']) AS name"
    )


def downgrade() -> None:
    for table in (
        "call_step", "incident", "line_override", "line_profile", "line_sound", "line_hours", "calendar_day"
    ):  # fmt: skip
        op.drop_table(table)
