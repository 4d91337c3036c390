"""A note on progress may say how much of the unit's quota is done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_progress_figure"
down_revision = "20261127_list_entries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("measure_progress", sa.Column("figure", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("measure_progress", "figure")
