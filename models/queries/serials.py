"""Numbers given one after the other: hazards and plates of a year, clues of a day, letters, tries of an hour."""

from __future__ import annotations

from sqlalchemy import Connection, and_, delete
from sqlalchemy.dialects import postgresql, sqlite

from models.clues import Serial


def next_number(tx: Connection, campaign_id: str, series: str) -> int:
    """The next number of a series; whoever asks at the same time waits for its row and gets the one after."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    first = dialect.insert(Serial).values(campaign_id=campaign_id, series=series, last=1)
    counted = first.on_conflict_do_update(
        index_elements=["campaign_id", "series"], set_={"last": Serial.last + 1}
    ).returning(Serial.last)
    return int(tx.execute(counted).scalar_one())


def forget(tx: Connection, campaign_id: str, prefix: str, before: str) -> None:
    """Drop the counters of a prefix that lie before a series: tries of hours that are over."""
    old = and_(Serial.series >= prefix, Serial.series < before)
    tx.execute(delete(Serial).where(Serial.campaign_id == campaign_id, old))
