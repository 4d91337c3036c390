"""What the rectification's service tasks do: each turns the form before it into the hazard's row and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from domain.deadlines import deadline
from domain.errors import Forbidden, Invalid
from domain.ledger import Tag
from domain.workdays import BEIJING, end_of
from engine.contract import ActionSignature, Scalar
from models import Tx, new_id
from models.queries import disposals as disposal_rows
from models.queries import hazards as rows
from models.queries import posts as post_rows
from models.queries import serials
from models.queries import units as unit_rows
from services.inspections.disposal_input import usual_measure
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running.effects import Effects
from services.running.handed_in import HandedIn, newest
from services.running.hosts import host_action

_HAZARD = {"hazard_id": "str"}
FARTHEST = timedelta(days=5 * 366)  # how far ahead a time limit may lie
SUSPENSION = "suspension"
PLATE, LEAD = "plate_name", "major_hazard_lead"  # settings: what a plate is called, which post leads a major hazard
USUAL_LEAD = "safety_officer"
OWN_WORK = "报验的人不能验收自己的整改，请由本单位其他人员办理。"
Results = Mapping[str, Scalar]


@host_action(
    "hazard.open",
    "确定验收和督办单位",
    ActionSignature(
        arguments=_HAZARD, results={"grade": "str", "acceptor_id": "str", "supervisor_id": "str", "lead_post": "str"}
    ),
)
def open_round(tx: Tx, *, hazard_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """A round begins: who rectifies, who accepts (the finder; for the office the county) and who lists (a city
    department, else the county)."""
    row = _hazard(tx, hazard_id)
    rows.change(tx, hazard_id, instance_id=instance["id"])
    finder = unit_rows.unit(tx, row["unit_id"])
    is_department = finder is not None and finder.level == "city" and finder.kind == "department"
    acceptor = _acceptor(finder, row)
    supervisor = acceptor if is_department else row["county_id"]
    lead = _settings(tx, facts).get(LEAD) if row["grade"] == "major" else None
    return {
        "grade": row["grade"],
        "acceptor_id": acceptor,
        "supervisor_id": supervisor,
        "lead_post": str(lead or USUAL_LEAD),
    }


def _acceptor(finder: Any, row: Mapping[str, Any]) -> str:
    return str(row["county_id"] if finder is None or finder.kind == "office" else finder.id)


def _settings(tx: Tx, facts: CampaignFacts) -> Mapping[str, Any]:
    return plan_of(edition_of(tx, facts.edition_id), facts).settings


@host_action(
    "hazard.track",
    "查看隐患整改进度",
    ActionSignature(arguments=_HAZARD, results={"tracker_id": "str", "closed": "bool"}),
)
def track(tx: Tx, *, hazard_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """Who follows a major hazard up (whoever accepts it), and whether there is nothing left to follow."""
    row = _hazard(tx, hazard_id)
    return {"tracker_id": _acceptor(unit_rows.unit(tx, row["unit_id"]), row), "closed": row["status"] == "closed"}


@host_action("hazard.plan", "记入整改方案", ActionSignature(arguments=_HAZARD, results={"due": "str"}))
def plan(tx: Tx, *, hazard_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """五落实: responsible, measures, funds, time limit, contingency."""
    row, form = _hazard(tx, hazard_id), newest(tx, fx, instance["id"], "rectification_plan")
    due_at = _due(tx, facts, form.data, fx.now)
    values = {name: str(form.data.get(name) or "") for name in ("responsible", "measures", "funds", "contingency")}
    rows.change(tx, hazard_id, status="rectifying", due_at=due_at, **values)
    data = {"due_at": due_at.isoformat(), "due_reason": str(form.data.get("due_reason") or "")}
    _note(fx, Tag.HAZARD_PLAN, row, instance, form, data)
    return {"due": due_at.isoformat()}


def _due(tx: Tx, facts: CampaignFacts, given: Mapping[str, Any], now: datetime) -> datetime:
    """24:00 of the day named; not before today, and behind the campaign's end only with a reason."""
    due_at = _end_of(given["due_on"], "整改时限", now)
    ends_at = plan_of(edition_of(tx, facts.edition_id), facts).ends_at
    if due_at > ends_at and not str(given.get("due_reason") or "").strip():
        raise Invalid(fields={"due_reason": "整改时限晚于行动结束的，请写明理由"})
    return due_at


def _end_of(given: Any, what: str, now: datetime) -> datetime:
    """24:00 of the day named: not before today, and no slip of the pen in its year."""
    day, today = date.fromisoformat(str(given)[:10]), now.astimezone(BEIJING).date()
    if day < today:
        raise Invalid(fields={"due_on": f"{what}不能早于今天"})
    if day > today + FARTHEST:
        raise Invalid(fields={"due_on": f"{what}过远，请核对年份"})
    return end_of(day)


@host_action("hazard.list", "编号挂牌", ActionSignature(arguments=_HAZARD))
def list_supervision(
    tx: Tx, *, hazard_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Results:
    """Put up the plate: its number, by whom, since when."""
    row, form = _hazard(tx, hazard_id), newest(tx, fx, instance["id"], "listed_supervision")
    year = fx.now.astimezone(BEIJING).year
    name = _settings(tx, facts).get(PLATE) or "挂牌督办"
    plate = f"{name}〔{year}〕{serials.next_number(tx, row['campaign_id'], f'plate:{year}')}号"
    rows.change(tx, hazard_id, listed_at=fx.now, listed_by_post_id=form.post_id, plate=plate)
    suspended = form.data.get("suspended") == "yes"
    _note(fx, Tag.HAZARD_LIST, row, instance, form, {"plate": plate, "suspended": suspended})
    if suspended:
        _suspend(tx, fx, row, instance, form, facts)
    return {}


def _suspend(
    tx: Tx, fx: Effects, row: Mapping[str, Any], instance: Mapping[str, Any], form: HandedIn, facts: CampaignFacts
) -> None:
    """责令停产停业整顿 enters the register of disposals, unless who found the hazard ordered it."""
    if disposal_rows.is_known(tx, SUSPENSION, finding_id=row["finding_id"], clue_id=row["clue_id"]):
        return
    measure = usual_measure(plan_of(edition_of(tx, facts.edition_id), facts), SUSPENSION)
    copied = ("campaign_id", "finding_id", "clue_id", "enterprise_id", "county_id", "township")
    disposal = {name: row[name] for name in copied} | {
        "id": new_id(),
        "kind": SUSPENSION,
        "measure": measure,
        "subject": row["enterprise_name"],
        "facts": row["text"][:1000],
        "basis": str(form.data.get("suspension_basis") or ""),
        "unit_id": form.unit_id,
        "decided_at": fx.now,
        "recorded_by": form.person_id,
    }
    disposal_rows.write(tx, disposal)
    about = {"kind": SUSPENSION, "measure": measure, "disposal": disposal["id"]}
    _note(fx, Tag.DISPOSAL_ADD, row, instance, form, about)


@host_action(
    "hazard.submit",
    "记入整改情况",
    ActionSignature(arguments={**_HAZARD, "acceptor_id": "str"}, results={"by_acceptor": "bool"}),
)
def submit(
    tx: Tx, *, hazard_id: str, acceptor_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Results:
    """Rectified and handed in for acceptance; whether it was the accepting unit itself that did it for the enterprise.

    Then its deputy accepts, so that the officer does not meet the own work again.
    """
    row, form = _hazard(tx, hazard_id), newest(tx, fx, instance["id"], "rectification_report")
    rows.change(tx, hazard_id, status="submitted", submitted_at=fx.now, submitted_by=form.person_id)
    _note(fx, Tag.HAZARD_SUBMIT, row, instance, form, {})
    return {"by_acceptor": post_rows.unit_of(tx, form.post_id) == acceptor_id}


@host_action(
    "hazard.accept",
    "记入验收结论",
    ActionSignature(arguments={**_HAZARD, "due": "str"}, results={"due": "str"}),
)
def accept(
    tx: Tx, *, hazard_id: str, due: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects
) -> Results:
    """Passed: closed, and de-listed where it was listed. Not passed: back to the enterprise under a new date."""
    row, form = _hazard(tx, hazard_id), newest(tx, fx, instance["id"], "rectification_acceptance")
    if form.person_id is not None and form.person_id == row["submitted_by"]:
        raise Forbidden(OWN_WORK)
    if form.outcome == "pass":
        _close(tx, fx, row, instance, form)
        return {"due": due}
    due_at = _again_due(tx, facts, fx, form)
    rows.change(tx, hazard_id, status="returned", due_at=due_at)
    _note(fx, Tag.HAZARD_RETURN, row, instance, form, {"due_at": due_at.isoformat(), "opinion": form.opinion})
    return {"due": due_at.isoformat()}


def _close(tx: Tx, fx: Effects, row: Mapping[str, Any], instance: Mapping[str, Any], form: HandedIn) -> None:
    listed = row["listed_at"] is not None
    delisted = {"delisted_at": fx.now} if listed else {}
    rows.change(tx, row["id"], status="closed", closed_at=fx.now, accepted_by=form.person_id, **delisted)
    _note(fx, Tag.HAZARD_CLOSE, row, instance, form, {})
    if listed:
        _note(fx, Tag.HAZARD_DELIST, row, instance, form, {"plate": row["plate"]})


def _again_due(tx: Tx, facts: CampaignFacts, fx: Effects, form: HandedIn) -> datetime:
    """The date the acceptor named, else the plan's."""
    if form.data.get("due_on"):
        return _end_of(form.data["due_on"], "重新整改期限", fx.now)
    return deadline(plan_of(edition_of(tx, facts.edition_id), facts), fx.calendar, "rectify_again_due", {}, fx.now)


def _hazard(tx: Tx, hazard_id: str) -> dict[str, Any]:
    row = rows.locked(tx, hazard_id)
    if row is None:
        raise Invalid("流程所办的隐患不在隐患台账中")
    return dict(row._asdict())


def _note(
    fx: Effects,
    tag: Tag,
    row: Mapping[str, Any],
    instance: Mapping[str, Any],
    form: HandedIn,
    data: Mapping[str, Any],
) -> None:
    about = {"hazard": row["id"], "number": row["number"]}
    fx.ledger(tag, instance=instance, post_id=form.post_id, unit_id=form.unit_id, data={**about, **data})
