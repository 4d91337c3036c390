"""Importing this module registers every job handler, due kind and host action: worker, rehearsal and tests do so."""

from services import (
    briefing_actions,
    children,
    clock,
    clue_actions,
    clue_lists,
    hazard_actions,
    list_actions,
    messages,
    recount,
    schedules,
    spot_check_actions,
    starts,
)

__all__ = [
    "briefing_actions",
    "children",
    "clock",
    "clue_actions",
    "clue_lists",
    "hazard_actions",
    "list_actions",
    "messages",
    "recount",
    "schedules",
    "spot_check_actions",
    "starts",
]
