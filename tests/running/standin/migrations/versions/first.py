"""The first migration."""

revision = "first"
down_revision = None
