"""The host actions that diagrams of campaign folders may name, all registered."""

from __future__ import annotations

from services import handlers, hosts

assert handlers  # importing it registers them

SIGNATURES = hosts.signatures()
