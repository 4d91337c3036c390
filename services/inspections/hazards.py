"""Hazards enter the register, and one that was closed is opened again; each time its rectification is started."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.hazards import GRADES, SOURCES
from domain.ledger import Tag
from domain.workdays import BEIJING
from models import Tx, new_id
from models.queries import hazards as rows
from models.queries import serials
from models.queries import units as unit_rows
from services._command import command
from services._scope import units_of
from services.plans.launched import home
from services.plans.sectors import sector_names
from services.running import instances
from services.running.effects import Effects
from services.running.starts import start_later

PROCESS, TRACKING = "rectification", "hazard_tracking"
TEXT_LIMIT = 4000
REASON_LIMIT = 500
ENDED = "本次行动已经结束，不再重新启动整改；隐患反弹的，按日常监管另行处理。"


def register(tx: Tx, fx: Effects, *, finding: Mapping[str, Any], now: datetime) -> str:
    """Enter what somebody found: a finding's row of kind hazard that is written already; the hazard's id.

    In the caller's transaction; `fx` is flushed by the caller. The rectification starts behind the commit.
    """
    hazard_id = _enter(
        tx,
        fx,
        now,
        campaign_id=finding["campaign_id"],
        source="clue" if finding.get("clue_id") and not finding.get("inspection_id") else "inspection",
        finding_id=finding["id"],
        clue_id=finding.get("clue_id"),
        enterprise_id=finding.get("enterprise_id"),
        enterprise_name=finding["enterprise_name"],
        county_id=finding["county_id"],
        township=finding.get("township") or "",
        sector=finding.get("sector") or "",
        unit_id=finding["unit_id"],
        grade=finding["grade"],
        text=finding["detail"],
        found_at=finding["found_at"],
        registered_by=finding.get("recorded_by"),
    )
    rows.tell_finding(tx, finding["id"], hazard_id)
    return hazard_id


def register_direct(actor: Actor, campaign_id: str, data: Mapping[str, Any], now: datetime) -> str:
    """Enter a hazard by hand, or one an enterprise found itself; the hazard's id.

    `data`: text, grade, enterprise_id (or enterprise_name and county_id of one that is not in the directory), and if
    known found_at, sector, township, source (`self_inspection` or `direct`).
    """
    hazard_id = new_id()
    answer = {"hazard": hazard_id}
    with command(actor, ("hazard:register", campaign_id, dict(data)), answer, now) as run:
        if run.replay is not None:
            return str(run.replay["hazard"])
        tx = run.tx
        found = home(tx, campaign_id)
        if found.row.status != "running":
            raise Conflict("本次行动已经结束，不再登记隐患。")
        values = _read(tx, actor, data, now)
        if values["sector"] and values["sector"] not in sector_names(found.plan):
            raise Invalid(fields={"sector": "请选择方案中的行业领域"})
        fx = instances.effects(tx, actor, now)
        _enter(tx, fx, now, hazard_id=hazard_id, campaign_id=campaign_id, registered_by=actor.person_id, **values)
        fx.flush(tx)
    return hazard_id


def enter_old_clue(tx: Tx, fx: Effects, *, old_clue: Mapping[str, Any], found: Mapping[str, Any], now: datetime) -> str:
    """Enter what a clue of the last three years turned out to be: `found` as `register_direct` reads it."""
    values = _read(tx, fx.actor, {**found, "source": "old_clue"}, now)
    values["unit_id"] = old_clue["unit_id"]
    return _enter(tx, fx, now, campaign_id=old_clue["campaign_id"], registered_by=fx.actor.person_id, **values)


def _read(tx: Tx, actor: Actor, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What somebody entered, held against the directory; Invalid with the fields."""
    text, grade = str(data.get("text") or "").strip(), str(data.get("grade") or "")
    faults: dict[str, str] = {}
    if not 2 <= len(text) <= TEXT_LIMIT:
        faults["text"] = f"请填写隐患内容，2 至 {TEXT_LIMIT} 字"
    if grade not in GRADES:
        faults["grade"] = "请选择隐患等级"
    found_at = data.get("found_at") or now
    if found_at > now:
        faults["found_at"] = "发现时间不能晚于现在"
    where = _where(tx, actor, data, faults)
    if faults:
        raise Invalid(fields=faults)
    source = str(data.get("source") or "direct")
    own = any(post.unit_id == where["enterprise_id"] for post in actor.in_use)
    return {
        **where,
        "source": "self_inspection" if own else source if source in SOURCES else "direct",
        "unit_id": _finder(tx, actor, where["county_id"]),
        "grade": grade,
        "text": text,
        "found_at": found_at,
    }


def _where(tx: Tx, actor: Actor, data: Mapping[str, Any], faults: dict[str, str]) -> dict[str, Any]:
    """Where the hazard lies: an enterprise of the directory, or a name and a county."""
    place = rows.place(tx, str(data.get("enterprise_id") or ""))
    if place is not None:
        if not (actor.sees(place.path) or rows.is_of_city(tx, units_of(actor))):
            raise Forbidden("该企业不在您的数据范围内。")
        sector, township = data.get("sector") or place.sector, data.get("township") or place.township
        about = {"enterprise_id": place.id, "enterprise_name": place.name, "county_id": place.county_id}
        return {**about, "sector": str(sector or ""), "township": str(township or "")}
    county = unit_rows.unit(tx, str(data.get("county_id") or ""))
    name = str(data.get("enterprise_name") or "").strip()
    if not 2 <= len(name) <= 120:
        faults["enterprise_name"] = "请选择企业，或填写单位名称（2 至 120 字）"
    if county is None or county.level != "county":
        faults["county_id"] = "请选择所在县（区、市）"
    elif not (actor.sees(county.path) or rows.is_of_city(tx, units_of(actor))):
        raise Forbidden("该县（区、市）不在您的数据范围内。")
    about = {"enterprise_id": None, "enterprise_name": name, "county_id": county.id if county else ""}
    return {**about, "sector": str(data.get("sector") or "")[:80], "township": str(data.get("township") or "")[:60]}


def _finder(tx: Tx, actor: Actor, county_id: str) -> str:
    """The unit whose hazard it is: the actor's, but for an enterprise and the office the county."""
    for unit in unit_rows.by_ids(tx, list(units_of(actor))).values():
        if unit.level != "enterprise" and unit.kind != "office":
            return str(unit.id)
    return county_id


def _enter(tx: Tx, fx: Effects, now: datetime, *, hazard_id: str | None = None, **values: Any) -> str:
    hazard_id = hazard_id or new_id()
    year = now.astimezone(BEIJING).year
    number = f"隐患{year}-{serials.next_number(tx, values['campaign_id'], f'hazard:{year}'):05d}"
    row = {
        "id": hazard_id,
        "number": number,
        "status": "registered",
        "registered_at": now,
        "rounds": 1,
        "former": [],
        "responsible": "",
        "measures": "",
        "funds": "",
        "contingency": "",
        "plate": "",
        "finding_id": None,
        "clue_id": None,
        **values,
    }
    rows.add(tx, row)
    data = {"hazard": hazard_id, "number": number, "grade": row["grade"], "enterprise": row["enterprise_name"]}
    fx.ledger(Tag.HAZARD_REGISTER, campaign_id=row["campaign_id"], unit_id=row["unit_id"], data=data)
    _start(tx, row, 1, now)
    return hazard_id


def _start(tx: Tx, row: Mapping[str, Any], round_: int, now: datetime) -> None:
    """The rectification of a hazard, by its enterprise; by its county where the enterprise is not in the directory.

    A major one is also reported by the principal and followed up, where the campaign's notice orders that.
    """
    again = f"（第{round_}轮）" if round_ > 1 else ""
    common: dict[str, Any] = {
        "campaign_id": row["campaign_id"],
        "unit_id": row["enterprise_id"] or row["county_id"],
        "key": f"{row['id']}:{round_}",
        "now": now,
    }
    named = f"{row['number']} {row['enterprise_name']}"
    inputs = {"hazard_id": row["id"], "grade": row["grade"]}
    start_later(tx, process=PROCESS, title=f"{named}隐患整改{again}", inputs=inputs, **common)
    if row["grade"] == "major" and TRACKING in home(tx, row["campaign_id"]).edition.processes:
        title = f"{named}领衔整治和跟踪督办{again}"
        start_later(tx, process=TRACKING, title=title, inputs={"hazard_id": row["id"]}, **common)


# -- again -------------------------------------------------------------------------------------------------------------
def reopen(actor: Actor, hazard_id: str, reason: str, now: datetime) -> None:
    """A closed hazard has come back (回头看): rectified again in a new round, by who found it or the office."""
    with command(actor, ("hazard:reopen", hazard_id, reason), {"hazard": hazard_id}, now) as run:
        if run.replay is not None:
            return
        row = rows.locked(run.tx, hazard_id)
        if row is None:
            raise NotFound("没有找到这条隐患。")
        if not may_reopen(actor, row):
            raise Forbidden("只有发现隐患的单位和行动办公室可以重新启动整改。")
        if home(run.tx, row.campaign_id).row.status != "running":
            raise Conflict(ENDED)
        if row.status != "closed":
            raise Conflict("该隐患尚未销号，不需要重新启动整改。")
        reason = reason.strip()
        if not 2 <= len(reason) <= REASON_LIMIT:
            raise Invalid(fields={"reason": f"请写明理由，2 至 {REASON_LIMIT} 字"})
        _again(run.tx, actor, row._asdict(), reason, now)


def may_reopen(actor: Actor, row: Any) -> bool:
    return "office" in actor.roles or row.unit_id in units_of(actor)


_ENDED = ("instance_id", "due_at", "submitted_at", "closed_at", "listed_at", "plate", "delisted_at")


def _again(tx: Tx, actor: Actor, row: Mapping[str, Any], reason: str, now: datetime) -> None:
    ended = {name: row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in _ENDED}
    ended |= {"round": row["rounds"], "reopened_at": now.isoformat(), "reason": reason}
    rows.change(
        tx,
        row["id"],
        status="registered",
        rounds=row["rounds"] + 1,
        reopened_at=now,
        former=[*row["former"], ended],
        instance_id=None,
        due_at=None,
        submitted_at=None,
        submitted_by=None,
        closed_at=None,
        accepted_by=None,
        listed_at=None,
        listed_by_post_id=None,
        plate="",
        delisted_at=None,
    )
    fx = instances.effects(tx, actor, now)
    data = {"hazard": row["id"], "number": row["number"], "sentence": reason}
    about = {"instance_id": row["instance_id"], "campaign_id": row["campaign_id"], "unit_id": row["unit_id"]}
    fx.ledger(Tag.HAZARD_REOPEN, data=data, **about)
    fx.flush(tx)
    _start(tx, row, row["rounds"] + 1, now)
