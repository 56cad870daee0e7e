"""ears: who listened to which call; one take-over of a call at a time"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ear",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("leg_no", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "ended_by IN ('switched', 'hung_up', 'stopped', 'call_over', 'telephone_gone', 'lost', 'unknown')",
            name=op.f("ck_ear_ended_by"),
        ),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_ear_order")),
        sa.CheckConstraint("mode IN ('listen','whisper','barge')", name=op.f("ck_ear_mode")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_ear_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ear")),
    )
    op.create_index(op.f("ix_ear_call_id"), "ear", ["call_id"], unique=False)
    op.create_index("ix_ear_started_at", "ear", ["started_at"], unique=False)
    op.create_index(
        "ix_command_take_over",
        "command",
        [sa.text("(args ->> 'call_id')")],
        unique=True,
        postgresql_where=sa.text("kind = 'call.take_over' AND ended_at IS NULL"),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ear FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_index("ix_command_take_over", table_name="command")
    op.drop_index("ix_ear_started_at", table_name="ear")
    op.drop_index(op.f("ix_ear_call_id"), table_name="ear")
    op.drop_table("ear")
