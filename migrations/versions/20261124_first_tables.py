"""first tables

Revision: 20261124_first_tables
Follows:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261124_first_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered",
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_answered")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("args", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["parked", "due_at", "id"], unique=False)
        batch_op.create_index(
            "uq_job_waiting",
            ["kind", "key"],
            unique=True,
            sqlite_where=sa.text("NOT taken"),
            postgresql_where=sa.text("NOT taken"),
        )

    op.create_table(
        "ledger",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=True),
        sa.Column("post_id", sa.String(length=20), nullable=True),
        sa.Column("unit_id", sa.String(length=20), nullable=True),
        sa.Column("campaign_id", sa.String(length=20), nullable=True),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("task_id", sa.String(length=20), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_campaign", ["campaign_id", "tag"], unique=False)
        batch_op.create_index("ix_ledger_instance", ["instance_id", "seq"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "process_definition",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_definition")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.String(length=20), nullable=True),
        sa.Column(
            "path",
            sa.String(length=400).with_variant(sa.String(length=400, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index("ix_unit_name", ["name"], unique=False)
        batch_op.create_index("ix_unit_parent", ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_path"), ["path"], unique=False)

    op.create_table(
        "worker_beat",
        sa.Column("worker", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_calendar_year_entered_by")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "campaign_version",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_key", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_campaign_version_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_version")),
        sa.UniqueConstraint("campaign_key", "digest", name=op.f("uq_campaign_version_campaign_key_digest")),
        sa.UniqueConstraint("campaign_key", "number", name=op.f("uq_campaign_version_campaign_key_number")),
    )
    op.create_table(
        "enterprise",
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("county_id", sa.String(length=20), nullable=False),
        sa.Column("township", sa.String(length=60), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("sector_unit_id", sa.String(length=20), nullable=True),
        sa.Column("supervised_by", sa.String(length=10), nullable=False),
        sa.Column("enterprise_type", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_enterprise_county_id")),
        sa.ForeignKeyConstraint(["sector_unit_id"], ["unit.id"], name=op.f("fk_enterprise_sector_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_enterprise_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_enterprise")),
    )
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enterprise_sector"), ["sector"], unique=False)
        batch_op.create_index(batch_op.f("ix_enterprise_sector_unit_id"), ["sector_unit_id"], unique=False)

    op.create_table(
        "policy",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_policy_changed_by")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_policy")),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("unit_id", "kind", name=op.f("uq_post_unit_id_kind")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("version_id", sa.String(length=20), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("owner_unit_id", sa.String(length=20), nullable=False),
        sa.Column("shift_days", sa.Integer(), nullable=False),
        sa.Column("past", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("launched_by", sa.String(length=20), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["launched_by"], ["person.id"], name=op.f("fk_campaign_launched_by")),
        sa.ForeignKeyConstraint(["owner_unit_id"], ["unit.id"], name=op.f("fk_campaign_owner_unit_id")),
        sa.ForeignKeyConstraint(["version_id"], ["campaign_version.id"], name=op.f("fk_campaign_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_key"), ["key"], unique=False)

    op.create_table(
        "form_version",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_version_id", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("schema", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"], ["campaign_version.id"], name=op.f("fk_form_version_campaign_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("campaign_version_id", "key", name=op.f("uq_form_version_campaign_version_id_key")),
    )
    op.create_table(
        "holding",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("post_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_holding_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_holding_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holding")),
    )
    with op.batch_alter_table("holding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_holding_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_holding_post_id"), ["post_id"], unique=False)

    op.create_table(
        "process_version",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_version_id", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("xml", sa.Text(), nullable=False),
        sa.Column("schedule", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"], ["campaign_version.id"], name=op.f("fk_process_version_campaign_version_id")
        ),
        sa.ForeignKeyConstraint(["key"], ["process_definition.key"], name=op.f("fk_process_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_version")),
        sa.UniqueConstraint("campaign_version_id", "key", name=op.f("uq_process_version_campaign_version_id_key")),
    )
    with op.batch_alter_table("process_version", schema=None) as batch_op:
        batch_op.create_index("ix_process_version_key", ["key"], unique=False)

    op.create_table(
        "signed_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("post_id", sa.String(length=20), nullable=True),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signed_session_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_signed_session_post_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_signed_session")),
    )
    with op.batch_alter_table("signed_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signed_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "instance",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("process_version_id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=True),
        sa.Column("parent_id", sa.String(length=20), nullable=True),
        sa.Column("parent_ref", sa.String(length=60), nullable=True),
        sa.Column("root_id", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["instance.id"], name=op.f("fk_instance_parent_id")),
        sa.ForeignKeyConstraint(
            ["process_version_id"], ["process_version.id"], name=op.f("fk_instance_process_version_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_instance_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instance_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index("ix_instance_parent", ["parent_id", "parent_ref", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_instance_root_id"), ["root_id"], unique=False)
        batch_op.create_index("ix_instance_unit", ["unit_id", "status"], unique=False)

    op.create_table(
        "quota",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=True),
        sa.Column("operator", sa.String(length=10), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("reached", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_quota_campaign_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_quota_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("campaign_id", "key", "unit_id", name=op.f("uq_quota_campaign_id_key_unit_id")),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("report", sa.String(length=80), nullable=False),
        sa.Column("process", sa.String(length=80), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_index", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_schedule_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("campaign_id", "report", name=op.f("uq_schedule_campaign_id_report")),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_schedule_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index("ix_schedule_due", ["parked", "due_at", "id"], unique=False)

    op.create_table(
        "stage",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gate_task_id", sa.String(length=20), nullable=True),
        sa.Column("gate_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_stage_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("campaign_id", "key", name=op.f("uq_stage_campaign_id_key")),
    )
    op.create_table(
        "child_group",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("called", sa.String(length=80), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["instance.id"], name=op.f("fk_child_group_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_group")),
        sa.UniqueConstraint("parent_id", "ref", name=op.f("uq_child_group_parent_id_ref")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("campaign_id", sa.String(length=20), nullable=True),
        sa.Column("source_id", sa.String(length=20), nullable=True),
        sa.Column("element", sa.String(length=80), nullable=True),
        sa.Column("ref", sa.String(length=60), nullable=True),
        sa.Column("sentence", sa.String(length=400), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_incident_closed_by")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_incident_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_incident_open", ["closed_at", "opened_at"], unique=False)

    op.create_table(
        "period",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("schedule_id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("report", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_late", sa.Boolean(), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submission_id", sa.String(length=20), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_period_instance_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_period_schedule_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_period_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("schedule_id", "unit_id", "period", name=op.f("uq_period_schedule_id_unit_id_period")),
    )
    with op.batch_alter_table("period", schema=None) as batch_op:
        batch_op.create_index("ix_period_campaign_due", ["campaign_id", "due_at", "unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_period_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_period_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=True),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("post_id", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_estimated", sa.Boolean(), nullable=False),
        sa.Column("light", sa.String(length=8), nullable=False),
        sa.Column("rung", sa.String(length=80), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["completed_by"], ["person.id"], name=op.f("fk_task_completed_by")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_task_instance_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_task_post_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_task_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index("ix_task_campaign_unit", ["campaign_id", "unit_id", "status"], unique=False)
        batch_op.create_index("ix_task_done", ["completed_by", "completed_at", "id"], unique=False)
        batch_op.create_index(
            "ix_task_inbox",
            ["post_id", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index("ix_task_instance", ["instance_id", "status"], unique=False)

    op.create_table(
        "timer",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_timer_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.create_index("ix_timer_due", ["parked", "due_at", "id"], unique=False)
        batch_op.create_index("ix_timer_instance", ["instance_id", "kind", "ref"], unique=False)

    op.create_table(
        "wait",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("element", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_wait_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wait")),
    )
    with op.batch_alter_table("wait", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wait_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wait_name"), ["name"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("task_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=20), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_attachment_added_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_attachment_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_task_id"), ["task_id"], unique=False)

    op.create_table(
        "draft",
        sa.Column("task_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_draft_task_id")),
        sa.PrimaryKeyConstraint("task_id", "person_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("post_id", sa.String(length=20), nullable=False),
        sa.Column("task_id", sa.String(length=20), nullable=True),
        sa.Column("campaign_id", sa.String(length=20), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_notice_post_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_notice_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_post", ["post_id", "read_at", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_task_id"), ["task_id"], unique=False)

    op.create_table(
        "signature",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=True),
        sa.Column("instance_id", sa.String(length=20), nullable=False),
        sa.Column("task_id", sa.String(length=20), nullable=False),
        sa.Column("sign_off", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=80), nullable=True),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=20), nullable=True),
        sa.Column("post_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_signature_instance_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_signature_post_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["person.id"], name=op.f("fk_signature_signed_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_signature_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_signature_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("task_id", name=op.f("uq_signature_task_id")),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("task_id", sa.String(length=20), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=True),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("form_key", sa.String(length=80), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.String(length=20), nullable=True),
        sa.Column("post_id", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_submission_instance_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_submission_post_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_submission_submitted_by")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_submission_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_submission_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("task_id", name=op.f("uq_submission_task_id")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index("ix_submission_campaign_form", ["campaign_id", "form_key", "unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submission_instance_id"), ["instance_id"], unique=False)

    _protect_ledger()


def _protect_ledger() -> None:
    """The ledger only grows: a trigger refuses changes on both databases."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_no_{verb.lower()} BEFORE {verb} ON ledger "
                "BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'ledger is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
    )


def downgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_instance_id"))
        batch_op.drop_index("ix_submission_campaign_form")

    op.drop_table("submission")
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signature_campaign_id"))

    op.drop_table("signature")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_task_id"))
        batch_op.drop_index("ix_notice_post")

    op.drop_table("notice")
    op.drop_table("draft")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_task_id"))

    op.drop_table("attachment")
    with op.batch_alter_table("wait", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wait_name"))
        batch_op.drop_index(batch_op.f("ix_wait_instance_id"))

    op.drop_table("wait")
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.drop_index("ix_timer_instance")
        batch_op.drop_index("ix_timer_due")

    op.drop_table("timer")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index("ix_task_instance")
        batch_op.drop_index(
            "ix_task_inbox", sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'")
        )
        batch_op.drop_index("ix_task_done")
        batch_op.drop_index("ix_task_campaign_unit")

    op.drop_table("task")
    with op.batch_alter_table("period", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_period_instance_id"))
        batch_op.drop_index(batch_op.f("ix_period_campaign_id"))
        batch_op.drop_index("ix_period_campaign_due")

    op.drop_table("period")
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_open")
        batch_op.drop_index(batch_op.f("ix_incident_instance_id"))

    op.drop_table("incident")
    op.drop_table("child_group")
    op.drop_table("stage")
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.drop_index("ix_schedule_due")
        batch_op.drop_index(batch_op.f("ix_schedule_campaign_id"))

    op.drop_table("schedule")
    op.drop_table("quota")
    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.drop_index("ix_instance_unit")
        batch_op.drop_index(batch_op.f("ix_instance_root_id"))
        batch_op.drop_index("ix_instance_parent")
        batch_op.drop_index(batch_op.f("ix_instance_campaign_id"))

    op.drop_table("instance")
    with op.batch_alter_table("signed_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signed_session_person_id"))

    op.drop_table("signed_session")
    with op.batch_alter_table("process_version", schema=None) as batch_op:
        batch_op.drop_index("ix_process_version_key")

    op.drop_table("process_version")
    with op.batch_alter_table("holding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_holding_post_id"))
        batch_op.drop_index(batch_op.f("ix_holding_person_id"))

    op.drop_table("holding")
    op.drop_table("form_version")
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_key"))

    op.drop_table("campaign")
    op.drop_table("post")
    op.drop_table("policy")
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_sector_unit_id"))
        batch_op.drop_index(batch_op.f("ix_enterprise_sector"))
        batch_op.drop_index(batch_op.f("ix_enterprise_county_id"))

    op.drop_table("enterprise")
    op.drop_table("campaign_version")
    op.drop_table("calendar_year")
    op.drop_table("worker_beat")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_path"))
        batch_op.drop_index("ix_unit_parent")
        batch_op.drop_index("ix_unit_name")

    op.drop_table("unit")
    op.drop_table("process_definition")
    op.drop_table("person")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_instance")
        batch_op.drop_index("ix_ledger_campaign")

    op.drop_table("ledger")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("uq_job_waiting", sqlite_where=sa.text("NOT taken"), postgresql_where=sa.text("NOT taken"))
        batch_op.drop_index("ix_job_due")

    op.drop_table("job")
    op.drop_table("calendar_day")
    op.drop_table("answered")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_refuse()")
