"""the calendar's version, and the moment a timer was set

Revision: 20261125_calendar_version
Follows: 20261124_closed_loop
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261125_calendar_version"
down_revision = "20261124_closed_loop"
branch_labels = None
depends_on = None


def upgrade() -> None:
    versions = op.create_table(
        "calendar_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_version")),
    )
    op.bulk_insert(versions, [{"id": 1, "version": secrets.token_hex(10)}])
    # timers from before stay without: they keep the moment they were counted to
    op.add_column("timer", sa.Column("set_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("timer", schema=None) as batch_op:
        batch_op.drop_column("set_at")
    op.drop_table("calendar_version")
