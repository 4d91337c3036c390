"""Importing this module registers every job handler, due kind, host action and what carries photos.

The web, the worker, rehearsals and tests do so.
"""

from services.campaigns import launching
from services.clues import clue_actions, clue_lists, old_clues, supervision
from services.clues import photo_subjects as clue_photos
from services.inspections import hazard_actions, inspection_actions
from services.inspections import photo_subjects as inspection_photos
from services.measures import measure_actions
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
    "clue_photos",
    "hazard_actions",
    "inspection_actions",
    "inspection_photos",
    "launching",
    "list_actions",
    "measure_actions",
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
