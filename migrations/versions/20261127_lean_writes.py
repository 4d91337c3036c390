"""only tasks that somebody did stand in the index of done ones: opening a task leaves it alone

Revision: 20261127_lean_writes
Follows: 20261126_photos
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_lean_writes"
down_revision = "20261126_photos"
branch_labels = None
depends_on = None

_DONE = sa.text("completed_by IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_task_done", "task")
    op.create_index(
        "ix_task_done",
        "task",
        ["completed_by", "completed_at", "id"],
        sqlite_where=_DONE,
        postgresql_where=_DONE,
    )


def downgrade() -> None:
    op.drop_index("ix_task_done", "task")
    op.create_index("ix_task_done", "task", ["completed_by", "completed_at", "id"])
