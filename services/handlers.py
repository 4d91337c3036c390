"""Importing this module registers every job handler, due kind and host action: worker, rehearsal and tests do so."""

from services import (
    children,
    clock,
    clue_actions,
    clue_lists,
    hazard_actions,
    inspection_actions,
    messages,
    oversight_actions,
    recount,
    schedules,
    spot_check_actions,
    starts,
)

__all__ = [
    "children",
    "clock",
    "clue_actions",
    "clue_lists",
    "hazard_actions",
    "inspection_actions",
    "messages",
    "oversight_actions",
    "recount",
    "schedules",
    "spot_check_actions",
    "starts",
]
