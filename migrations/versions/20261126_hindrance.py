"""an inspection may have found the gates closed: why there was nothing to inspect

Revision: 20261126_hindrance
Follows: 20261126_campaign_looked_at
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_hindrance"
down_revision = "20261126_campaign_looked_at"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inspection", sa.Column("hindrance", sa.String(length=12), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("inspection", "hindrance")
