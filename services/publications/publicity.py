"""宣传造势 (六（五）): columns that county television opened, and what it showed: good examples and bad ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, Invalid
from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx, new_id, reading
from models.queries import registers as rows
from models.queries import units as unit_rows
from services import excel
from services._command import command
from services._held import held
from services._pages import PAGE, following, position
from services._scope import paths_of
from services.inspections.inspection_pages import Names, counties_of
from services.inspections.inspections import running_home
from services.plans.launched import Home, chosen_home
from services.running import instances
from services.running.effects import Effects

KEEPERS = frozenset({"staff", "leader", "office"})
COLUMN = "column"  # the kind by which a county says that the column was opened
LONGEST = {"medium": 60, "title": 120}
LABELS = {"medium": "媒体", "title": "专栏或者报道标题"}
HEAD = ("县（区、市）", "类别", "日期", "媒体", "标题", "登记时间")


def kinds(plan: Plan) -> dict[str, str]:
    """The plan's kinds by key."""
    track = (plan.raw.get("parallel_tracks") or {}).get("t_publicity") or {}
    return {key: str(name) for key, name in (track.get("kinds") or {}).items()}


def add(actor: Actor, campaign_id: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Enter a broadcast: kind, aired_on, medium, title; the office says of which county (county_id).

    Raises Forbidden, Invalid with the fields.
    """
    answer = {"broadcast": new_id()}
    with command(actor, ("broadcast:add", campaign_id, data), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        found = running_home(run.tx, campaign_id)
        post, county_id = _county(run.tx, actor, found, str(data.get("county_id") or ""))
        fx = instances.effects(run.tx, actor, now)
        enter(run.tx, fx, found.plan, campaign_id, county_id, post.id, data, broadcast_id=answer["broadcast"])
        fx.flush(run.tx)
        return answer


def enter(
    tx: Tx,
    fx: Effects,
    plan: Plan,
    campaign_id: str,
    county_id: str,
    post_id: str,
    data: Mapping[str, Any],
    *,
    broadcast_id: str = "",
) -> None:
    """The row of a broadcast and its event; also what the task of opening the column brings."""
    values = _read(plan, data, fx.now)
    row = {"id": broadcast_id or new_id(), "campaign_id": campaign_id, "county_id": county_id, **values}
    rows.write_broadcast(tx, row | {"recorded_at": fx.now, "recorded_by": fx.actor.person_id})
    event = {"broadcast": row["id"], "kind": row["kind"], "title": row["title"]}
    fx.ledger(Tag.BROADCAST_ADD, campaign_id=campaign_id, unit_id=county_id, post_id=post_id, data=event)


def _county(tx: Tx, actor: Actor, found: Home, wanted: str) -> tuple[Any, str]:
    """By which post, and for which county: one's own, for a department the county above it; the office chooses."""
    known = {key for key, _ in counties_of(tx, found.plan)}
    for post, unit in held(tx, actor, KEEPERS):
        if post.role == "office":
            if wanted not in known:
                raise Invalid(fields={"county_id": "请选择县（区、市）"})
            return post, wanted
        own = unit.id if unit.id in known else unit.parent_id
        if unit.level == "county" and own in known:
            return post, str(own)
    raise Forbidden("宣传专栏和报道由各县（区、市）登记。")


def _read(plan: Plan, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {name: str(data.get(name) or "").strip() for name in LONGEST}
    faults = {name: f"请填写{LABELS[name]}" for name in LONGEST if not found[name]}
    faults |= {name: f"不超过 {most} 字" for name, most in LONGEST.items() if len(found[name]) > most}
    kind = str(data.get("kind") or "")
    if kind not in kinds(plan):
        faults["kind"] = "请选择类别"
    today = now.astimezone(BEIJING).date()
    try:
        day = date.fromisoformat(str(data.get("aired_on") or today.isoformat())[:10])
    except ValueError:
        day, faults["aired_on"] = today, "日期格式不正确"
    if day > today:
        faults["aired_on"] = "日期不能晚于今天"
    elif day < plan.starts_at.astimezone(BEIJING).date():
        faults["aired_on"] = "日期早于本次行动开始的日期"
    if faults:
        raise Invalid(fields=faults)
    return found | {"kind": kind, "aired_on": day}


# -- the register ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    text: str = ""
    kind: str = ""
    county_id: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the register."""

    campaign: str
    campaign_id: str
    lines: tuple[tuple[Any, str], ...]  # row, kind
    counts: tuple[tuple[str, int], ...]  # kind in words, how many
    without: tuple[str, ...]  # counties that have not said that they opened the column
    next_after: str
    kinds: Names
    counties: Names
    is_office: bool
    may_add: bool


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """What was shown in the counties the actor sees; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        wanted = _wanted(actor, filters, found)
        seen = rows.broadcasts(tx, wanted, position(filters.after), PAGE + 1)
        names, counts = kinds(found.plan), rows.broadcast_counts(tx, wanted)
        opened, keeps = rows.counties_with(tx, found.row.id, COLUMN), held(tx, actor, KEEPERS)
        counties = [(key, name) for key, name in counties_of(tx, found.plan) if _sees(tx, actor, key)]
        return ListPage(
            campaign=found.short_title,
            campaign_id=found.row.id,
            lines=tuple((row, names.get(row.kind, row.kind)) for row in seen[:PAGE]),
            counts=tuple((name, counts.get(key, 0)) for key, name in names.items()),
            without=tuple(name for key, name in counties if key not in opened),
            next_after=following(seen, "recorded_at"),
            kinds=tuple(names.items()),
            counties=tuple(counties),
            is_office=any(post.role == "office" for post, _ in keeps),
            may_add=any(post.role == "office" or unit.level == "county" for post, unit in keeps),
        )


def _sees(tx: Tx, actor: Actor, unit_id: str) -> bool:
    unit = unit_rows.unit(tx, unit_id)
    return unit is not None and actor.sees(unit.path)


def sheet(actor: Actor, filters: Filters) -> excel.Sheet:
    """The whole register as a table."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return excel.Sheet(title="宣传报道", head=HEAD, rows=())
        names = kinds(found.plan)
        seen = rows.broadcasts(tx, _wanted(actor, filters, found), None, excel.LIMIT + 1)
        cells = [
            (row.county, names.get(row.kind, row.kind), row.aired_on, row.medium, row.title, row.recorded_at)
            for row in seen
        ]
    return excel.Sheet(title="宣传报道", subtitle=found.short_title, head=HEAD, rows=cells)


def _wanted(actor: Actor, filters: Filters, found: Home) -> rows.Wanted:
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        text=filters.text.strip(),
        kind=filters.kind if filters.kind in kinds(found.plan) else "",
        county_id=filters.county_id,
    )
