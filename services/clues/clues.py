"""Clues until they are handed over: registering, classifying, turning away; referrals; opening a reporter."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from domain import clues as words
from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx, new_id, transaction
from models.queries import clues as rows
from models.queries import serials
from models.queries import units as unit_rows
from services._command import command
from services._record import record
from services._scope import paths_of, units_of
from services.clues.vault import FIELDS, Vault, receipt_hash
from services.plans.launched import Home, chosen_home, home
from services.plans.units import group_units

LIMITS = {"subject": 120, "place": 120, "text": 4000, "name": 40, "phone": 40, "address": 120}
LABELS = {
    "subject": "反映的单位",
    "place": "地点",
    "text": "反映的问题",
    "name": "姓名",
    "phone": "电话",
    "address": "住址",
}
LONGEST_REASON = 1000
RESULT_REPORT = "r_clue_result"
OF_A_ROUND = (
    "assigned_at", "received_at", "verified_at", "objection_due", "objected_at", "ruled_at", "verdict", "result_due",
    "instance_id", "letter_id", "escalated_at", "escalated_for",
)  # fmt: skip
OFFICE_ONLY = "只有行动领导组办公室可以办理线索的分类。"


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What is registered of a clue. Who reported it is no part of it."""

    channel: str
    kind: str
    subject: str
    text: str
    place: str = ""
    county_id: str = ""
    sector: str = ""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A clue that was registered; `code` is for the reporter and is shown once."""

    id: str
    number: str
    code: str


@dataclass(frozen=True)
class _Entry:
    """What a registration writes, once everything was checked."""

    id: str
    intake: Intake
    reporter: Mapping[str, str] = field(repr=False)
    code: str = field(repr=False)


def register(
    actor: Actor,
    intake: Intake,
    reporter: Mapping[str, str],
    vault: Vault,
    now: datetime,
    *,
    campaign_id: str | None = None,
) -> Registered:
    """Register a clue and seal its reporter. Staff of units register only what they found themselves.

    Raises Invalid with the fields, Forbidden; a repeated Idempotency-Key gets the same number and code again.
    """
    _refuse_channel(actor, intake.channel, reporter)
    person = actor.person_id or ""
    entry = checked(intake, reporter, vault.code(person, actor.command_key or secrets.token_hex(16)))
    asked = ("clue:register", campaign_id, asdict(entry.intake), vault.mark(*(entry.reporter[name] for name in FIELDS)))
    with command(actor, asked, {"clue": entry.id}, now) as run:
        if run.replay is not None:
            return _registered(run.tx, run.replay["clue"], entry.code)
        found = _home(run.tx, actor, campaign_id)
        number = write(run.tx, actor, found, entry, vault, now)
    return Registered(id=entry.id, number=number, code=entry.code)


def _registered(tx: Tx, clue_id: str, code: str) -> Registered:
    row = rows.one(tx, clue_id)
    if row is None:
        raise NotFound
    return Registered(id=clue_id, number=row.number, code=code)


def _home(tx: Tx, actor: Actor, campaign_id: str | None) -> Home:
    found = chosen_home(tx, actor, campaign_id)
    if found is None or found.row.status != "running":
        raise Invalid("目前没有正在进行的行动，不能登记线索。")
    return found


def _refuse_channel(actor: Actor, channel: str, reporter: Mapping[str, str]) -> None:
    if "office" in actor.roles:
        return
    if "staff" not in actor.roles or channel not in words.FOUND:
        raise Forbidden("您的岗位只能登记督查检查和网格员上报发现的线索。")
    if any(str(reporter.get(name) or "").strip() for name in FIELDS):
        raise Invalid("自行发现的线索不登记举报人；群众举报请转市领导组办公室登记。")


def checked(intake: Intake, reporter: Mapping[str, str], code: str) -> _Entry:
    """Everything trimmed and looked at; Invalid names what is wrong with which field."""
    values = {name: str(value).strip() for name, value in asdict(intake).items()}
    about = {name: str(reporter.get(name) or "").strip() for name in FIELDS}
    errors = {name: f"请填写{LABELS[name]}" for name in ("subject", "text") if not values[name]}
    if values["channel"] not in words.CHANNELS:
        errors["channel"] = "请选择渠道"
    if values["kind"] not in words.KINDS:
        errors["kind"] = "请选择信息类别"
    for name, longest in LIMITS.items():
        given = values.get(name, about.get(name, ""))
        if len(given) > longest:
            errors[name] = f"{LABELS[name]}不能超过 {longest} 字"
        elif "\x00" in given or any(0xD800 <= ord(c) <= 0xDFFF for c in given):
            errors[name] = f"{LABELS[name]}含有无法保存的字符"
    if errors:
        raise Invalid(fields=errors)
    return _Entry(new_id(), Intake(**values), about, code)


def write(tx: Tx, actor: Actor, found: Home, entry: _Entry, vault: Vault, now: datetime) -> str:
    """The rows of a registration; the clue's number."""
    given = entry.intake
    county_id, sector = _place(tx, found.plan, given)
    enterprise = rows.enterprise_named(tx, given.subject)
    day = f"{now.astimezone(BEIJING):%Y%m%d}"
    serial = serials.next_number(tx, found.row.id, f"clue:{day}")
    number = words.number(str(found.plan.settings.get("clue_number") or "{day}{serial}"), now, serial)
    row = {
        "id": entry.id,
        "campaign_id": found.row.id,
        "number": number,
        "channel": given.channel,
        "kind": given.kind,
        "subject": given.subject,
        "enterprise_id": enterprise.id if enterprise else None,
        "county_id": county_id or (enterprise.county_id if enterprise else None),
        "place": given.place,
        "sector": sector or (enterprise.sector if enterprise else ""),
        "text": given.text,
        "status": "registered",
        "registered_at": now,
        "registered_by": actor.person_id,
        "receipt_hash": receipt_hash(entry.code),
        "anonymous": not any(entry.reporter.values()),
    }
    rows.add(tx, "clue", row)
    about = {"campaign_id": found.row.id}
    note = {"clue": entry.id, "number": number}
    record(tx, Tag.CLUE_REGISTER, now, actor, {**note, "channel": given.channel}, **about)
    if not row["anonymous"]:
        sealed, key_id = vault.seal(entry.id, entry.reporter)
        rows.add(tx, "reporter", {"clue_id": entry.id, "sealed": sealed, "key_id": key_id, "sealed_at": now})
        record(tx, Tag.CLUE_REPORTER_SEAL, now, actor, note, **about)
    return number


def _place(tx: Tx, plan: Plan, given: Intake) -> tuple[str | None, str]:
    """County and sector, where they were given, as the directory and the plan know them."""
    errors = {}
    unit = unit_rows.unit(tx, given.county_id) if given.county_id else None
    if given.county_id and (unit is None or unit.level != "county"):
        errors["county_id"] = "请选择所在县（区、市）"
    if given.sector and given.sector not in (plan.raw.get("sectors") or {}):
        errors["sector"] = "请选择行业领域"
    if errors:
        raise Invalid(fields=errors)
    return (unit.id if unit else None), given.sector


# -- the office's classification ---------------------------------------------------------------------------------------
def classify(
    actor: Actor, clue_id: str, *, unit_id: str, county_id: str, sector: str, place: str = "", now: datetime
) -> None:
    """Say which unit is responsible and where it is (附件1 一（二）); until the hand-over it may be said again."""
    asked = ("clue:classify", clue_id, unit_id, county_id, sector, place)
    with command(actor, asked, {"clue": clue_id}, now) as run:
        if run.replay is not None:
            return
        clue = _for_office(run.tx, actor, clue_id)
        plan = home(run.tx, clue.campaign_id).plan
        unit = _responsible(run.tx, plan, unit_id)
        intake = Intake(channel="", kind="", subject="", text="", county_id=county_id, sector=sector)
        known_county, known_sector = _place(run.tx, plan, intake)
        errors = {} if known_sector else {"sector": "请选择行业领域"}
        if known_county is None:
            errors["county_id"] = "请选择归属地"
        if errors:
            raise Invalid(fields=errors)
        values = {"unit_id": unit.id, "county_id": known_county, "sector": known_sector, "status": "classified"}
        values["place"] = place.strip()[: LIMITS["place"]] or clue.place
        rows.change(run.tx, clue_id, **values, **_fresh(clue), classified_at=now)
        data = {"clue": clue_id, "number": clue.number, "unit": unit.short_name}
        record(run.tx, Tag.CLUE_CLASSIFY, now, actor, data, campaign_id=clue.campaign_id)


def _fresh(clue: Any) -> dict[str, Any]:
    """A clue that came back begins anew; what the first unit did with it stands in the ledger."""
    return dict.fromkeys(OF_A_ROUND) | {"objection": ""} if clue.status == "released" else {}


def reject(actor: Actor, clue_id: str, reason: str, now: datetime) -> None:
    """What does not belong to the campaign, or was reported before, is not taken up; the reason stays."""
    reason = _reason(reason)
    with command(actor, ("clue:reject", clue_id, reason), {"clue": clue_id}, now) as run:
        if run.replay is not None:
            return
        clue = _for_office(run.tx, actor, clue_id)
        rows.change(run.tx, clue_id, status="rejected", conclusion=reason, concluded_at=now)
        data = {"clue": clue_id, "number": clue.number, "opinion": reason}
        record(run.tx, Tag.CLUE_REJECT, now, actor, data, campaign_id=clue.campaign_id)


def _for_office(tx: Tx, actor: Actor, clue_id: str) -> Any:
    """The clue, locked, while the office may still classify it."""
    if "office" not in actor.roles:
        raise Forbidden(OFFICE_ONLY)
    clue = rows.locked(tx, clue_id)
    if clue is None:
        raise NotFound("没有找到这条线索。")
    if clue.status not in words.TO_CLASSIFY:
        raise Conflict("这条线索已经交办或已办结，不能再分类，请刷新页面后查看。")
    return clue


def responsible_units(tx: Tx, plan: Plan) -> list[Any]:
    """The units that clues may be handed over to: those that owe results."""
    return group_units(tx, plan, plan.reports[RESULT_REPORT].owed_by)


def _responsible(tx: Tx, plan: Plan, unit_id: str) -> Any:
    found = next((unit for unit in responsible_units(tx, plan) if unit.id == unit_id), None)
    if found is None:
        raise Invalid(fields={"unit_id": "请选择责任单位"})
    return found


def _reason(text: str) -> str:
    text = text.strip()
    if len(text) < 2:
        raise Invalid("请写明理由。", fields={"reason": "请写明理由"})
    if len(text) > LONGEST_REASON:
        raise Invalid(fields={"reason": f"不能超过 {LONGEST_REASON} 字"})
    return text


# -- referrals ---------------------------------------------------------------------------------------------------------
def refer(actor: Actor, clue_id: str, to: str, reason: str, now: datetime) -> None:
    """Hand a matter to the police or to discipline inspection (两移交), by who handles the clue or by the office."""
    reason = _reason(reason)
    if to not in words.REFERRED_TO:
        raise Invalid(fields={"to": "请选择移送机关"})
    with command(actor, ("clue:refer", clue_id, to, reason), {"clue": clue_id}, now) as run:
        if run.replay is not None:
            return
        clue, unit_id = _handled(run.tx, actor, clue_id)
        if clue.status not in (*words.IN_HAND, "concluded"):
            raise Conflict("这条线索尚未交办，不能移送。")
        write_referral(run.tx, clue, to, reason, unit_id=unit_id, by=actor.person_id, now=now)
        data = {"clue": clue_id, "number": clue.number, "to": to}
        record(run.tx, Tag.CLUE_REFER, now, actor, data, campaign_id=clue.campaign_id)


def write_referral(tx: Tx, clue: Any, to: str, reason: str, *, unit_id: str, by: str | None, now: datetime) -> None:
    """One referral of a clue."""
    row = {"id": new_id(), "campaign_id": clue.campaign_id, "to": to, "clue_id": clue.id, "reason": reason}
    rows.add(tx, "referral", {**row, "unit_id": unit_id, "referred_at": now, "recorded_by": by})


def answer_referral(actor: Actor, referral_id: str, answer: str, now: datetime) -> str:
    """What the police or discipline inspection answered; the id of the clue."""
    answer = _reason(answer)
    with command(actor, ("clue:referral", referral_id, answer), {"referral": referral_id}, now) as run:
        row = rows.referral(run.tx, referral_id)
        if row is None or row.clue_id is None:
            raise NotFound("没有找到这项移送。")
        if run.replay is not None:
            return str(row.clue_id)
        clue, _ = _handled(run.tx, actor, row.clue_id)
        if row.answered_at is not None:
            raise Conflict("这项移送已登记回告，请刷新页面后查看。")
        rows.answer_referral(run.tx, referral_id, answer, now)
        data = {"clue": clue.id, "number": clue.number, "to": row.to}
        record(run.tx, Tag.CLUE_REFERRAL_ANSWER, now, actor, data, campaign_id=clue.campaign_id)
        return str(clue.id)


def _handled(tx: Tx, actor: Actor, clue_id: str) -> tuple[Any, str]:
    """The clue, locked, and the unit for which somebody handles it."""
    clue = rows.locked(tx, clue_id)
    if clue is None:
        raise NotFound("没有找到这条线索。")
    for post in actor.in_use:
        if post.role == "office" or (post.unit_id == clue.unit_id and post.role in ("staff", "leader")):
            return clue, post.unit_id
    raise Forbidden("这条线索不由您的单位办理。")


# -- the keeper --------------------------------------------------------------------------------------------------------
def is_keeper(actor: Actor, plan: Plan, office_id: str) -> bool:
    """Whether the actor holds the post that keeps reporters secret: one kind of post of the campaign office."""
    keeper = plan.settings.get("reporter_keeper")
    return any(post.kind == keeper and post.unit_id == office_id for post in actor.in_use)


def reveal(actor: Actor, clue_id: str, reason: str, vault: Vault, now: datetime) -> dict[str, str]:
    """Who reported a clue, for the keeper alone and against a reason; that it was opened stands in the ledger."""
    reason = _reason(reason)
    with transaction() as tx:
        clue = rows.one(tx, clue_id)
        if clue is None:
            raise NotFound("没有找到这条线索。")
        found = home(tx, clue.campaign_id)
        if not is_keeper(actor, found.plan, found.row.owner_unit_id):
            raise Forbidden("举报人信息只有指定的保管岗位可以查看。")
        sealed = rows.reporter(tx, clue_id)
        if sealed is None:
            raise NotFound("这条线索没有登记举报人。")
        reporter = vault.open(clue_id, sealed.sealed, sealed.key_id)
        data = {"clue": clue_id, "number": clue.number, "opinion": reason}
        record(tx, Tag.CLUE_REPORTER_OPEN, now, actor, data, campaign_id=clue.campaign_id)
    return reporter


def wanted(actor: Actor, campaign_id: str, **filters: Any) -> rows.Wanted:
    """What a list may show this actor."""
    leads = units_of(actor)
    return rows.Wanted(
        campaign_id=campaign_id, paths=paths_of(actor), leads=leads, person_id=actor.person_id, **filters
    )


def one_seen(tx: Tx, actor: Actor, clue_id: str) -> Any:
    """A clue the actor may see."""
    clue = rows.one(tx, clue_id)
    if clue is None:
        raise NotFound("没有找到这条线索。")
    if not rows.may_see(tx, wanted(actor, clue.campaign_id), clue_id):
        raise Forbidden("这条线索不在您的数据范围内。")
    return clue
