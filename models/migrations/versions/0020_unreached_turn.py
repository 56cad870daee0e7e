"""people to call back are found in the order in which they are called, however many they are"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('open', 'taken')")


def upgrade() -> None:
    op.create_index(
        "ix_unreached_turn", "unreached", [sa.text("(kind <> 'call_back')"), "since_at"], postgresql_where=_OPEN
    )
    op.drop_index("ix_unreached_open", "unreached")


def downgrade() -> None:
    op.create_index("ix_unreached_open", "unreached", ["since_at"], postgresql_where=_OPEN)
    op.drop_index("ix_unreached_turn", "unreached")
