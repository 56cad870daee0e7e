"""users: agent numbers that belong to one person, a supervisor's queues; versions of prompts; a site's policies"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _users()


def _users() -> None:
    op.add_column(
        "account", sa.Column("queues", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.create_table(
        "agent_number",
        sa.Column("agent_no", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_agent_number_account_id_account")),
        sa.PrimaryKeyConstraint("agent_no", name=op.f("pk_agent_number")),
    )
    op.execute("INSERT INTO agent_number SELECT agent_no, id FROM account WHERE agent_no IS NOT NULL")
    op.execute(
        """CREATE FUNCTION keep_agent_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.agent_no IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO agent_number (agent_no, account_id) VALUES (NEW.agent_no, NEW.id) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM agent_number WHERE agent_no = NEW.agent_no AND account_id = NEW.id) THEN
        RAISE unique_violation USING MESSAGE = 'an agent number belongs to one person for ever';
    END IF;
    RETURN NULL;
END $$"""
    )
    op.execute(
        "CREATE TRIGGER keep_agent_number AFTER INSERT OR UPDATE OF agent_no ON account"
        " FOR EACH ROW EXECUTE FUNCTION keep_agent_number()"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON agent_number"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_agent_number ON account")
    op.execute("DROP FUNCTION keep_agent_number")
    op.drop_table("agent_number")
    op.drop_column("account", "queues")
