"""a campaign knows the programme it is part of

Revision: 20261127_programme
Follows: 20261127_lean_writes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_programme"
down_revision = "20261127_lean_writes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign") as table:
        table.add_column(sa.Column("parent_id", sa.String(length=20), nullable=True))
        table.create_foreign_key("fk_campaign_parent_id", "campaign", ["parent_id"], ["id"])
        table.create_index("ix_campaign_parent_id", ["parent_id"])


def downgrade() -> None:
    with op.batch_alter_table("campaign") as table:
        table.drop_index("ix_campaign_parent_id")
        table.drop_constraint("fk_campaign_parent_id", type_="foreignkey")
        table.drop_column("parent_id")
