"""People of the measurements' city as actors."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bench.city import Seat
from domain.authority import Actor
from services.access import sessions
from tests.support.site import RULES

PATIENT = replace(RULES, session_idle_minutes=24 * 60, session_hours=7 * 24)


def actor_of_seat(seat: Seat, now: datetime) -> Actor:
    """Who sits there."""
    signed = sessions.find(seat.token, now, PATIENT)
    assert signed
    return signed.actor
