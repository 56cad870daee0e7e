"""the audit is found by who, what and when without reading all of it"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_account_id", "audit", ["account_id", "id"])
    op.create_index(
        "ix_audit_action", "audit", ["action", "id"], postgresql_ops={"action": "text_pattern_ops"}
    )  # fmt: skip
    op.create_index("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    for name in ("ix_audit_at", "ix_audit_action", "ix_audit_account_id"):
        op.drop_index(name, "audit")
