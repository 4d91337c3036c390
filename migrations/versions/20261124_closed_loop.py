"""inspections, hazards, clues, publications

Revision: 20261124_closed_loop
Follows: 20261124_first_tables
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261124_closed_loop"
down_revision = "20261124_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clue",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("enterprise_id", sa.String(length=20), nullable=True),
        sa.Column("county_id", sa.String(length=20), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.String(length=20), nullable=True),
        sa.Column("classified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection", sa.Text(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("result_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("signed_by_post_id", sa.String(length=20), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_for", sa.String(length=10), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("receipt_hash", sa.String(length=64), nullable=True),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("letter_id", sa.String(length=20), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_clue_campaign_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_clue_county_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["unit.id"], name=op.f("fk_clue_enterprise_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_clue_registered_by")),
        sa.ForeignKeyConstraint(["signed_by_post_id"], ["post.id"], name=op.f("fk_clue_signed_by_post_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_clue_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_clue_campaign_id_number")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_clue_receipt_hash")),
    )
    with op.batch_alter_table("clue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clue_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_clue_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_clue_status", ["campaign_id", "status", "registered_at"], unique=False)
        batch_op.create_index("ix_clue_unit", ["campaign_id", "unit_id", "status"], unique=False)

    op.create_table(
        "draw_seal",
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_draw_seal_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_draw_seal")),
    )
    op.create_table(
        "inspection",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("enterprise_id", sa.String(length=20), nullable=False),
        sa.Column("county_id", sa.String(length=20), nullable=False),
        sa.Column("township", sa.String(length=60), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("inspected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("teams", sa.Integer(), nullable=False),
        sa.Column("unannounced", sa.Boolean(), nullable=False),
        sa.Column("experts", sa.String(length=200), nullable=False),
        sa.Column("checklist", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("pick_id", sa.String(length=20), nullable=True),
        sa.Column("clue_id", sa.String(length=20), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.Column("post_id", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_inspection_campaign_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_inspection_county_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["unit.id"], name=op.f("fk_inspection_enterprise_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_inspection_post_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_inspection_recorded_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_inspection_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index("ix_inspection_county", ["campaign_id", "county_id", "inspected_at"], unique=False)
        batch_op.create_index("ix_inspection_enterprise", ["campaign_id", "enterprise_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_pick_id"), ["pick_id"], unique=False)
        batch_op.create_index("ix_inspection_unit", ["campaign_id", "unit_id", "kind", "inspected_at"], unique=False)

    op.create_table(
        "list_snapshot",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("list_key", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_list_snapshot_campaign_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_list_snapshot_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_snapshot")),
        sa.UniqueConstraint(
            "campaign_id",
            "list_key",
            "unit_id",
            "period",
            name=op.f("uq_list_snapshot_campaign_id_list_key_unit_id_period"),
        ),
    )
    op.create_table(
        "old_clue",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("disposal", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=20), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_old_clue_campaign_id")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_old_clue_closed_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_old_clue_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_old_clue")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_old_clue_campaign_id_number")),
    )
    with op.batch_alter_table("old_clue", schema=None) as batch_op:
        batch_op.create_index("ix_old_clue_unit", ["unit_id", "status"], unique=False)

    op.create_table(
        "oversight",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=30), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("target_id", sa.String(length=20), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unannounced", sa.Boolean(), nullable=False),
        sa.Column("team", sa.String(length=60), nullable=False),
        sa.Column("media", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_oversight_campaign_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_oversight_recorded_by")),
        sa.ForeignKeyConstraint(["target_id"], ["unit.id"], name=op.f("fk_oversight_target_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_oversight_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oversight")),
    )
    with op.batch_alter_table("oversight", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oversight_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_oversight_target", ["campaign_id", "target_id", "mode"], unique=False)

    op.create_table(
        "serial",
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("series", sa.String(length=80), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_serial_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "series", name=op.f("pk_serial")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("department_id", sa.String(length=20), nullable=False),
        sa.Column("county_id", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_spot_check_campaign_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_spot_check_county_id")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_spot_check_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint(
            "campaign_id",
            "department_id",
            "county_id",
            "period",
            name=op.f("uq_spot_check_campaign_id_department_id_county_id_period"),
        ),
    )
    with op.batch_alter_table("spot_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spot_check_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "clue_reporter",
        sa.Column("clue_id", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_clue_reporter_clue_id")),
        sa.PrimaryKeyConstraint("clue_id", name=op.f("pk_clue_reporter")),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("inspection_id", sa.String(length=20), nullable=True),
        sa.Column("clue_id", sa.String(length=20), nullable=True),
        sa.Column("enterprise_id", sa.String(length=20), nullable=True),
        sa.Column("enterprise_name", sa.String(length=120), nullable=False),
        sa.Column("county_id", sa.String(length=20), nullable=False),
        sa.Column("township", sa.String(length=60), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found_by", sa.String(length=10), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("holder_unit_id", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=20), nullable=True),
        sa.Column("illegality", sa.String(length=200), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("transferred_from", sa.String(length=20), nullable=True),
        sa.Column("transferred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hazard_id", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_finding_campaign_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_finding_county_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_finding_decided_by")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["unit.id"], name=op.f("fk_finding_enterprise_id")),
        sa.ForeignKeyConstraint(["holder_unit_id"], ["unit.id"], name=op.f("fk_finding_holder_unit_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_finding_inspection_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_finding_recorded_by")),
        sa.ForeignKeyConstraint(["transferred_from"], ["unit.id"], name=op.f("fk_finding_transferred_from")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_finding_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_hazard_id"), ["hazard_id"], unique=False)
        batch_op.create_index("ix_finding_holder", ["holder_unit_id", "status", "found_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index("ix_finding_unit", ["campaign_id", "unit_id", "kind", "found_at"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("clue_id", sa.String(length=20), nullable=True),
        sa.Column("addressee_id", sa.String(length=20), nullable=False),
        sa.Column("supervisor_id", sa.String(length=20), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["addressee_id"], ["unit.id"], name=op.f("fk_letter_addressee_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_letter_campaign_id")),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_letter_clue_id")),
        sa.ForeignKeyConstraint(["sealed_by"], ["person.id"], name=op.f("fk_letter_sealed_by")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["unit.id"], name=op.f("fk_letter_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_letter_campaign_id_number")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_clue_id"), ["clue_id"], unique=False)

    op.create_table(
        "publication",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("clue_id", sa.String(length=20), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("media", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("compiled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=20), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_for", sa.String(length=400), nullable=False),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_publication_approved_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_publication_campaign_id")),
        sa.ForeignKeyConstraint(["clue_id"], ["clue.id"], name=op.f("fk_publication_clue_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_publication_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publication_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_publication_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_publication_kind", ["campaign_id", "kind", "compiled_at"], unique=False)
        batch_op.create_index("ix_publication_public", ["status", "audience", "published_at"], unique=False)

    op.create_table(
        "spot_check_pick",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("spot_check_id", sa.String(length=20), nullable=False),
        sa.Column("enterprise_id", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["unit.id"], name=op.f("fk_spot_check_pick_enterprise_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_spot_check_pick_inspection_id")),
        sa.ForeignKeyConstraint(["spot_check_id"], ["spot_check.id"], name=op.f("fk_spot_check_pick_spot_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_pick")),
    )
    with op.batch_alter_table("spot_check_pick", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spot_check_pick_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_spot_check_pick_spot_check_id"), ["spot_check_id"], unique=False)

    op.create_table(
        "disposal",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("measure", sa.String(length=80), nullable=False),
        sa.Column("finding_id", sa.String(length=20), nullable=True),
        sa.Column("clue_id", sa.String(length=20), nullable=True),
        sa.Column("enterprise_id", sa.String(length=20), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("county_id", sa.String(length=20), nullable=True),
        sa.Column("township", sa.String(length=60), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("persons", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_disposal_campaign_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_disposal_county_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["unit.id"], name=op.f("fk_disposal_enterprise_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_disposal_finding_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_disposal_recorded_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_disposal_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposal")),
    )
    with op.batch_alter_table("disposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disposal_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index("ix_disposal_county", ["campaign_id", "county_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_disposal_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_disposal_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index("ix_disposal_unit", ["campaign_id", "unit_id", "kind", "decided_at"], unique=False)

    op.create_table(
        "hazard",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("finding_id", sa.String(length=20), nullable=True),
        sa.Column("clue_id", sa.String(length=20), nullable=True),
        sa.Column("enterprise_id", sa.String(length=20), nullable=True),
        sa.Column("enterprise_name", sa.String(length=120), nullable=False),
        sa.Column("county_id", sa.String(length=20), nullable=False),
        sa.Column("township", sa.String(length=60), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("responsible", sa.String(length=120), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("funds", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contingency", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.String(length=20), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.String(length=20), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instance_id", sa.String(length=20), nullable=True),
        sa.Column("former", sa.Text(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed_by_post_id", sa.String(length=20), nullable=True),
        sa.Column("plate", sa.String(length=40), nullable=False),
        sa.Column("delisted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_hazard_accepted_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_hazard_campaign_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_hazard_county_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["unit.id"], name=op.f("fk_hazard_enterprise_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_hazard_finding_id")),
        sa.ForeignKeyConstraint(["listed_by_post_id"], ["post.id"], name=op.f("fk_hazard_listed_by_post_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["person.id"], name=op.f("fk_hazard_registered_by")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name=op.f("fk_hazard_submitted_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hazard_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_hazard_campaign_id_number")),
    )
    with op.batch_alter_table("hazard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hazard_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index("ix_hazard_county", ["campaign_id", "county_id", "grade"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_hazard_open", ["campaign_id", "status", "due_at"], unique=False)
        batch_op.create_index("ix_hazard_unit", ["campaign_id", "unit_id", "grade", "found_at"], unique=False)

    op.create_table(
        "referral",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("to", sa.String(length=12), nullable=False),
        sa.Column("clue_id", sa.String(length=20), nullable=True),
        sa.Column("finding_id", sa.String(length=20), nullable=True),
        sa.Column("old_clue_id", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_referral_campaign_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_referral_finding_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_referral_recorded_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_referral_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_clue_id"), ["clue_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referral_old_clue_id"), ["old_clue_id"], unique=False)

    op.create_table(
        "standing",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("publication_id", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name=op.f("fk_standing_publication_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_standing_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
    )
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standing_publication_id"), ["publication_id"], unique=False)

    with op.batch_alter_table("signed_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")

    with op.batch_alter_table("signed_session", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")

    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standing_publication_id"))

    op.drop_table("standing")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_old_clue_id"))
        batch_op.drop_index(batch_op.f("ix_referral_finding_id"))
        batch_op.drop_index(batch_op.f("ix_referral_clue_id"))
        batch_op.drop_index(batch_op.f("ix_referral_campaign_id"))

    op.drop_table("referral")
    with op.batch_alter_table("hazard", schema=None) as batch_op:
        batch_op.drop_index("ix_hazard_unit")
        batch_op.drop_index("ix_hazard_open")
        batch_op.drop_index(batch_op.f("ix_hazard_instance_id"))
        batch_op.drop_index(batch_op.f("ix_hazard_finding_id"))
        batch_op.drop_index(batch_op.f("ix_hazard_enterprise_id"))
        batch_op.drop_index("ix_hazard_county")
        batch_op.drop_index(batch_op.f("ix_hazard_clue_id"))

    op.drop_table("hazard")
    with op.batch_alter_table("disposal", schema=None) as batch_op:
        batch_op.drop_index("ix_disposal_unit")
        batch_op.drop_index(batch_op.f("ix_disposal_finding_id"))
        batch_op.drop_index(batch_op.f("ix_disposal_enterprise_id"))
        batch_op.drop_index("ix_disposal_county")
        batch_op.drop_index(batch_op.f("ix_disposal_clue_id"))

    op.drop_table("disposal")
    with op.batch_alter_table("spot_check_pick", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spot_check_pick_spot_check_id"))
        batch_op.drop_index(batch_op.f("ix_spot_check_pick_enterprise_id"))

    op.drop_table("spot_check_pick")
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.drop_index("ix_publication_public")
        batch_op.drop_index("ix_publication_kind")
        batch_op.drop_index(batch_op.f("ix_publication_instance_id"))
        batch_op.drop_index(batch_op.f("ix_publication_clue_id"))

    op.drop_table("publication")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_clue_id"))

    op.drop_table("letter")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index("ix_finding_unit")
        batch_op.drop_index(batch_op.f("ix_finding_inspection_id"))
        batch_op.drop_index("ix_finding_holder")
        batch_op.drop_index(batch_op.f("ix_finding_hazard_id"))
        batch_op.drop_index(batch_op.f("ix_finding_enterprise_id"))
        batch_op.drop_index(batch_op.f("ix_finding_clue_id"))

    op.drop_table("finding")
    op.drop_table("clue_reporter")
    with op.batch_alter_table("spot_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spot_check_instance_id"))

    op.drop_table("spot_check")
    op.drop_table("serial")
    with op.batch_alter_table("oversight", schema=None) as batch_op:
        batch_op.drop_index("ix_oversight_target")
        batch_op.drop_index(batch_op.f("ix_oversight_instance_id"))

    op.drop_table("oversight")
    with op.batch_alter_table("old_clue", schema=None) as batch_op:
        batch_op.drop_index("ix_old_clue_unit")

    op.drop_table("old_clue")
    op.drop_table("list_snapshot")
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.drop_index("ix_inspection_unit")
        batch_op.drop_index(batch_op.f("ix_inspection_pick_id"))
        batch_op.drop_index("ix_inspection_enterprise")
        batch_op.drop_index("ix_inspection_county")
        batch_op.drop_index(batch_op.f("ix_inspection_clue_id"))

    op.drop_table("inspection")
    op.drop_table("draw_seal")
    with op.batch_alter_table("clue", schema=None) as batch_op:
        batch_op.drop_index("ix_clue_unit")
        batch_op.drop_index("ix_clue_status")
        batch_op.drop_index(batch_op.f("ix_clue_instance_id"))
        batch_op.drop_index(batch_op.f("ix_clue_enterprise_id"))

    op.drop_table("clue")
