"""unreached people: what a citizen asked of the line, one row for each number and day, and its history"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OUTCOMES = "'open', 'answered', 'abandoned', 'left_early', 'refused_full', 'refused_no_agent', 'timed_out', 'denied', 'lost', 'internal', 'not_reached'"
_OPEN = sa.text("state IN ('open', 'taken')")


def _outcomes(listed: str) -> None:
    op.drop_constraint(op.f("ck_call_outcome"), "call")
    op.create_check_constraint(op.f("ck_call_outcome"), "call", f"outcome IN ({listed})")


def upgrade() -> None:
    _outcomes(f"{_OUTCOMES}, 'asked_back'")
    op.create_table(
        "wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('call_back', 'voicemail')", name=op.f("ck_wish_kind")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_wish_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("call_id", "kind", name=op.f("uq_wish_call_id")),
    )
    op.create_table(
        "unreached",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("callable", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("waited_s", sa.Double(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("call_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("last_outcome", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("command_id", sa.Uuid(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('abandoned', 'refused', 'voicemail', 'call_back')", name=op.f("ck_unreached_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'taken', 'done', 'cleared', 'expired')", name=op.f("ck_unreached_state")),
        sa.CheckConstraint(
            "end_reason IN ('reached', 'no_answer', 'not_wanted', 'listened')", name=op.f("ck_unreached_end_reason")
        ),
        sa.CheckConstraint("attempts >= 0 AND tries >= 0", name=op.f("ck_unreached_counts")),
        sa.CheckConstraint("first_at <= last_at", name=op.f("ck_unreached_order")),
        sa.CheckConstraint(
            "(state = 'taken') = (taken_by IS NOT NULL AND taken_until IS NOT NULL)", name=op.f("ck_unreached_taken")
        ),
        sa.CheckConstraint("(state = 'done') = (end_reason IS NOT NULL)", name=op.f("ck_unreached_done")),
        sa.CheckConstraint("(ended_at IS NULL) = (state IN ('open', 'taken'))", name=op.f("ck_unreached_ended")),
        sa.CheckConstraint("callable OR state <> 'taken'", name=op.f("ck_unreached_callable")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_unreached_command_id_command")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreached")),
        sa.UniqueConstraint("number", "day", name=op.f("uq_unreached_number")),
    )
    op.create_index(
        "uq_unreached_taken", "unreached", ["number"], unique=True, postgresql_where=sa.text("state = 'taken'")
    )
    op.create_index("ix_unreached_open", "unreached", ["since_at"], postgresql_where=_OPEN)
    op.create_table(
        "unreached_event",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("unreached_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["unreached_id"], ["unreached.id"], name=op.f("fk_unreached_event_unreached_id_unreached")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreached_event")),
    )
    op.create_index(op.f("ix_unreached_event_unreached_id"), "unreached_event", ["unreached_id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON unreached_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("unreached_event")
    op.drop_table("unreached")
    op.drop_table("wish")
    _outcomes(_OUTCOMES)
