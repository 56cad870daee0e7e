"""help and order: hands raised, words to agents"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("desk_message", "message_read")


def upgrade() -> None:
    op.create_table(
        "hand_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_hand_up_answered")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_hand_up_ended")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hand_up_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_up")),
    )
    op.create_index(
        "uq_hand_up_open", "hand_up", ["agent_no"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("ix_hand_up_raised_at", "hand_up", ["raised_at"], unique=False)
    op.create_table(
        "desk_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("to_agent", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("text <> '' OR command IS NOT NULL", name=op.f("ck_desk_message_says_something")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_desk_message_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_message")),
    )
    op.create_index("ix_desk_message_at", "desk_message", ["at"], unique=False)
    op.create_table(
        "message_read",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_read_account_id_account")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["desk_message.id"], name=op.f("fk_message_read_message_id_desk_message")
        ),
        sa.PrimaryKeyConstraint("message_id", "account_id", name=op.f("pk_message_read")),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("message_read")
    op.drop_index("ix_desk_message_at", table_name="desk_message")
    op.drop_table("desk_message")
    op.drop_index("ix_hand_up_raised_at", table_name="hand_up")
    op.drop_index("uq_hand_up_open", table_name="hand_up", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("hand_up")
