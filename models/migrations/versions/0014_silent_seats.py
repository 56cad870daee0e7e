"""an alarm for a seat that sent no sound"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BEFORE = "'number.not_allowed', 'number.invalid', 'number.daily_cap', 'line.seat_dialled', 'line.trunk_dialled'"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_alarm_code"), "alarm")
    op.create_check_constraint(op.f("ck_alarm_code"), "alarm", f"code IN ({_BEFORE}, 'line.seat_silent')")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_alarm_code"), "alarm")
    # Not for the rows that are there: an alarm is never removed.
    op.create_check_constraint(op.f("ck_alarm_code"), "alarm", f"code IN ({_BEFORE})", postgresql_not_valid=True)
