"""people to call back are found in the order in which they are called; an alarm for a desk without sound"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('open', 'taken')")
_BEFORE = (
    "'number.not_allowed', 'number.invalid', 'number.daily_cap', 'line.seat_dialled', 'line.trunk_dialled',"
    " 'line.seat_silent'"
)


def upgrade() -> None:
    op.create_index(
        "ix_unreached_turn", "unreached", [sa.text("(kind <> 'call_back')"), "since_at"], postgresql_where=_OPEN
    )
    op.drop_index("ix_unreached_open", "unreached")
    op.drop_constraint(op.f("ck_alarm_code"), "alarm")
    op.create_check_constraint(op.f("ck_alarm_code"), "alarm", f"code IN ({_BEFORE}, 'line.desk_silent')")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_alarm_code"), "alarm")
    # Not for the rows that are there: an alarm is never removed.
    op.create_check_constraint(op.f("ck_alarm_code"), "alarm", f"code IN ({_BEFORE})", postgresql_not_valid=True)
    op.create_index("ix_unreached_open", "unreached", ["since_at"], postgresql_where=_OPEN)
    op.drop_index("ix_unreached_turn", "unreached")
