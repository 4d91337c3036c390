"""One clue as its page shows it: what happens next, the counted days, its history, result, signatures, referrals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain import clues as words
from domain.authority import Actor
from domain.deadlines import counted_days, deadline
from domain.ledger import Tag
from domain.plan import Plan
from domain.signs import Sign
from domain.workdays import BEIJING, Calendar
from models import Tx, reading
from models.queries import clues as rows
from services.clues.clue_page import Choices, choices_of, is_overdue
from services.clues.clues import is_keeper, one_seen
from services.counting.form_texts import labels_of
from services.plans.calendar import calendar
from services.plans.launched import Home, home
from services.plans.sectors import sector_names

RESULT_FORM = "clue_result"
LISTS = {"hazards": "查出的重大事故隐患", "illegal_acts": "查出的非法违法行为"}
OF_THE_KEEPER = (Tag.CLUE_REPORTER_SEAL, Tag.CLUE_REPORTER_OPEN, Tag.CLUE_REPORTER_RESEAL)
TOLD = tuple(tag.value for tag in Tag if tag.value.split(":")[0] in ("clue", "letter") and tag not in OF_THE_KEEPER)


@dataclass(frozen=True, kw_only=True)
class Next:
    """What happens next: by whom, and until when (None: no limit)."""

    what: str
    who: str
    due_at: datetime | None
    late: bool
    task_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A term of working days, each of them named; `skipped` are those on which the clock stood still."""

    name: str
    start: datetime
    due_at: datetime
    days: tuple[tuple[date, bool], ...]  # the day, and whether the clock stood still on it
    settled_at: datetime | None
    stood_still: str = ""  # during what the clock stood still


@dataclass(frozen=True, kw_only=True)
class CluePage:
    """Everything the page shows."""

    row: Any
    sign: Sign
    campaign: str
    kind: str
    channel: str
    sector: str
    overdue: bool
    escalated_for: str
    verdict: str
    following: tuple[Next, ...]
    terms: tuple[Term, ...]
    events: tuple[Any, ...]
    letters: tuple[Any, ...]
    result: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    signatures: tuple[Any, ...]
    referrals: tuple[Any, ...]
    may_classify: bool
    may_refer: bool
    keeps_reporter: bool  # the reader is the keeper, and somebody's name is kept
    choices: Choices | None
    city_part_note: str
    referred_to: tuple[tuple[str, str], ...] = tuple(words.REFERRED_TO.items())


def one(actor: Actor, clue_id: str, now: datetime) -> CluePage:
    """A clue the actor may see."""
    with reading() as tx:
        row = one_seen(tx, actor, clue_id)
        return _page(tx, actor, row, home(tx, row.campaign_id), now)


def _page(tx: Tx, actor: Actor, row: Any, found: Home, now: datetime) -> CluePage:
    cal = calendar(tx)
    may_classify = "office" in actor.roles and row.status in words.TO_CLASSIFY
    keeper = is_keeper(actor, found.plan, found.row.owner_unit_id)
    fields, lists = _result(found, row.result)
    events = tuple(rows.events(tx, row.campaign_id, row.id, TOLD))
    loop = (found.plan.raw.get("mechanisms") or {}).get("loop_12341") or {}
    return CluePage(
        row=row,
        sign=words.SIGNS[row.status],
        campaign=found.short_title,
        kind=words.KINDS.get(row.kind, row.kind),
        channel=words.CHANNELS.get(row.channel, row.channel),
        sector=sector_names(found.plan).get(row.sector, ""),
        overdue=is_overdue(row, now),
        escalated_for=words.ESCALATIONS.get(row.escalated_for or "", ""),
        verdict=words.VERDICTS.get(row.verdict or "", ""),
        following=_following(tx, found, cal, row, now),
        terms=tuple(_terms(found.plan, cal, row, events)),
        events=events,
        letters=tuple(rows.letters_of(tx, row.id)),
        result=fields,
        lists=lists,
        signatures=tuple(rows.signatures_of(tx, row.instance_id)) if row.instance_id else (),
        referrals=tuple(rows.referrals_of(tx, row.id)),
        may_classify=may_classify,
        may_refer=_may_refer(actor, row),
        keeps_reporter=keeper and rows.has_reporter(tx, row.id),
        choices=choices_of(tx, found, actor) if may_classify else None,
        city_part_note=str(loop.get("city_part_note") or ""),
    )


def _may_refer(actor: Actor, row: Any) -> bool:
    handles = any(post.unit_id == row.unit_id and post.role in ("staff", "leader") for post in actor.in_use)
    return row.status in (*words.IN_HAND, "concluded") and (handles or "office" in actor.roles)


def _following(tx: Tx, found: Home, cal: Calendar, row: Any, now: datetime) -> tuple[Next, ...]:
    """The open tasks; before the hand-over what the office owes."""
    office = found.plan.units["campaign_office"].name
    if row.status in words.TO_CLASSIFY:
        waits = row.status == "classified"
        name = "clue_assign_due" if waits else "clue_register_due"
        start = row.registered_at if row.status != "released" else row.ruled_at or row.registered_at
        due = deadline(found.plan, cal, name, {"registered_at": start}, start)
        what = "列入交办清单，盖章后交办" if waits else "分类：确定责任单位、归属地和行业领域"
        return (Next(what=what, who=office, due_at=due, late=due < now),)
    if not row.instance_id or row.status == "rejected":
        return ()
    return tuple(
        Next(
            what=task.name,
            who=f"{task.unit}{task.post}",
            due_at=task.due_at,
            late=bool(task.due_at and task.due_at < now),
            task_id=task.id,
        )
        for process in (row.instance_id, *_supervisions(tx, row.id))
        for task in rows.tasks_of(tx, process)
    )


def _supervisions(tx: Tx, clue_id: str) -> list[str]:
    """The processes by which departments supervise what was handed over."""
    return [letter.supervision_id for letter in rows.letters_of(tx, clue_id) if letter.supervision_id]


def _terms(plan: Plan, cal: Calendar, row: Any, events: Sequence[Any]) -> list[Term]:
    """The two terms that run from the hand-over, day by day."""
    found = []
    if row.received_at and row.objection_due:
        days = tuple((day, False) for day in counted_days(cal, row.received_at, row.objection_due))
        term = Term(
            name="异议反馈期限", start=row.received_at, due_at=row.objection_due, days=days, settled_at=row.objected_at
        )
        found.append(term)
    if row.assigned_at and row.result_due:
        still, why = _still(plan, cal, row, events)
        days = tuple((day, day in still) for day in counted_days(cal, row.assigned_at, row.result_due))
        term = Term(
            name="办理结果反馈期限",
            start=row.assigned_at,
            due_at=row.result_due,
            days=days,
            settled_at=row.reported_at,
            stood_still=why,
        )
        found.append(term)
    return found


def _still(plan: Plan, cal: Calendar, row: Any, events: Sequence[Any]) -> tuple[frozenset[date], str]:
    """The working days that were added to the term, those of an objection and those until a result was returned; the
    two in words."""
    stops = plan.settings.get("objection_stops_clock") and row.objected_at and row.ruled_at
    objected = [(row.objected_at, row.ruled_at)] if stops else []
    returned = [one for one in events if one.tag == Tag.CLUE_RETURN.value and one.at > row.assigned_at]
    checked = [(datetime.fromisoformat(one.data["reported_at"]), one.at) for one in returned]
    days = ([at.astimezone(BEIJING).date() for at in pair] for pair in (*objected, *checked))
    words_ = "、".join(word for word, times in (("异议", objected), ("审核退回", checked)) if times)
    return frozenset(day for first, last in days for day in cal.workdays_between(first, last)), f"{words_}期间"


def _result(found: Home, data: Any) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """The result's fields and its two lists, with the form's labels."""
    if not isinstance(data, Mapping):
        return (), ()
    labels = labels_of(found.edition.forms.get(RESULT_FORM, {}))
    given = {path: data.get(path) for path in labels.titles if "." not in path and not isinstance(data.get(path), list)}
    texts = ((labels.titles[path], labels.text(path, value)) for path, value in given.items())
    listed = ((title, data.get(name) or ()) for name, title in LISTS.items())
    lists = ((title, tuple(_detail(one) for one in entries)) for title, entries in listed if entries)
    return tuple((title, text) for title, text in texts if text), tuple(lists)


def _detail(entry: Mapping[str, Any]) -> str:
    state = {True: "（已整改）", False: "（未整改）"}.get(entry.get("rectified"), "")  # type: ignore[arg-type]
    return f"{entry.get('detail') or ''}{state}"
