"""alarms that are acknowledged"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_CODES = "'number.not_allowed', 'number.invalid', 'number.daily_cap', 'line.seat_dialled', 'line.trunk_dialled'"
_KEEP = """
CREATE FUNCTION keep_alarm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.acknowledged_at IS NULL
       AND (NEW.id, NEW.node, NEW.at, NEW.code, NEW.who, NEW.account_id, NEW.detail)
           IS NOT DISTINCT FROM (OLD.id, OLD.node, OLD.at, OLD.code, OLD.who, OLD.account_id, OLD.detail) THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'an alarm is acknowledged once, and nothing else of it changes';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.CheckConstraint(f"code IN ({_CODES})", name=op.f("ck_alarm_code")),
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name=op.f("ck_alarm_acknowledged")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_alarm_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index("ix_alarm_open", "alarm", ["code", "who"], postgresql_where=sa.text("acknowledged_at IS NULL"))
    op.create_index("ix_alarm_at", "alarm", ["at"])
    op.execute(_KEEP)
    op.execute("CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON alarm FOR EACH ROW EXECUTE FUNCTION keep_alarm()")


def downgrade() -> None:
    op.drop_index("ix_alarm_at", table_name="alarm")
    op.drop_index("ix_alarm_open", table_name="alarm")
    op.drop_table("alarm")
    op.execute("DROP FUNCTION keep_alarm()")
