"""trunks, classes of service, seats that are taken out of service, and what the PBX says of each"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.create_table(
        "telephony",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_telephony_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony")),
    )
    op.execute("INSERT INTO telephony (id) VALUES (1)")
    op.create_table(
        "telephony_applied",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_telephony_applied")),
    )
    op.create_table(
        "class_of_service",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kinds", TEXTS, nullable=False),
        sa.CheckConstraint(
            "kinds <@ ARRAY['mobile', 'fixed', 'local', 'service']", name=op.f("ck_class_of_service_kinds")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_class_of_service")),
    )
    _trunk()
    op.create_table(
        "endpoint_state",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("rtt_ms", sa.Float(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("fault_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("node", "endpoint", name=op.f("pk_endpoint_state")),
    )
    op.add_column("seat", sa.Column("class_name", sa.Text(), nullable=True))
    op.add_column("seat", sa.Column("retired_at", AT, nullable=True))
    op.create_foreign_key(
        op.f("fk_seat_class_name_class_of_service"), "seat", "class_of_service", ["class_name"], ["name"]
    )


def _trunk() -> None:
    op.create_table(
        "trunk",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("addresses", TEXTS, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("codecs", TEXTS, server_default=sa.text("'{alaw,ulaw}'"), nullable=False),
        sa.Column("channel_limit", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("kind IN ('settings', 'address', 'registration')", name=op.f("ck_trunk_kind")),
        sa.CheckConstraint("(kind = 'settings') = (name = 'main')", name=op.f("ck_trunk_main")),
        sa.CheckConstraint(
            "(kind = 'registration') = (username IS NOT NULL AND secret IS NOT NULL)", name=op.f("ck_trunk_registers")
        ),
        sa.CheckConstraint("(kind = 'settings') = (host IS NULL)", name=op.f("ck_trunk_host")),
        sa.CheckConstraint("channel_limit BETWEEN 1 AND 100000", name=op.f("ck_trunk_channel_limit")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trunk")),
    )
    op.execute("INSERT INTO trunk (name, title, kind, position) VALUES ('main', '', 'settings', 0)")


def downgrade() -> None:
    op.drop_constraint(op.f("fk_seat_class_name_class_of_service"), "seat", type_="foreignkey")
    op.drop_column("seat", "retired_at")
    op.drop_column("seat", "class_name")
    for table in ("endpoint_state", "trunk", "class_of_service", "telephony_applied", "telephony"):
        op.drop_table(table)
