"""The second migration."""

revision = "second"
down_revision = "first"
