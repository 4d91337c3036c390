"""Measures of one unit, over all campaigns: a month's statement counts them."""

from __future__ import annotations

from alembic import op

revision = "20261127_measures_of_unit"
down_revision = "20261127_unit_names"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_measure_work_unit", "measure_work", ["unit_id", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_measure_work_unit", table_name="measure_work")
