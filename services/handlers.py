"""Importing this module registers every job handler, due kind and host action: worker, rehearsal and tests do so."""

from services import (
    appraisal_actions,
    briefing_actions,
    children,
    clock,
    clue_actions,
    clue_lists,
    hazard_actions,
    inspection_actions,
    list_actions,
    messages,
    old_clues,
    oversight_actions,
    recount,
    schedules,
    spot_check_actions,
    starts,
)

__all__ = [
    "appraisal_actions",
    "briefing_actions",
    "children",
    "clock",
    "clue_actions",
    "clue_lists",
    "hazard_actions",
    "inspection_actions",
    "list_actions",
    "messages",
    "old_clues",
    "oversight_actions",
    "recount",
    "schedules",
    "spot_check_actions",
    "starts",
]
