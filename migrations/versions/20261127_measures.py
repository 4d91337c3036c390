"""measures of a plan in the units that do them, and notes on their progress

Revision: 20261127_measures
Follows: 20261127_programme
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_measures"
down_revision = "20261127_programme"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measure_work",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("list_key", sa.String(length=80), nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("lead_unit_id", sa.String(length=20), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("group_id", sa.String(length=20), nullable=True),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("reported", sa.Text(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_by", sa.String(length=20), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_measure_work_accepted_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_measure_work_campaign_id")),
        sa.ForeignKeyConstraint(["group_id"], ["child_group.id"], name=op.f("fk_measure_work_group_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_measure_work_instance_id")),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["unit.id"], name=op.f("fk_measure_work_lead_unit_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"], name=op.f("fk_measure_work_reported_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_measure_work_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_work")),
        sa.UniqueConstraint(
            "campaign_id", "measure", "unit_id", "round", name=op.f("uq_measure_work_campaign_id_measure_unit_id_round")
        ),
    )
    op.create_index("ix_measure_work_due", "measure_work", ["campaign_id", "due_at", "id"])
    op.create_index("ix_measure_work_group", "measure_work", ["group_id"])
    op.create_index("ix_measure_work_instance", "measure_work", ["instance_id"])
    op.create_table(
        "measure_progress",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=20), nullable=True),
        sa.Column("post_id", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_measure_progress_campaign_id")),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name=op.f("fk_measure_progress_noted_by")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_measure_progress_post_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_measure_progress_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_progress")),
    )
    op.create_index("ix_measure_progress_measure", "measure_progress", ["campaign_id", "measure", "noted_at"])


def downgrade() -> None:
    op.drop_table("measure_progress")
    op.drop_table("measure_work")
