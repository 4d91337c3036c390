"""rows that take their worker down are counted; calls count no failures, their children are asked

Revision: 20261125_deaths
Follows: 20261125_calendar_version
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_deaths"
down_revision = "20261125_calendar_version"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("timer", "schedule", "job"):
        op.add_column(table, sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("child_group", "failed")


def downgrade() -> None:
    op.add_column("child_group", sa.Column("failed", sa.Integer(), nullable=False, server_default="0"))
    for table in ("job", "schedule", "timer"):
        op.drop_column(table, "deaths")
