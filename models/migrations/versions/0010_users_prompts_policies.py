"""users: agent numbers that belong to one person, a supervisor's queues; versions of prompts; a site's policies"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _users()
    _prompts()
    op.create_table(
        "site_policy",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_site_policy")),
    )


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


def _prompts() -> None:
    op.create_table(
        "prompt_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sound_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("activated_at", AT, nullable=True),
        sa.Column("activated_by", sa.Text(), nullable=True),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_prompt_version_language")),
        sa.CheckConstraint("(activated_at IS NULL) = (activated_by IS NULL)", name=op.f("ck_prompt_version_activated")),
        sa.ForeignKeyConstraint(["sound_id"], ["line_sound.id"], name=op.f("fk_prompt_version_sound_id_line_sound")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_version")),
        sa.UniqueConstraint("language", "name", "sound_id", name=op.f("uq_prompt_version_language")),
    )
    op.create_index(
        "uq_prompt_version_active", "prompt_version", ["language", "name"], unique=True,
        postgresql_where=sa.text("active"),
    )  # fmt: skip
    op.create_table(
        "prompt_heard",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", AT, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("node", "language", "name", name=op.f("pk_prompt_heard")),
    )


def downgrade() -> None:
    op.drop_table("site_policy")
    op.drop_table("prompt_heard")
    op.drop_table("prompt_version")
    op.execute("DROP TRIGGER keep_agent_number ON account")
    op.execute("DROP FUNCTION keep_agent_number")
    op.drop_table("agent_number")
    op.drop_column("account", "queues")
