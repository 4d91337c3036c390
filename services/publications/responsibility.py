"""包保责任 (六（一）): which post answers for which county, township, villages, households."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.plan import Plan
from models import Tx, new_id, reading
from models.queries import registers as rows
from models.queries import units as unit_rows
from services import excel
from services._command import command
from services._held import held
from services._pages import PAGE
from services._scope import paths_of
from services.inspections.inspection_pages import Names
from services.inspections.inspections import running_home
from services.plans.launched import Home, chosen_home
from services.plans.units import units_if_any
from services.running import instances

KEEPERS = frozenset({"staff", "leader", "office"})
LONGEST = {"post": 120, "area": 200}
COUNTY, TOWNSHIP = 1, 2  # levels whose area is the unit itself; below, it is written out
HEAD = ("层级", "县（区、市）", "乡镇（街道）", "范围", "责任岗位", "登记时间")


@dataclass(frozen=True, kw_only=True)
class Level:
    """One of the plan's four: 市领导包县, 县领导包乡, 乡领导包村, 村干部包户."""

    n: int
    who: str
    covers: str

    @property
    def name(self) -> str:
        return f"{self.who}包{self.covers}"


def levels(plan: Plan) -> tuple[Level, ...]:
    """The levels as the plan has them."""
    mechanism = (plan.raw.get("mechanisms") or {}).get("four_level_responsibility") or {}
    return tuple(Level(n=int(one["n"]), who=one["who"], covers=one["covers"]) for one in mechanism.get("levels", ()))


# -- entering ----------------------------------------------------------------------------------------------------------
def add(actor: Actor, campaign_id: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Enter who answers: level, unit_id (county or township), post, and for villages and households the area.

    Raises Forbidden for somebody else's area, Invalid with the fields.
    """
    answer = {"responsibility": new_id()}
    with command(actor, ("responsibility:add", campaign_id, data), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        found = running_home(run.tx, campaign_id)
        values, unit = _read(run.tx, found, data)
        post = _keeper(run.tx, actor, unit, values["level"])
        row = {"id": answer["responsibility"], "campaign_id": campaign_id, **values}
        rows.write_responsibility(run.tx, row | {"recorded_at": now, "recorded_by": actor.person_id})
        fx = instances.effects(run.tx, actor, now)
        event = {"responsibility": row["id"], "level": row["level"], "post": row["post"], "area": row["area"]}
        fx.ledger(Tag.RESPONSIBILITY_ADD, campaign_id=campaign_id, unit_id=unit.id, post_id=post.id, data=event)
        fx.flush(run.tx)
        return answer


def end(actor: Actor, responsibility_id: str, now: datetime) -> None:
    """Somebody else answers from now on, or nobody: the line leaves the register, the ledger keeps it."""
    with command(actor, ("responsibility:end", responsibility_id), {}, now) as run:
        if run.replay is not None:
            return
        row = rows.responsibility(run.tx, responsibility_id)
        if row is None:
            raise NotFound("没有找到这条包保责任。")
        unit = unit_rows.unit(run.tx, row.unit_id)
        post = _keeper(run.tx, actor, unit, row.level)
        if row.ended_at is not None:
            raise Conflict("这条包保责任已经撤销。")
        rows.end_responsibility(run.tx, responsibility_id, now)
        fx = instances.effects(run.tx, actor, now)
        event = {"responsibility": row.id, "level": row.level, "post": row.post, "area": row.area}
        fx.ledger(Tag.RESPONSIBILITY_END, campaign_id=row.campaign_id, unit_id=unit.id, post_id=post.id, data=event)  # type: ignore[union-attr]
        fx.flush(run.tx)


def _read(tx: Tx, found: Home, data: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    known = {str(level.n): level for level in levels(found.plan)}
    level = known.get(str(data.get("level") or ""))
    texts = {name: str(data.get(name) or "").strip() for name in LONGEST}
    faults = {name: f"不超过 {most} 字" for name, most in LONGEST.items() if len(texts[name]) > most}
    if level is None:
        raise Invalid(fields={**faults, "level": "请选择包保层级"})
    if not texts["post"]:
        faults["post"] = "请填写责任岗位，不写人名"
    written = level.n > TOWNSHIP
    if written and not texts["area"]:
        faults["area"] = f"请写明所包的{level.covers}"
    unit = unit_rows.unit(tx, str(data.get("unit_id") or ""))
    if not _fits(tx, found, unit, level.n):
        faults["unit_id"] = "请选择县（区、市）" if level.n == COUNTY else "请选择乡镇（街道）"
    if faults:
        raise Invalid(fields=faults)
    return {"level": level.n, "unit_id": unit.id, "post": texts["post"], "area": texts["area"] if written else ""}, unit  # type: ignore[union-attr]


def _fits(tx: Tx, found: Home, unit: Any, level: int) -> bool:
    if unit is None:
        return False
    if level == COUNTY:
        return unit.id in {county.id for county in units_if_any(tx, found.plan, "inspecting_units")}
    return bool(unit.level == "township")


def _keeper(tx: Tx, actor: Actor, unit: Any, level: int) -> Any:
    """The post by which somebody keeps this part: the office all of it, a county its tree, a township its villages."""
    for post, own in held(tx, actor, KEEPERS):
        if _keeps(post, own, level, unit.path):
            return post
    raise Forbidden("市领导包县由市办公室登记，其余由所在县（区、市）、乡镇登记。")


# -- the register ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    text: str = ""
    level: str = ""
    county_id: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line, its level in words, and whether the reader keeps it."""

    row: Any
    level: str
    county: str
    township: str
    may_end: bool


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the register, with how many counties and townships somebody answers for."""

    campaign: str
    campaign_id: str
    lines: tuple[Line, ...]
    next_after: str
    levels: Names
    counties: Names
    townships: Names
    answered: tuple[tuple[str, int, int], ...]  # 县 or 乡, covered, of how many
    may_add: bool
    rule: str


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """The register as far as the actor sees it; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        seen = rows.responsibilities(tx, _wanted(actor, filters, found), _position(filters.after), PAGE + 1)
        shown, paths = seen[:PAGE], paths_of(actor)
        keeps = held(tx, actor, KEEPERS)
        townships = rows.townships(tx, None, paths)
        counties = [unit for unit in units_if_any(tx, found.plan, "inspecting_units") if actor.sees(unit.path)]
        mechanism = (found.plan.raw.get("mechanisms") or {}).get("four_level_responsibility") or {}
        return ListPage(
            campaign=found.short_title,
            campaign_id=found.row.id,
            lines=tuple(_line(found.plan, row, keeps) for row in shown),
            next_after=f"{shown[-1].key}|{shown[-1].id}" if len(seen) > PAGE else "",
            levels=tuple((str(level.n), level.name) for level in levels(found.plan)),
            counties=tuple((unit.id, unit.short_name) for unit in counties),
            townships=tuple((unit.id, unit.short_name) for unit in townships),
            answered=tuple(
                (name, rows.covered(tx, found.row.id, paths, n), len(units))
                for name, n, units in (("县（区、市）", COUNTY, counties), ("乡镇", TOWNSHIP, townships))
                if units
            ),
            may_add=any(post.role == "office" or unit.level in ("county", "township") for post, unit in keeps),
            rule=str(mechanism.get("text") or "本次行动的通知没有规定包保责任。"),
        )


def sheet(actor: Actor, filters: Filters) -> excel.Sheet:
    """The whole register as a table."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return excel.Sheet(title="包保责任", head=HEAD, rows=())
        seen = rows.responsibilities(tx, _wanted(actor, filters, found), None, excel.LIMIT + 1)
        lines = [_line(found.plan, row, []) for row in seen]
    cells = [(x.level, x.county, x.township, x.row.area, x.row.post, x.row.recorded_at) for x in lines]
    return excel.Sheet(title="包保责任", subtitle=found.short_title, head=HEAD, rows=cells)


def of_unit(actor: Actor, unit_id: str, township: str = "") -> tuple[tuple[str, str, str, str], ...]:
    """Who answers for a county (and what lies in it), or for where an enterprise lies: level, unit, area, post."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return ()
        below = [unit for unit in rows.townships(tx, unit_id) if not township or unit.short_name == township]
        lines = rows.for_units(tx, found.row.id, [unit_id, *(unit.id for unit in below)])
        names = {level.n: level.name for level in levels(found.plan)}
    return tuple((names.get(row.level, ""), row.unit, row.area, row.post) for row in lines)


def _line(plan: Plan, row: Any, keeps: list[Any]) -> Line:
    names = {level.n: level.name for level in levels(plan)}
    above = row.unit_level == "township"
    return Line(
        row=row,
        level=names.get(row.level, str(row.level)),
        county=row.above if above else row.unit,
        township=row.unit if above else "",
        may_end=any(_keeps(post, own, row.level, row.unit_path) for post, own in keeps),
    )


def _keeps(post: Any, own: Any, level: int, path: str) -> bool:
    first = {"county": TOWNSHIP, "township": TOWNSHIP + 1}.get(own.level)
    return post.role == "office" or (first is not None and level >= first and path.startswith(own.path))


def _wanted(actor: Actor, filters: Filters, found: Home) -> rows.Wanted:
    known = {str(level.n) for level in levels(found.plan)}
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        text=filters.text.strip(),
        level=int(filters.level) if filters.level in known else 0,
        county_id=filters.county_id,
    )


def _position(after: str) -> tuple[str, str] | None:
    key, _, row_id = after.rpartition("|")
    return (key, row_id) if key and row_id else None
