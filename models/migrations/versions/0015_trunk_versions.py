"""trunks as versions: what each was, who made it so, and the way back"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trunk_version",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("undo_of", sa.Integer(), nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_trunk_version_revision")),
        sa.CheckConstraint("undo_of >= 0 AND undo_of < revision", name=op.f("ck_trunk_version_undo_of")),
        sa.PrimaryKeyConstraint("name", "revision", name=op.f("pk_trunk_version")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON trunk_version"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "INSERT INTO trunk_version (name, revision, value, secret, by)"
        " SELECT name, 1, to_jsonb(trunk) - ARRAY['name', 'kind', 'secret'], secret, 'lianxin' FROM trunk"
    )


def downgrade() -> None:
    op.drop_table("trunk_version")
