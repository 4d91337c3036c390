"""签批: what waits for somebody's signature, and one thing to sign with everything that bears on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Invalid, NotFound
from domain.lights import Light, light
from domain.plan import SignOff
from domain.workdays import limit
from engine.contract import Element
from models import Tx, reading
from models.queries import sign_offs as rows
from services.counting.form_context import MET
from services.plans.calendar import calendar
from services.plans.versions import edition_of, version_of
from services.tasks import task_page
from services.tasks.inbox import cursor, parsed_cursor
from services.tasks.task_page import TaskPage

PAGE = 30
MOST = 200  # open signatures that are listed
MODES = {"joint": "会签", "in_turn": "依次签字", "any_one": "一人签字"}


# -- the list ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Line:
    """Something to sign, or signed."""

    row: Any
    what: str  # the plan's name of the sign-off
    clause: str
    campaign: str
    light: Light | None
    outcome: str = ""  # the button that was pressed
    affirmed: bool = True


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """What waits, the first due first, and what was signed, the latest first."""

    waiting: tuple[Line, ...]
    late: int
    done: tuple[Line, ...]
    next_after: str


def page(actor: Actor, after: str, now: datetime) -> ListPage:
    """The signatures of the posts in use, and those the person gave; `after` is the cursor of a page of these."""
    before = parsed_cursor(after) if after else None
    if before is not None and before[0] is None:
        raise Invalid("页码有误，请回到第一页。")
    with reading() as tx:
        open_ones = _waiting(tx, actor)
        signed = rows.signed(tx, str(actor.person_id), before=before, limit=PAGE + 1)
        known = calendar(tx)
        waiting = tuple(_line(tx, row, light(row.due_at, now, known, row.light)) for row in open_ones)
        done = tuple(_line(tx, row, None) for row in signed[:PAGE])
    return ListPage(
        waiting=waiting,
        late=sum(line.row.due_at is not None and line.row.due_at < now for line in waiting),
        done=done,
        next_after=cursor(signed[PAGE - 1].signed_at, signed[PAGE - 1].id) if len(signed) > PAGE else "",
    )


def next_task(actor: Actor) -> str | None:
    """What is to be signed next."""
    with reading() as tx:
        found = _waiting(tx, actor)
    return found[0].id if found else None


def _waiting(tx: Tx, actor: Actor) -> list[Any]:
    if not actor.post_ids:
        return []
    versions = [version_of(tx, version_id) for version_id in rows.versions_of(tx, actor.post_ids)]
    elements = [(v.id, one.id) for v in versions for one in v.elements.values() if one.sign_off]
    return rows.waiting(tx, actor.post_ids, elements, MOST) if elements else []


def _line(tx: Tx, row: Any, shown: Light | None) -> Line:
    element = version_of(tx, row.process_version_id).elements[row.element]
    plan = edition_of(tx, row.version_id).plan if row.version_id else None
    entry = plan.sign_offs.get(element.sign_off or "") if plan else None
    outcome = row.outcome if shown is None else None
    return Line(
        row=row,
        what=entry.name if entry else row.name,
        clause=_clause(element, entry),
        campaign=plan.short_title if plan else "",
        light=shown,
        outcome=outcome_name(element, outcome),
        affirmed=outcome in (None, "sign") or outcome == first_outcome(element),
    )


def _clause(element: Element, entry: SignOff | None) -> str:
    found = (entry.clause if entry else None) or element.clause
    return "" if found in (None, "product") else str(found)


def first_outcome(element: Element) -> str:
    """The button that says yes."""
    return element.outcomes[0].value if element.outcomes else "sign"


def outcome_name(element: Element, outcome: str | None) -> str:
    """A button's words; a task without buttons is simply signed."""
    return next((one.name for one in element.outcomes if one.value == outcome), "签署" if outcome == "sign" else "")


# -- one thing to sign -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Signer:
    """Somebody who signs the same thing: signed, returned, or still asked."""

    who: str
    person: str
    state: str  # signed returned asked later
    word: str
    at: datetime | None
    due_at: datetime | None
    me: bool


@dataclass(frozen=True, kw_only=True)
class Said:
    """An opinion given in this process before."""

    at: datetime
    who: str
    what: str
    affirmed: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class SignPage:
    """Everything that bears on one signature. `task` holds the content: form, what was handed in, ground, history."""

    task: TaskPage
    what: str
    object: str
    text: str  # the notice's words
    clause: str
    mode: str
    signers: tuple[Signer, ...]
    opinions: tuple[Said, ...]
    deviations: tuple[str, ...]


def one(actor: Actor, task_id: str, now: datetime) -> SignPage:
    """One signature, for whoever may see its task."""
    task = task_page.page(actor, task_id, now)
    if not task.element.sign_off:
        raise NotFound("这项任务不是签批事项。")
    with reading() as tx:
        found = rows.of_instance(tx, task.row.instance_id)
        version = version_of(tx, task.row.process_version_id)
        plan = edition_of(tx, task.row.campaign_version_id).plan if task.row.campaign_version_id else None
    entry = plan.sign_offs.get(task.element.sign_off) if plan else None
    signers = _signers(task, version.elements, found)
    opinions = _opinions(version.elements, found, task.row.id)
    return SignPage(
        task=task,
        what=entry.name if entry else task.row.name,
        object=entry.object if entry else "",
        text=entry.text if entry else "",
        clause=_clause(task.element, entry),
        mode=MODES.get(entry.mode, "") if entry and len(signers) > 1 else "",
        signers=signers,
        opinions=opinions,
        deviations=_deviations(task, found, opinions, now),
    )


def _signers(task: TaskPage, elements: Any, found: Sequence[Any]) -> tuple[Signer, ...]:
    """Who signs in this round: it began when what is signed was last handed in."""
    same = {key for key, element in elements.items() if element.sign_off == task.element.sign_off}
    handed = [row.completed_at for row in found if row.status == "done" and row.element not in same]
    began = max((at for at in handed if at <= task.row.opened_at), default=None)
    this_round = {
        row.element: row for row in found if row.element in same and (began is None or row.opened_at >= began)
    }
    signers = [_signer(elements[row.element], row, task.row.id) for row in this_round.values()]
    later = [elements[key] for key in elements if key in same - this_round.keys() and elements[key].name in task.ahead]
    return (*signers, *(_later(element) for element in later))


def _signer(element: Element, row: Any, own_id: str) -> Signer:
    state = "asked" if row.status == "open" else "withdrawn"
    word = "待签" if row.status == "open" else "已收回"
    if row.signed_at is not None:
        state = "signed" if row.outcome == first_outcome(element) else "returned"
        word = "已签" if state == "signed" else "已退回"
    return Signer(
        who=f"{row.unit} · {row.post}",
        person=row.person or "",
        state=state,
        word=word,
        at=row.signed_at,
        due_at=row.due_at,
        me=row.id == own_id,
    )


def _later(element: Element) -> Signer:
    return Signer(who=element.name, person="", state="later", word="尚未送签", at=None, due_at=None, me=False)


def _opinions(elements: Any, found: Sequence[Any], own_id: str) -> tuple[Said, ...]:
    signed = sorted((row for row in found if row.signed_at is not None and row.id != own_id), key=lambda r: r.signed_at)
    return tuple(
        Said(
            at=row.signed_at,
            who=f"{row.unit} · {row.post} {row.person or ''}".strip(),
            what=outcome_name(elements[row.element], row.outcome),
            affirmed=row.outcome == first_outcome(elements[row.element]),
            text=row.opinion,
        )
        for row in signed
        if row.element in elements
    )


def _deviations(task: TaskPage, found: Sequence[Any], opinions: Sequence[Said], now: datetime) -> tuple[str, ...]:
    """What is not as the plan has it: late, criteria unmet, returned before."""
    own = task.row
    lines = []
    if own.status == "open" and own.due_at and own.due_at < now:
        lines.append(f"签署已超期，截止时间为 {limit(own.due_at)}。")
    returned = sum(not said.affirmed for said in opinions)
    if returned:
        lines.append(f"此前已退回 {returned} 次。")
    for row in found:
        if row.id != own.id and row.status == "done" and row.due_at and row.completed_at > row.due_at:
            lines.append(f"“{row.name}”超期办结：截止 {limit(row.due_at)}，实际 {limit(row.completed_at)}。")
    unmet = [one["name"] for one in task.context.get("criteria") or () if one["met"] != MET[True]]
    if unmet:
        lines.append(f"完成条件未达成：{'；'.join(unmet)}。")
    below = task.context.get("unmet_targets")
    if below:
        lines.append(f"没有达到目标：{'；'.join(below)}。同意须写明理由。")
    return tuple(lines)
