"""The working calendar 工作日历: what administrators enter, and what follows for open due dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from domain import deadlines, holidays
from domain.authority import Actor
from domain.errors import Invalid
from domain.ledger import Tag
from domain.plan import Deadline, Ladder, Plan
from domain.workdays import BEIJING, Calendar, day_of
from models import Tx, reading
from models.queries import calendar as rows
from services import versions
from services._command import command
from services._effects import Effects, ladder_of


class _EnteredDays(Mapping[date, bool]):
    """The entered days, read when the first one is asked for: most commands never ask."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    @cached_property
    def _days(self) -> dict[date, bool]:
        return {row.day: row.working for row in rows.days(self._tx)}

    def __getitem__(self, day: date) -> bool:
        return self._days[day]

    def __iter__(self) -> Iterator[date]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)


class _EnteredYears(AbstractSet[int]):
    """The entered years, read when the first one is asked for."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(row.year for row in rows.years(self._tx))

    def __contains__(self, year: object) -> bool:
        return year in self._years

    def __iter__(self) -> Iterator[int]:
        return iter(self._years)

    def __len__(self) -> int:
        return len(self._years)


def calendar(tx: Tx) -> Calendar:
    """The calendar of this installation; nothing is read before a day is asked for."""
    return Calendar(overrides=_EnteredDays(tx), entered_years=_EnteredYears(tx))


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
class Recomputed:
    """What entering days did to open due dates."""

    looked_at: int
    changed: int


def enter_year(actor: Actor, year: int, entries: Sequence[Entry], now: datetime) -> Recomputed:
    """Enter the official arrangement of a year; open due dates are counted again."""
    day_rows = _rows_of(year, entries)
    asked = ("calendar.enter_year", year, [[row["day"].isoformat(), row["working"]] for row in day_rows])
    with command(actor, asked, {"year": year}, now) as run:
        if run.replay is not None:
            return Recomputed(looked_at=0, changed=0)
        rows.replace_days(run.tx, year, day_rows)
        rows.mark_year(run.tx, year, now, actor.person_id)
        return _after_change(run.tx, actor, now, {"year": year, "days": len(day_rows)})


def set_day(actor: Actor, day: date, *, working: bool, name: str, now: datetime) -> Recomputed:
    """Enter one day on top of the official data."""
    name = name.strip()
    if len(name) > 40:
        raise Invalid(fields={"name": "名称不超过 40 个字"})
    with command(actor, ("calendar.set_day", day.isoformat(), working, name), {}, now) as run:
        if run.replay is not None:
            return Recomputed(looked_at=0, changed=0)
        rows.put_day(run.tx, day, working=working, name=name)
        return _after_change(run.tx, actor, now, {"day": day.isoformat(), "working": working, "name": name})


def clear_day(actor: Actor, day: date, now: datetime) -> Recomputed:
    """Take an entered day back."""
    with command(actor, ("calendar.clear_day", day.isoformat()), {}, now) as run:
        if run.replay is not None or not rows.drop_day(run.tx, day):
            return Recomputed(looked_at=0, changed=0)
        return _after_change(run.tx, actor, now, {"day": day.isoformat(), "cleared": True})


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


def _after_change(tx: Tx, actor: Actor, now: datetime, data: dict[str, Any]) -> Recomputed:
    effects = Effects(actor=actor, now=now, calendar=calendar(tx))
    effects.ledger(Tag.CALENDAR_ENTER, data=data)
    done = recompute_due(tx, effects)
    effects.flush(tx)
    return done


# -- due dates again ---------------------------------------------------------------------------------------------------
def recompute_due(tx: Tx, effects: Effects) -> Recomputed:
    """Count every open due date again that depends on working days, and the next ladder step of every open task."""
    rows.lock_due(tx)
    looked_at = changed = 0
    for group in rows.due_elements(tx):
        version = versions.version_of(tx, group.process_version_id)
        element = version.elements.get(group.element)
        if element is None:
            continue
        facts = versions.campaign_facts(tx, group.campaign_id, version.edition)
        plan = versions.plan_of(version.edition, facts)
        tasks = rows.open_due(tx, group.process_version_id, group.element, group.campaign_id)
        looked_at += len(tasks)
        changed += _recount(tx, effects, tasks, _Rule(plan, element.deadline, ladder_of(plan, element)))
    return Recomputed(looked_at=looked_at, changed=changed)


@dataclass(frozen=True)
class _Rule:
    """How the due date of an element's tasks is counted."""

    plan: Plan
    deadline: str | None
    ladder: Ladder | None

    @property
    def entry(self) -> Deadline | None:
        return self.plan.deadlines.get(self.deadline or "")

    @property
    def counted(self) -> bool:
        """Whether the due date itself depends on the calendar; a fixed one does not."""
        entry = self.entry
        return entry is not None and (entry.unit == "working_day" or entry.holiday == "next_working_day")

    def due_at(self, calendar: Calendar, task: Any) -> datetime:
        if not self.counted or self.deadline is None:
            return task.due_at  # type: ignore[no-any-return]
        variables = task.variables or {}
        try:
            return deadlines.deadline(self.plan, calendar, self.deadline, variables, task.opened_at)
        except (Invalid, ValueError):
            # what it was counted from has changed since: it stays as it was, and does not stand in a whole year's way
            return task.due_at  # type: ignore[no-any-return]


def _recount(tx: Tx, effects: Effects, tasks: Sequence[Any], rule: _Rule) -> int:
    dues: list[dict[str, Any]] = []
    rungs: list[dict[str, Any]] = []
    moved = 0
    for task in tasks:
        due_at = rule.due_at(effects.calendar, task)
        estimated = not effects.calendar.is_known(day_of(due_at))
        if due_at != task.due_at or estimated != task.due_estimated:
            dues.append({"b_id": task.id, "b_due": due_at, "b_estimated": estimated})
        if due_at != task.due_at:
            moved += 1
            _note(effects, task, due_at)
        step = _next_step(rule, task, due_at, effects)
        if step is not None and step != task.rung_at:
            rungs.append({"b_id": task.timer_id, "b_due": step})
    rows.set_dues(tx, dues)
    rows.set_rungs(tx, rungs)
    return moved


def _note(effects: Effects, task: Any, due_at: datetime) -> None:
    data = {"from": task.due_at.isoformat(), "to": due_at.isoformat()}
    about = {"unit_id": task.unit_id, "instance_id": task.instance_id, "task_id": task.id, "data": data}
    effects.ledger(Tag.DUE_RECOMPUTE, **about)


def _next_step(rule: _Rule, task: Any, due_at: datetime, effects: Effects) -> datetime | None:
    """The moment of the task's next ladder step; a step that the new count puts into the past is taken now."""
    if task.timer_id is None or rule.ladder is None:
        return None
    index = int(task.rung_index) if str(task.rung_index).isdigit() else -1
    if not 0 <= index < len(rule.ladder.rungs):
        return None
    return max(deadlines.rung_at(rule.ladder.rungs[index], due_at, effects.calendar), effects.now)
