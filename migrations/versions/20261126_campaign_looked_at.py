"""a session knows the campaign its person looks at

Revision: 20261126_campaign_looked_at
Follows: 20261125_registers
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_campaign_looked_at"
down_revision = "20261125_registers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("signed_session") as table:
        table.add_column(sa.Column("campaign_id", sa.String(length=20), nullable=True))
        table.create_foreign_key("fk_signed_session_campaign_id", "campaign", ["campaign_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("signed_session") as table:
        table.drop_constraint("fk_signed_session_campaign_id", type_="foreignkey")
        table.drop_column("campaign_id")
