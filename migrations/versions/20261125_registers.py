"""registers of responsibility (四级包保) and publicity (宣传专栏); a letter knows its supervision

Revision: 20261125_registers
Follows: 20261125_deaths
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_registers"
down_revision = "20261125_deaths"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("supervision_id", sa.String(length=20), nullable=True))
    op.create_table(
        "responsibility",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=20), nullable=False),
        sa.Column("post", sa.String(length=120), nullable=False),
        sa.Column("area", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_responsibility_campaign_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_responsibility_recorded_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_responsibility_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibility")),
    )
    op.create_index("ix_responsibility_unit", "responsibility", ["campaign_id", "unit_id", "level"])
    op.create_table(
        "broadcast",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("campaign_id", sa.String(length=20), nullable=False),
        sa.Column("county_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("aired_on", sa.Date(), nullable=False),
        sa.Column("medium", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_broadcast_campaign_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_broadcast_county_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_broadcast_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    op.create_index("ix_broadcast_county", "broadcast", ["campaign_id", "county_id", "recorded_at"])


def downgrade() -> None:
    op.drop_table("broadcast")
    op.drop_table("responsibility")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_column("supervision_id")
