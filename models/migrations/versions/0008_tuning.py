"""queues, numbers, skills and the seat plan as versions"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = "('queue', 'number', 'skills', 'seat_plan')"
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tuning",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", AT, server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("undo_of", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_tuning_kind")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_tuning_revision")),
        sa.CheckConstraint("undo_of >= 0 AND undo_of < revision", name=op.f("ck_tuning_undo_of")),
        sa.PrimaryKeyConstraint("kind", "subject", "revision", name=op.f("pk_tuning")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tuning FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "tuning_in_force",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("refused_revision", sa.Integer(), nullable=True),
        sa.Column("refused_code", sa.Text(), nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_tuning_in_force_kind")),
        sa.CheckConstraint(
            "(refused_revision IS NULL) = (refused_code IS NULL)", name=op.f("ck_tuning_in_force_refused")
        ),
        sa.PrimaryKeyConstraint("node", "kind", "subject", name=op.f("pk_tuning_in_force")),
    )


def downgrade() -> None:
    op.drop_table("tuning_in_force")
    op.drop_table("tuning")
