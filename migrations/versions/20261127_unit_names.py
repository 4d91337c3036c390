"""a unit has the other names that notices give it, and a category

Revision: 20261127_unit_names
Follows: 20261127_items
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_unit_names"
down_revision = "20261127_items"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("unit") as table:
        table.add_column(sa.Column("category", sa.String(length=60), nullable=False, server_default=""))
        table.add_column(sa.Column("note", sa.String(length=400), nullable=False, server_default=""))
        table.add_column(sa.Column("other_names", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("aliases", sa.Text(), nullable=True))
        table.add_column(sa.Column("named", sa.Text(), nullable=True))
    with op.batch_alter_table("unit") as table:  # the program always says them
        for name in ("category", "note", "other_names"):
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("unit") as table:
        for name in ("named", "aliases", "other_names", "note", "category"):
            table.drop_column(name)
