"""Importing this module registers every job handler, due kind and host action: worker, rehearsal and tests do so."""

from services import children, clock, messages, recount, schedules, starts

__all__ = ["children", "clock", "messages", "recount", "schedules", "starts"]
