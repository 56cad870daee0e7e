"""the feed's NOTIFY carries the rows where they fit"""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute((SQL / "0013_feed_told.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    before, end, _ = (SQL / "0001_feed.sql").read_text(encoding="utf-8").partition("END $$;")
    op.execute(before + end)
