"""Importing this module registers every job handler, due kind and host action: worker, rehearsal and tests do so."""

from services.clues import clue_actions, clue_lists, old_clues, supervision
from services.inspections import hazard_actions, inspection_actions
from services.oversight import oversight_actions, spot_check_actions
from services.publications import appraisal_actions, publication_actions, publicity_actions, responsibility_actions
from services.running import children, clock, messages, recount, schedules, starts
from services.statements import briefing_actions, list_actions

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
    "publication_actions",
    "publicity_actions",
    "old_clues",
    "oversight_actions",
    "recount",
    "responsibility_actions",
    "schedules",
    "spot_check_actions",
    "starts",
    "supervision",
]
