"""The working calendar 工作日历: what administrators enter. Recounting due dates: services/running/recount.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from domain import holidays
from domain.authority import Actor
from domain.errors import Invalid
from domain.ledger import Tag
from domain.workdays import BEIJING, Calendar, day_of
from models import Tx, reading
from models.queries import calendar as rows
from models.queries import clock
from services._command import command
from services._record import record


class _Entered:
    """What is entered, read when the first day is asked for: most commands never ask.

    A process keeps what it read last, by the version of the calendar.
    """

    kept: ClassVar[tuple[str, Mapping[date, bool], frozenset[int]]] = ("", {}, frozenset())

    def __init__(self, tx: Tx, *, hold: bool) -> None:
        self._tx, self._hold = tx, hold
        self._found: tuple[Mapping[date, bool], frozenset[int]] | None = None

    @property
    def found(self) -> tuple[Mapping[date, bool], frozenset[int]]:
        """The days and the years."""
        # no cached_property: until Python 3.12 one thread that waits for a row in it keeps all others out
        if self._found is None:
            self._found = self._read()
        return self._found

    def _read(self) -> tuple[Mapping[date, bool], frozenset[int]]:
        version = rows.hold(self._tx) if self._hold else rows.version(self._tx)
        kept = _Entered.kept
        if version == kept[0]:
            return kept[1:]
        days = {row.day: row.working for row in rows.days(self._tx)}
        years = frozenset(row.year for row in rows.years(self._tx))
        # it may have been changed between the two
        if rows.version(self._tx) == version:
            _Entered.kept = (version, days, years)
        return days, years


@dataclass(frozen=True)
class _Days(Mapping[date, bool]):
    entered: _Entered

    def __getitem__(self, day: date) -> bool:
        return self.entered.found[0][day]

    def __iter__(self) -> Iterator[date]:
        return iter(self.entered.found[0])

    def __len__(self) -> int:
        return len(self.entered.found[0])


@dataclass(frozen=True)
class _Years(AbstractSet[int]):
    entered: _Entered

    def __contains__(self, year: object) -> bool:
        return year in self.entered.found[1]

    def __iter__(self) -> Iterator[int]:
        return iter(self.entered.found[1])

    def __len__(self) -> int:
        return len(self.entered.found[1])


def calendar(tx: Tx) -> Calendar:
    """The calendar of this installation, to look at; nothing is read before a day is asked for."""
    return _calendar(_Entered(tx, hold=False))


def counting(tx: Tx) -> Calendar:
    """The same to count by what is written: once a day was asked for, it does not change before the commit.

    So whoever changes the calendar finds afterwards everything that was counted by the old one.
    """
    return _calendar(_Entered(tx, hold=True))


def _calendar(entered: _Entered) -> Calendar:
    return Calendar(overrides=_Days(entered), entered_years=_Years(entered))


# -- the page ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class YearPage:
    """A year with its months, its holidays as rows of the entry form, and what is missing."""

    year: int
    months: tuple[holidays.Month, ...]
    official: bool
    entered_at: datetime | None
    entered_by: str
    missing_years: tuple[int, ...]
    workdays: int
    entries: tuple[Entry, ...]
    recounting: bool  # due dates are being counted by a changed calendar


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A holiday of the yearly notice: 放假 from day to day, 上班 on these days."""

    name: str
    first: date | None = None
    last: date | None = None
    makeup: tuple[date, ...] = ()


def page(year: int, now: datetime) -> YearPage:
    """The year view."""
    if not 2004 <= year <= 2100:
        raise Invalid("年份应在 2004 至 2100 之间")
    with reading() as tx:
        marks = {row.year: row for row in rows.years(tx)}
        names = {row.day: row.name for row in rows.days_of(tx, year)}
        known = calendar(tx)
        months = holidays.year_view(known, year, names)
        missing = missing_years(tx, now)
        recounting = rows.recounting(tx)
    shown = [day for month in months for week in month.weeks for day in week if day]
    mark = marks.get(year)
    return YearPage(
        year=year,
        months=months,
        official=holidays.is_official(year),
        entered_at=mark.entered_at if mark else None,
        entered_by=(mark.name or "") if mark else "",
        missing_years=missing,
        workdays=sum(day.working for day in shown),
        entries=_entries(shown),
        recounting=recounting,
    )


def _entries(shown: Sequence[holidays.Day]) -> tuple[Entry, ...]:
    """The year's holidays as the notice would list them, so that a correction starts from what is there."""
    found: list[Entry] = []
    for name in holidays.STATUTORY:
        off = [day.date for day in shown if day.name == name and not day.working]
        makeup = tuple(day.date for day in shown if day.name == name and day.working)
        found.append(Entry(name=name, first=min(off, default=None), last=max(off, default=None), makeup=makeup))
    return tuple(found)


def missing_years(tx: Tx, now: datetime, campaign_id: str | None = None) -> tuple[int, ...]:
    """Years from now on in which something is due and whose official arrangement is not known."""
    last = rows.last_due(tx, campaign_id)
    if last is None:
        return ()
    known = calendar(tx)
    first_year, last_year = now.astimezone(BEIJING).year, day_of(last).year
    return tuple(year for year in range(first_year, last_year + 1) if not known.is_known(date(year, 1, 1)))


# -- verbs -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Entered:
    """What entering days set off: how many open due dates are counted again, by a job."""

    recounted: int


def enter_year(actor: Actor, year: int, entries: Sequence[Entry], now: datetime) -> Entered:
    """Enter the official arrangement of a year; open due dates are counted again."""
    day_rows = _rows_of(year, entries)
    asked = ("calendar.enter_year", year, [[row["day"].isoformat(), row["working"]] for row in day_rows])

    def write(tx: Tx) -> bool:
        rows.replace_days(tx, year, day_rows)
        rows.mark_year(tx, year, now, actor.person_id)
        return True

    return _change(actor, asked, now, write, {"year": year, "days": len(day_rows)})


def set_day(actor: Actor, day: date, *, working: bool, name: str, now: datetime) -> Entered:
    """Enter one day on top of the official data."""
    name = name.strip()
    if len(name) > 40:
        raise Invalid(fields={"name": "名称不超过 40 个字"})

    def write(tx: Tx) -> bool:
        rows.put_day(tx, day, working=working, name=name)
        return True

    data = {"day": day.isoformat(), "working": working, "name": name}
    return _change(actor, ("calendar.set_day", day.isoformat(), working, name), now, write, data)


def clear_day(actor: Actor, day: date, now: datetime) -> Entered:
    """Take an entered day back."""
    data = {"day": day.isoformat(), "cleared": True}
    return _change(actor, ("calendar.clear_day", day.isoformat()), now, lambda tx: bool(rows.drop_day(tx, day)), data)


def _change(
    actor: Actor, asked: tuple[Any, ...], now: datetime, write: Callable[[Tx], bool], data: dict[str, Any]
) -> Entered:
    """The days changed, the old calendar's version with them, and a job that counts again what it counted."""
    with command(actor, asked, {"recounted": 0}, now) as run:
        if run.replay is not None:
            return Entered(**run.replay)
        version = rows.renew(run.tx)
        if not write(run.tx):
            return Entered(recounted=0)
        record(run.tx, Tag.CALENDAR_ENTER, now, actor, data)
        clock.enqueue(run.tx, "calendar:recount", version, {"version": version, "by": actor.person_id}, now)
        answer = {"recounted": rows.count_due(run.tx)}
        run.settle(answer)
        return Entered(**answer)


def _rows_of(year: int, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The days of the notice; refuses what cannot be a holiday arrangement."""
    found: dict[date, dict[str, Any]] = {}
    for i, entry in enumerate(entries):
        if entry.first is None and entry.last is None and not entry.makeup:
            continue
        if entry.first is None or entry.last is None or entry.last < entry.first:
            raise Invalid(fields={f"first-{i}": f"{entry.name}：请填写放假的起止日期，止日不早于起日"})
        off = holidays.spread(entry.first, entry.last)
        if len(off) > 15 or {entry.first.year, entry.last.year, *(day.year for day in entry.makeup)} != {year}:
            raise Invalid(fields={f"first-{i}": f"{entry.name}：日期应在 {year} 年内，放假不超过 15 天"})
        for day, working in [*((day, False) for day in off), *((day, True) for day in entry.makeup)]:
            if found.setdefault(day, {"day": day, "working": working, "name": entry.name})["working"] != working:
                raise Invalid(fields={f"first-{i}": f"{day.month}月{day.day}日既放假又上班，请检查"})
    if not found:
        raise Invalid("请至少填写一个节假日的放假安排")
    return [found[day] for day in sorted(found)]
