"""first tables"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_event")),
    )
    op.create_index("ix_agent_event_agent_no_at", "agent_event", ["agent_no", "at"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("linkedid", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("called", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("agent_no", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("hold_s", sa.Double(), nullable=True),
        sa.Column("hung_up_by", sa.Text(), nullable=True),
        sa.Column("hangup_cause", sa.Integer(), nullable=True),
        sa.Column("repaired", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("anomalies", sa.Integer(), server_default="0", nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("satisfaction_agent_no", sa.Text(), nullable=True),
        sa.Column("from_police", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("stranded", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("direction IN ('inbound', 'outbound', 'internal')", name=op.f("ck_call_direction")),
        sa.CheckConstraint(
            "outcome IN ('open', 'answered', 'abandoned', 'left_early', 'refused_full', 'refused_no_agent', 'timed_out', 'denied', 'lost', 'internal', 'not_reached')",
            name=op.f("ck_call_outcome"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("node", "linkedid", name=op.f("uq_call_node")),
    )
    op.create_index("ix_call_agent_no_started_at", "call", ["agent_no", "started_at"], unique=False)
    op.create_index("ix_call_caller_started_at", "call", ["caller", "started_at"], unique=False)
    op.create_index("ix_call_open", "call", ["started_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index(op.f("ix_call_started_at"), "call", ["started_at"], unique=False)
    op.create_table(
        "case_day",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_case_day")),
    )
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("sort", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["category.code"], name=op.f("fk_category_parent_category")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
    )
    op.create_table(
        "cel_event",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("linkedid", sa.Text(collation="C"), nullable=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cel_event")),
        sa.UniqueConstraint("node", "file", "offset", name=op.f("uq_cel_event_node")),
    )
    op.create_index("ix_cel_event_linkedid", "cel_event", ["node", "linkedid"], unique=False)
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
        sa.UniqueConstraint("source", "node", "position", name=op.f("uq_dead_letter_source")),
    )
    op.create_table(
        "district",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("sort", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_district")),
    )
    op.create_table(
        "feed",
        sa.Column("seq", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("fact_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_feed")),
    )
    op.create_index(op.f("ix_feed_at"), "feed", ["at"], unique=False)
    op.create_table(
        "journal_position",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("node", "stream", name=op.f("pk_journal_position")),
    )
    op.create_table(
        "live",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("topic", "key", name=op.f("pk_live")),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_live_node", "live", ["node"], unique=False)
    op.create_table(
        "queue_log_event",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_log_event")),
        sa.UniqueConstraint("node", "file", "offset", name=op.f("uq_queue_log_event_node")),
    )
    op.create_index(
        "ix_queue_log_event_start",
        "queue_log_event",
        ["node", "at"],
        unique=False,
        postgresql_where=sa.text("event = 'QUEUESTART'"),
    )
    op.create_index("ix_queue_log_event_uniqueid", "queue_log_event", ["node", "uniqueid"], unique=False)
    op.create_table(
        "recording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("linkedid", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("silent_left", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("silent_right", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("repaired", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("store_key", sa.Text(), nullable=True),
        sa.Column("peaks_key", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("undeletable", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("pauses", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('complete', 'short', 'missing')", name=op.f("ck_recording_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("call_id", "part", name=op.f("uq_recording_call_id")),
    )
    op.create_index(op.f("ix_recording_call_id"), "recording", ["call_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("browser_secret", sa.Text(), nullable=False),
        sa.Column("telephone_secret", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seat", name=op.f("pk_seat")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failure")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="zh-CN", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "role IN ('agent', 'supervisor', 'admin', 'agency', 'leader', 'auditor')", name=op.f("ck_account_role")
        ),
        sa.ForeignKeyConstraint(["seat"], ["seat.seat"], name=op.f("fk_account_seat_seat")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("agent_no", name=op.f("uq_account_agent_no")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "leg",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("agent_no", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bridged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hangup_cause", sa.Integer(), nullable=True),
        sa.Column("hung_up_by", sa.Text(), nullable=True),
        sa.Column("leg_no", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('answered', 'busy', 'no_answer', 'refused', 'failed', 'cancelled', 'hung_up_on_us')",
            name=op.f("ck_leg_outcome"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_leg_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leg")),
    )
    op.create_index(op.f("ix_leg_call_id"), "leg", ["call_id"], unique=False)
    op.create_index(
        "ix_leg_outside", "leg", ["started_at"], unique=False, postgresql_where=sa.text("party = 'outside'")
    )
    op.create_table(
        "queue_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=True),
        sa.Column("wait_s", sa.Double(), nullable=True),
        sa.Column("talk_s", sa.Double(), nullable=True),
        sa.Column("rings_unanswered", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_queue_entry_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_entry")),
        sa.UniqueConstraint("call_id", "queue", "entered_at", name=op.f("uq_queue_entry_call_id")),
    )
    op.create_index(op.f("ix_queue_entry_call_id"), "queue_entry", ["call_id"], unique=False)
    op.create_index(op.f("ix_queue_entry_entered_at"), "queue_entry", ["entered_at"], unique=False)
    op.create_table(
        "ring_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ring_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_ring_attempt_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ring_attempt")),
    )
    op.create_index(op.f("ix_ring_attempt_call_id"), "ring_attempt", ["call_id"], unique=False)
    op.create_table(
        "case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), server_default="citizen", nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("follow_up_of", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("citizen_name", sa.Text(), nullable=False),
        sa.Column("citizen_number", sa.Text(), nullable=False),
        sa.Column("contact_number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("landmark", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("confidential", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("wants_answer", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint(
            "disposition IN ('open', 'answered_on_spot', 'follow_up')", name=op.f("ck_case_disposition")
        ),
        sa.CheckConstraint(
            "kind IN ('consult', 'help', 'complaint', 'report', 'suggestion')", name=op.f("ck_case_kind")
        ),
        sa.CheckConstraint("origin IN ('citizen', 'police')", name=op.f("ck_case_origin")),
        sa.CheckConstraint("state IN ('accepted', 'closed')", name=op.f("ck_case_state")),
        sa.CheckConstraint("urgency IN ('normal', 'urgent', 'critical')", name=op.f("ck_case_urgency")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_case_account_id_account")),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_case_category_category")),
        sa.ForeignKeyConstraint(["district"], ["district.code"], name=op.f("fk_case_district_district")),
        sa.ForeignKeyConstraint(["follow_up_of"], ["case.id"], name=op.f("fk_case_follow_up_of_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_case_draft_id")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index("ix_case_agent_no", "case", ["agent_no", "created_at"], unique=False)
    op.create_index("ix_case_citizen_number", "case", ["citizen_number", "created_at"], unique=False)
    op.create_index("ix_case_contact_number", "case", ["contact_number"], unique=False)
    op.create_index("ix_case_created_at", "case", ["created_at"], unique=False)
    op.create_index(op.f("ix_case_follow_up_of"), "case", ["follow_up_of"], unique=False)
    op.create_index("ix_case_words", "case", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "command",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("args", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("agent_no", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (state IN ('pending','asked'))", name=op.f("ck_command_ended")),
        sa.CheckConstraint(
            "state IN ('pending','asked','succeeded','refused','failed','expired','unknown')",
            name=op.f("ck_command_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_command_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    op.create_index("ix_command_kind_asked_at", "command", ["kind", "asked_at"], unique=False)
    op.create_index(
        "ix_command_open", "command", ["node", "asked_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_account_id", "draft", ["account_id", "updated_at"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("ended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_session_account_id_account")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_login_session")),
    )
    op.create_index(op.f("ix_login_session_account_id"), "login_session", ["account_id"], unique=False)
    op.create_table(
        "recording_access",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("byte_range", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recording_access_account_id_account")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_recording_access_recording_id_recording")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_access")),
    )
    op.create_index(op.f("ix_recording_access_recording_id"), "recording_access", ["recording_id"], unique=False)
    op.create_table(
        "case_call",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_call_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "call_id", name=op.f("pk_case_call")),
    )
    op.create_index(op.f("ix_case_call_call_id"), "case_call", ["call_id"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_event_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_table(
        "agency",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("parent", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sort", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["agency.id"], name=op.f("fk_agency_parent_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("name_zh", name=op.f("uq_agency_name_zh")),
    )
    op.create_table(
        "number_flag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("flag IN ('patient', 'message')", name=op.f("ck_number_flag_flag")),
        sa.CheckConstraint(
            "tone IN ('abusive', 'threatening', 'harassing', 'distressed')", name=op.f("ck_number_flag_tone")
        ),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("ck_number_flag_lifted")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_number_flag_expires")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_flag")),
    )
    op.create_index("ix_number_flag_number", "number_flag", ["number", "expires_at"], unique=False)
    op.create_table(
        "agency_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.Text(), server_default="1234567", nullable=False),
        sa.Column("from_time", sa.Time(), nullable=True),
        sa.Column("to_time", sa.Time(), nullable=True),
        sa.Column("sort", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("number ~ '^[0-9]{3,12}$'", name=op.f("ck_agency_number_number")),
        sa.CheckConstraint("weekdays ~ '^[1-7]{1,7}$'", name=op.f("ck_agency_number_weekdays")),
        sa.CheckConstraint("(from_time IS NULL) = (to_time IS NULL)", name=op.f("ck_agency_number_hours")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_number_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_number")),
    )
    op.create_index(op.f("ix_agency_number_agency_id"), "agency_number", ["agency_id"], unique=False)
    op.create_index("ix_agency_number_number", "agency_number", ["number"], unique=False)
    op.create_table(
        "abuse_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("handed_to", sa.Text(), nullable=True),
        sa.CheckConstraint("step BETWEEN 1 AND 3", name=op.f("ck_abuse_report_step")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_abuse_report_command_id_command")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_abuse_report")),
        sa.UniqueConstraint("call_id", "step", name=op.f("uq_abuse_report_call_id")),
    )
    op.create_index("ix_abuse_report_agent_no", "abuse_report", ["agent_no", "at"], unique=False)
    op.create_index("ix_abuse_report_number", "abuse_report", ["number", "at"], unique=False)
    op.create_table(
        "conference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conference_account_id_account")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_conference_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference")),
        sa.UniqueConstraint("call_id", name=op.f("uq_conference_call_id")),
    )
    op.create_index(op.f("ix_conference_case_id"), "conference", ["case_id"], unique=False)
    op.create_table(
        "danger",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("agent_no", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("last_words", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("callbacks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (state IN ('open', 'gone'))", name=op.f("ck_danger_ended")),
        sa.CheckConstraint("state IN ('open', 'gone', 'reached', 'given_up', 'over')", name=op.f("ck_danger_state")),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name=op.f("ck_danger_acknowledged")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_danger_account_id_account")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_danger_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_danger")),
        sa.UniqueConstraint("call_id", name=op.f("uq_danger_call_id")),
    )
    op.create_index(op.f("ix_danger_case_id"), "danger", ["case_id"], unique=False)
    op.create_index(
        "ix_danger_open", "danger", ["raised_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "call_target",
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("leg_no", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("danger_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('transfer', 'consult', 'conference', 'police', 'callout', 'callback', 'senior', 'listen')",
            name=op.f("ck_call_target_purpose"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_call_target_account_id_account")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_call_target_agency_id_agency")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_call_target_case_id_case")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_call_target_command_id_command")),
        sa.ForeignKeyConstraint(["danger_id"], ["danger.id"], name=op.f("fk_call_target_danger_id_danger")),
        sa.PrimaryKeyConstraint("command_id", name=op.f("pk_call_target")),
    )
    op.create_index("ix_call_target_account_id", "call_target", ["account_id", "at"], unique=False)
    op.create_index("ix_call_target_agency_id", "call_target", ["agency_id", "at"], unique=False)
    op.create_index("ix_call_target_call_id", "call_target", ["call_id", "leg_no"], unique=False)
    op.create_index(op.f("ix_call_target_case_id"), "call_target", ["case_id"], unique=False)
    op.create_index(op.f("ix_call_target_danger_id"), "call_target", ["danger_id"], unique=False)
    op.create_table(
        "promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conference_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint("case_id IS NOT NULL OR conference_id IS NOT NULL", name=op.f("ck_promise_belongs")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_promise_agency_id_agency")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_promise_case_id_case")),
        sa.ForeignKeyConstraint(["conference_id"], ["conference.id"], name=op.f("fk_promise_conference_id_conference")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_agency_id"), "promise", ["agency_id"], unique=False)
    op.create_index(op.f("ix_promise_case_id"), "promise", ["case_id"], unique=False)
    op.create_index(op.f("ix_promise_conference_id"), "promise", ["conference_id"], unique=False)
    sql = Path(__file__).parent.parent / "sql" / "0001_feed.sql"
    for statement in sql.read_text().split("\n\n"):  # asyncpg prepares one statement at a time
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_promise_conference_id"), table_name="promise")
    op.drop_index(op.f("ix_promise_case_id"), table_name="promise")
    op.drop_index(op.f("ix_promise_agency_id"), table_name="promise")
    op.drop_table("promise")
    op.drop_index(op.f("ix_call_target_danger_id"), table_name="call_target")
    op.drop_index(op.f("ix_call_target_case_id"), table_name="call_target")
    op.drop_index("ix_call_target_call_id", table_name="call_target")
    op.drop_index("ix_call_target_agency_id", table_name="call_target")
    op.drop_index("ix_call_target_account_id", table_name="call_target")
    op.drop_table("call_target")
    op.drop_index("ix_danger_open", table_name="danger", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_danger_case_id"), table_name="danger")
    op.drop_table("danger")
    op.drop_index(op.f("ix_conference_case_id"), table_name="conference")
    op.drop_table("conference")
    op.drop_index("ix_abuse_report_number", table_name="abuse_report")
    op.drop_index("ix_abuse_report_agent_no", table_name="abuse_report")
    op.drop_table("abuse_report")
    op.drop_index("ix_agency_number_number", table_name="agency_number")
    op.drop_index(op.f("ix_agency_number_agency_id"), table_name="agency_number")
    op.drop_table("agency_number")
    op.drop_index("ix_number_flag_number", table_name="number_flag")
    op.drop_table("number_flag")
    op.drop_table("agency")
    op.drop_index(op.f("ix_case_event_case_id"), table_name="case_event")
    op.drop_table("case_event")
    op.drop_index(op.f("ix_case_call_call_id"), table_name="case_call")
    op.drop_table("case_call")
    op.drop_index(op.f("ix_recording_access_recording_id"), table_name="recording_access")
    op.drop_table("recording_access")
    op.drop_index(op.f("ix_login_session_account_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_index("ix_draft_account_id", table_name="draft")
    op.drop_table("draft")
    op.drop_index("ix_command_kind_asked_at", table_name="command")
    op.drop_index("ix_command_open", table_name="command", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("command")
    op.drop_index("ix_case_words", table_name="case", postgresql_using="gin")
    op.drop_index(op.f("ix_case_follow_up_of"), table_name="case")
    op.drop_index("ix_case_created_at", table_name="case")
    op.drop_index("ix_case_contact_number", table_name="case")
    op.drop_index("ix_case_citizen_number", table_name="case")
    op.drop_index("ix_case_agent_no", table_name="case")
    op.drop_table("case")
    op.drop_index(op.f("ix_ring_attempt_call_id"), table_name="ring_attempt")
    op.drop_table("ring_attempt")
    op.drop_index(op.f("ix_queue_entry_entered_at"), table_name="queue_entry")
    op.drop_index(op.f("ix_queue_entry_call_id"), table_name="queue_entry")
    op.drop_table("queue_entry")
    op.drop_index("ix_leg_outside", table_name="leg", postgresql_where=sa.text("party = 'outside'"))
    op.drop_index(op.f("ix_leg_call_id"), table_name="leg")
    op.drop_table("leg")
    op.drop_table("account")
    op.drop_table("sign_in_failure")
    op.drop_table("seat")
    op.drop_index(op.f("ix_recording_call_id"), table_name="recording")
    op.drop_table("recording")
    op.drop_index("ix_queue_log_event_uniqueid", table_name="queue_log_event")
    op.drop_index(
        "ix_queue_log_event_start",
        table_name="queue_log_event",
        postgresql_where=sa.text("event = 'QUEUESTART'"),
    )
    op.drop_table("queue_log_event")
    op.drop_index("ix_live_node", table_name="live")
    op.drop_table("live")
    op.drop_table("journal_position")
    op.drop_index(op.f("ix_feed_at"), table_name="feed")
    op.drop_table("feed")
    op.drop_table("district")
    op.drop_table("dead_letter")
    op.drop_index("ix_cel_event_linkedid", table_name="cel_event")
    op.drop_table("cel_event")
    op.drop_table("category")
    op.drop_table("case_day")
    op.drop_index(op.f("ix_call_started_at"), table_name="call")
    op.drop_index("ix_call_open", table_name="call", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_call_caller_started_at", table_name="call")
    op.drop_index("ix_call_agent_no_started_at", table_name="call")
    op.drop_table("call")
    op.drop_table("audit")
    op.drop_index("ix_agent_event_agent_no_at", table_name="agent_event")
    op.drop_table("agent_event")
    for function in ("keep_evidence", "mark_evidence", "refuse_change", "feed_append", "feed_replace_node"):
        op.execute(f"DROP FUNCTION {function}")
