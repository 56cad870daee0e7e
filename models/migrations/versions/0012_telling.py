"""what is said to all of an incident"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telling",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("sound_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(stopped_at IS NULL) = (stopped_by IS NULL)", name=op.f("ck_telling_stopped")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_telling_incident_id_incident")),
        sa.ForeignKeyConstraint(["sound_id"], ["line_sound.id"], name=op.f("fk_telling_sound_id_line_sound")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
    )
    op.create_index("ix_telling_incident", "telling", ["incident_id", "asked_at"])
    op.create_table(
        "told",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("telling_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'calling', 'told', 'missed', 'stopped')", name=op.f("ck_told_state")),
        sa.ForeignKeyConstraint(["telling_id"], ["telling.id"], name=op.f("fk_told_telling_id_telling")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told")),
        sa.UniqueConstraint("telling_id", "number", name=op.f("uq_told_telling_id")),
    )
    op.create_index("ix_told_open", "told", ["next_at"], postgresql_where=sa.text("state IN ('waiting', 'calling')"))


def downgrade() -> None:
    op.drop_table("told")
    op.drop_table("telling")
