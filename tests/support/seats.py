"""People of the measurements' city as actors."""

from __future__ import annotations

from datetime import datetime, timedelta

from bench.city import Seat
from domain.authority import Actor
from services import sessions


def actor_of_seat(seat: Seat, now: datetime) -> Actor:
    """Who sits there."""
    signed = sessions.find(seat.token, now, timedelta(days=1))
    assert signed
    return signed.actor
