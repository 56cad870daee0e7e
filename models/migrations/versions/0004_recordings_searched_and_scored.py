"""recordings searched, scored, shelved and exported"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")
# The form that comes with the house: weights of 100 in all, each question worth up to so many points.
DEFAULT_ID = "5c0e0f00-0000-4000-8000-000000000001"
DEFAULT = [
    {"key": "greeting", "zh": "开头语与自报家门", "en": "Greeting and introduction", "weight": 10, "most": 2},
    {"key": "listening", "zh": "倾听与确认诉求", "en": "Listens and checks what is wanted", "weight": 20, "most": 5},
    {"key": "attitude", "zh": "服务态度", "en": "Attitude", "weight": 20, "most": 5},
    {"key": "knowledge", "zh": "政策与业务准确性", "en": "Right about rules and facts", "weight": 20, "most": 5},
    {
        "key": "record",
        "zh": "要素记录完整（时间、地点、事项）",
        "en": "Writes down when, where, what",
        "weight": 20,
        "most": 5,
    },
    {"key": "closing", "zh": "结束语与去向告知", "en": "Closing: says what happens next", "weight": 10, "most": 2},
]

# An appeal is answered for the same recording and agent, by somebody who has not scored it yet.
ANOTHER_SCORER = """
CREATE FUNCTION score_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.appeal_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM score_appeal a JOIN score s ON s.id = a.score_id
        WHERE a.id = NEW.appeal_id AND s.recording_id = NEW.recording_id AND s.agent_no = NEW.agent_no
    ) THEN
        RAISE EXCEPTION 'this appeal is of another recording or agent' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM score s WHERE s.recording_id = NEW.recording_id AND s.agent_no = NEW.agent_no
        AND s.account_id = NEW.account_id
    ) THEN
        RAISE EXCEPTION 'an appeal is answered by somebody else' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
APPEND_ONLY = ("score_form", "score", "score_appeal", "recording_export")
INDEXES = (
    ("ix_recording_not_complete", "recording", ["state", "created_at"], "state <> 'complete'"),
    ("ix_recording_undeletable", "recording", ["created_at"], "undeletable"),
    ("ix_recording_duration_s", "recording", ["duration_s"], None),
    ("ix_call_queue_started_at", "call", ["queue", "started_at"], None),
    ("ix_call_called_out", "call", ["called", "started_at"], "direction = 'outbound'"),
    ("ix_call_satisfaction", "call", ["satisfaction", "started_at"], "satisfaction IS NOT NULL"),
    ("ix_leg_outside_number", "leg", ["number"], "party = 'outside'"),
    ("ix_leg_agent_no", "leg", ["agent_no", "started_at"], "answered_at IS NOT NULL"),
    ("ix_case_category", "case", ["category", "created_at"], None),
)


def upgrade() -> None:
    _scores()
    _shelf_and_exports()
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, unique=False, postgresql_where=sa.text(where) if where else None)
    op.execute(ANOTHER_SCORER)
    op.execute(
        "CREATE TRIGGER score_by_another BEFORE INSERT ON score FOR EACH ROW EXECUTE FUNCTION score_by_another()"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        sa.text(
            "INSERT INTO score_form (id, code, version, name_zh, name_en, questions)"
            " VALUES (CAST(:id AS uuid), 'service', 1, '通用服务质量', 'Quality of service', CAST(:questions AS jsonb))"
        ).bindparams(id=DEFAULT_ID, questions=json.dumps(DEFAULT, ensure_ascii=False))
    )


def _scores() -> None:
    op.create_table(
        "score_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("questions", postgresql.JSONB(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_score_form_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_form")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_score_form_code")),
    )
    op.create_table(
        "score",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("total BETWEEN 0 AND 100", name=op.f("ck_score_total")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_score_account_id_account")),
        sa.ForeignKeyConstraint(["form_id"], ["score_form.id"], name=op.f("fk_score_form_id_score_form")),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_score_recording_id_recording")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("appeal_id", name=op.f("uq_score_appeal_id")),
    )
    op.create_index(
        "uq_score_first", "score", ["recording_id", "agent_no"], unique=True,
        postgresql_where=sa.text("appeal_id IS NULL"),
    )  # fmt: skip
    op.create_index("ix_score_agent_no_at", "score", ["agent_no", "at"], unique=False)
    op.create_index("ix_score_at", "score", ["at"], unique=False)
    op.create_table(
        "score_appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("score_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_score_appeal_account_id_account")),
        sa.ForeignKeyConstraint(["score_id"], ["score.id"], name=op.f("fk_score_appeal_score_id_score")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_appeal")),
        sa.UniqueConstraint("score_id", name=op.f("uq_score_appeal_score_id")),
    )
    op.create_foreign_key(op.f("fk_score_appeal_id_score_appeal"), "score", "score_appeal", ["appeal_id"], ["id"])


def _shelf_and_exports() -> None:
    op.create_table(
        "shelf_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removal", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL) AND (removed_at IS NULL) = (removal IS NULL)",
            name=op.f("ck_shelf_item_removed"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_shelf_item_account_id_account")),
        sa.ForeignKeyConstraint(["removed_by"], ["account.id"], name=op.f("fk_shelf_item_removed_by_account")),
        sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=op.f("fk_shelf_item_recording_id_recording")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_item")),
    )
    op.create_index(
        "uq_shelf_item_there", "shelf_item", ["recording_id"], unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "recording_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("audible_mark", sa.Boolean(), nullable=False),
        sa.CheckConstraint("format IN ('opus', 'wav')", name=op.f("ck_recording_export_format")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recording_export_account_id_account")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_recording_export_recording_id_recording")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_export")),
    )
    op.create_index(op.f("ix_recording_export_recording_id"), "recording_export", ["recording_id"], unique=False)
    op.add_column("recording_access", sa.Column("kind", sa.Text(), server_default="play", nullable=False))
    op.add_column("recording_access", sa.Column("export_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_recording_access_export_id_recording_export"), "recording_access", "recording_export",
        ["export_id"], ["id"],
    )  # fmt: skip
    op.create_check_constraint(op.f("ck_recording_access_kind"), "recording_access", "kind IN ('play', 'export')")
    op.create_check_constraint(
        op.f("ck_recording_access_export"), "recording_access", "(kind = 'export') = (export_id IS NOT NULL)"
    )


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_column("recording_access", "export_id")
    op.drop_column("recording_access", "kind")
    op.drop_table("recording_export")
    op.drop_table("shelf_item")
    op.drop_constraint("fk_score_appeal_id_score_appeal", "score", type_="foreignkey")
    op.drop_table("score_appeal")
    op.drop_table("score")
    op.drop_table("score_form")
    op.execute("DROP FUNCTION score_by_another")
