"""The page of one task: what is asked, by when, on what ground, what was handed in before, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain import clauses
from domain.authority import Actor, HeldPost
from domain.errors import Forbidden, NotFound
from domain.ledger import TITLES, Tag
from domain.lights import Light, light
from domain.plan import Plan
from domain.signs import Sign, task_sign
from engine.contract import Element, Outcome
from models import Tx, reading
from models.queries import instances as instance_rows
from models.queries import items as item_rows
from models.queries import records
from models.queries import task_page as rows
from services._scope import units_of
from services.counting import counted_forms
from services.counting.form_context import context_of
from services.counting.form_texts import labels_of
from services.plans.calendar import calendar
from services.plans.versions import CampaignFacts, Version, campaign_facts, plan_of, version_of
from services.running.instances import LIVE
from services.tasks.diagrams import Drawn, drawn, passed

SHOWN_EVENTS = 100
TOLD = frozenset(
    {
        Tag.INSTANCE_START,
        Tag.INSTANCE_END,
        Tag.INSTANCE_CANCEL,
        Tag.TASK_OPEN,
        Tag.TASK_COMPLETE,
        Tag.TASK_WITHDRAW,
        Tag.EARLY_WARNING,
        Tag.ESCALATION_STEP,
        Tag.SIGN_OFF,
        Tag.SIGN_OFF_RETURN,
        Tag.STAGE_PASS,
        Tag.CHILDREN_START,
        Tag.CHILDREN_DONE,
        Tag.DUE_RECOMPUTE,
        Tag.STATEMENT_LATE,
    }
)
OF_ONE_TASK = frozenset({Tag.EARLY_WARNING, Tag.ESCALATION_STEP, Tag.DUE_RECOMPUTE})
LADDER = frozenset({Tag.EARLY_WARNING, Tag.ESCALATION_STEP})
OF_THE_PROCESS = frozenset({Tag.TASK_OPEN, Tag.INSTANCE_START, Tag.INSTANCE_END, Tag.CHILDREN_START, Tag.CHILDREN_DONE})
STEPS = frozenset({"userTask", "callActivity", "subProcess"})


@dataclass(frozen=True, kw_only=True)
class Clause:
    """The ground of a task: a clause of the notice with its sentences, or (product) this system's own rule."""

    name: str
    texts: tuple[str, ...]

    @property
    def is_product(self) -> bool:
        return self.name == "product"


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A form that was handed in: labels and values."""

    row: Any
    title: str
    fields: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]], ...]  # title, headings, lines
    outcome: str
    attachments: tuple[Any, ...]
    sectors: counted_forms.BySector | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, as the timeline tells it."""

    row: Any
    title: str
    outcome: str
    opinion: str
    person: str


@dataclass(frozen=True, kw_only=True)
class TaskPage:
    """Everything the page shows. `post` is the held post by which the actor may complete the task, else None."""

    row: Any
    campaign: str
    sign: Sign
    light: Light | None
    rung: str
    element: Element
    clause: Clause | None
    post: HeldPost | None
    other_post: HeldPost | None  # held, but not the one acted for at the moment
    form: Mapping[str, Any] | None
    data: Mapping[str, Any]  # of the submission, else of one's draft
    context: Mapping[str, Any]  # what the form may show but not change
    draft_saved_at: datetime | None
    attachment_policy: str  # none | optional | required
    attachments: tuple[Any, ...]
    outcome: str
    opinion: str
    asks_opinion: bool
    before: tuple[HandedIn, ...]
    events: tuple[Event, ...]
    sectors: counted_forms.BySector | None = None  # a counted form's figures by sector
    prefilled_from: Any = None  # the earlier submission of the same form whose answers are put in
    ahead: tuple[str, ...] = field(default=())

    @property
    def may_complete(self) -> bool:
        return self.post is not None and self.row.status == "open" and self.row.instance_status in LIVE

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return self.element.outcomes


def page(actor: Actor, task_id: str, now: datetime) -> TaskPage:
    """A task that the actor may see: who holds its post, has a part in its instance or sees its unit or instance."""
    with reading() as tx:
        row = visible(tx, actor, task_id)
        version = version_of(tx, row.process_version_id)
        facts = campaign_facts(tx, row.campaign_id, version.edition)
        return _page(tx, actor, row, version, facts, now)


def visible(tx: Tx, actor: Actor, task_id: str) -> Any:
    """The task's row; NotFound, or Forbidden for those it does not concern.

    An item passes from unit to unit: to whom it came, what was handed in before is shown.
    """
    row = rows.task(tx, task_id)
    if row is None:
        raise NotFound("没有找到这项任务，可能已被删除或地址有误。")
    holds = any(post.id == row.post_id for post in actor.posts)
    sees = actor.sees(row.unit_path) or (row.instance_path and actor.sees(row.instance_path))
    if not holds and not sees and not _is_party(tx, actor, row):
        raise Forbidden("这项任务不在您的岗位和数据范围内。")
    return row


def _is_party(tx: Tx, actor: Actor, row: Any) -> bool:
    """Who checks another unit's report has to see what it rests on; an item is shared with the units it names."""
    taking_part = rows.takes_part(tx, row.instance_id, [post.id for post in actor.posts])
    return taking_part or item_rows.shared(tx, row.instance_id, units_of(actor))


def _page(tx: Tx, actor: Actor, row: Any, version: Version, facts: CampaignFacts, now: datetime) -> TaskPage:
    plan = plan_of(version.edition, facts)
    element = version.elements[row.element]
    form = version.form(element.form) if element.form else None
    handed_in = rows.submissions(tx, row.instance_id)
    own = next((one for one in handed_in if one.task_id == row.id), None)
    draft = records.draft(tx, row.id, str(actor.person_id)) if row.status == "open" else None
    files = rows.attachments(tx, [row.id, *(one.task_id for one in handed_in)])
    earlier = _earlier(row, element, handed_in) if draft is None else None
    context = context_of(tx, element, facts, row.variables)
    return TaskPage(
        row=row,
        campaign=plan.short_title if row.campaign_id else "",
        sign=task_sign(row.status, row.due_at, row.completed_at, now, opened_at=row.opened_at),
        light=light(row.due_at, now, calendar(tx), row.light, opened_at=row.opened_at)
        if row.status == "open"
        else None,
        rung=_rung(plan, row.rung),
        element=element,
        clause=_clause(plan, element),
        post=actor.post(row.post_id),
        other_post=next((p for p in actor.posts if p.id == row.post_id and actor.post(p.id) is None), None),
        form=form,
        data=_data(row, form, plan, context, next((one.data for one in (own, draft, earlier) if one and one.data), {})),
        context=context,
        draft_saved_at=draft.saved_at if draft else None,
        attachment_policy=str(((form or {}).get("properties") or {}).get("attachments") or "optional"),
        attachments=tuple(file for file in files if file.task_id == row.id),
        outcome=_outcome_name(element, row.outcome),
        opinion=own.opinion if own else "",
        asks_opinion=bool(element.outcomes) and not _has_field(form, "opinion"),
        before=_before(version, plan, [one for one in handed_in if one.task_id != row.id], files),
        sectors=counted_forms.by_sector(plan, form, _sectors(own.data) if own else context.get(counted_forms.SECTORS)),
        events=_events(tx, row, version),
        prefilled_from=earlier,
        ahead=_ahead(tx, row, version) if row.status == "open" else (),
    )


def _data(
    row: Any, form: Mapping[str, Any] | None, plan: Plan, context: Mapping[str, Any], found: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Answers as the form shows them; neither figures that the house counts nor lines of its own are an old draft's."""
    if row.status != "open":
        return {key: value for key, value in found.items() if key != counted_forms.KEPT}
    counted = counted_forms.fields_of(form, plan.raw)
    lists = {str(one.get("path")): one for one in (form or {}).get("components") or () if one.get("path")}
    return {
        key: value
        for key, value in found.items()
        if key not in counted and key != counted_forms.KEPT and _same_lines(lists.get(key), context.get(key), value)
    }


def _same_lines(component: Mapping[str, Any] | None, given: Any, found: Any) -> bool:
    """Whether lines that were typed belong to the lines that the host gives now."""
    if component is None or not isinstance(given, list) or not isinstance(found, list):
        return True
    fixed = [one["key"] for one in component.get("components") or () if one.get("readonly") is True and "key" in one]
    return [[line.get(key) for key in fixed] for line in given] == [[line.get(key) for key in fixed] for line in found]


def _rung(plan: Plan, rung: str | None) -> str:
    names = {step.id: step.name for ladder in plan.escalation.values() for step in ladder.rungs}
    return names.get(rung or "", "")


def _clause(plan: Plan, element: Element) -> Clause | None:
    if not element.clause:
        return None
    found = () if element.clause == "product" else clauses.texts(plan.raw, element.clause)
    return Clause(name=element.clause, texts=found)


def _outcome_name(element: Element, outcome: str | None) -> str:
    return next((o.name for o in element.outcomes if o.value == outcome), "")


def _has_field(form: Mapping[str, Any] | None, key: str) -> bool:
    return any(component.get("key") == key for component in (form or {}).get("components") or ())


def _sectors(data: Any) -> Any:
    """What a submission kept by sector."""
    return ((data or {}).get(counted_forms.KEPT) or {}).get("sectors")


def _before(version: Version, plan: Plan, handed_in: Sequence[Any], files: Sequence[Any]) -> tuple[HandedIn, ...]:
    return tuple(_handed_in(version, plan, one, files) for one in handed_in)


def handed_in(tx: Tx, instance_id: str) -> tuple[HandedIn, ...]:
    """What was handed in within one instance, as its task pages show it."""
    instance = instance_rows.instance(tx, instance_id)
    version = version_of(tx, instance.process_version_id)
    plan = plan_of(version.edition, campaign_facts(tx, instance.campaign_id, version.edition))
    found = rows.submissions(tx, instance_id)
    return _before(version, plan, found, rows.attachments(tx, [one.task_id for one in found]))


def _handed_in(version: Version, plan: Plan, row: Any, files: Sequence[Any]) -> HandedIn:
    schema = version.form(row.form_key) if row.form_key else {}
    labels = labels_of(schema)
    fields, lists = [], []
    for key, value in (row.data or {}).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            columns = labels.fields_of(key)
            lines = [tuple(labels.text(f"{key}.{name}", line.get(name)) for name, _ in columns) for line in value]
            lists.append((_list_title(schema, key), tuple(label for _, label in columns), tuple(lines)))
        elif key in labels.titles and value not in (None, "", []):
            fields.append((labels.titles[key], labels.text(key, value)))
    element = version.elements.get(row.element)
    return HandedIn(
        row=row,
        title=row.task_name,
        fields=tuple(fields),
        lists=tuple(lists),
        outcome=_outcome_name(element, row.outcome) if element else "",
        attachments=tuple(file for file in files if file.task_id == row.task_id),
        sectors=counted_forms.by_sector(plan, schema, _sectors(row.data)),
    )


def _list_title(schema: Mapping[str, Any], path: str) -> str:
    """The label of the list that holds its lines at `path`."""
    for component in schema.get("components") or ():
        if component.get("path") == path:
            return str(component.get("label") or "")
        inside = _list_title(component, path)
        if inside:
            return inside
    return ""


def _earlier(row: Any, element: Element, handed_in: Sequence[Any]) -> Any:
    """This post's last submission of the same form in this instance: nobody types a thing twice.

    What somebody else promised or said, and what was said at an earlier decision, is not put into one's mouth.
    """
    if row.status != "open" or element.outcomes:
        return None
    same = [one for one in handed_in if one.form_key == element.form and one.post_id == row.post_id]
    return same[-1] if same else None


def _events(tx: Tx, row: Any, version: Version) -> tuple[Event, ...]:
    """What happened in the instance, the oldest first; reminders of other tasks are theirs."""
    found = instance_rows.history(tx, row.instance_id, SHOWN_EVENTS)
    told = (event for event in reversed(found) if event.tag in TOLD)
    return tuple(_event(event, version) for event in told if event.tag not in OF_ONE_TASK or event.task_id == row.id)


def _event(row: Any, version: Version) -> Event:
    data = row.data or {}
    element = version.elements.get(data.get("element", ""))
    step = data.get("name") if row.tag in LADDER else ""
    return Event(
        row=row,
        title=str(step or TITLES[Tag(row.tag)]),
        outcome=_outcome_name(element, data.get("outcome")) if element else "",
        opinion=str(data.get("opinion") or ""),
        # a task is given by the process; who acted before it did not give it
        person="" if row.tag in OF_THE_PROCESS else row.person or "系统",
    )


def _ahead(tx: Tx, row: Any, version: Version) -> tuple[str, ...]:
    """Names of the steps that can come after this task and have not been passed, the nearest first."""
    seen = set(passed(instance_rows.passed(tx, row.instance_id))) | {row.element}
    names, left = [], [row.element]
    visited = {row.element}
    while left:
        node = version.process.node(left.pop(0))
        for flow in node.flows if node else ():
            if flow.target in visited:
                continue
            visited.add(flow.target)
            left.append(flow.target)
            element = version.elements.get(flow.target)
            if element and element.kind in STEPS and element.id not in seen:
                names.append(element.name)
    return tuple(names)


def diagram(actor: Actor, task_id: str) -> Drawn:
    """The diagram of the task's process with what happened on it."""
    with reading() as tx:
        row = visible(tx, actor, task_id)
        return drawn(tx, version_of(tx, row.process_version_id), row.instance_id)
