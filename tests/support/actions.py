"""The host actions that the diagrams of the real folders may name."""

from __future__ import annotations

from services import handlers
from services.running import hosts

assert handlers  # importing it registers them
ACTIONS = hosts.signatures()
