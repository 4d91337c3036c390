"""The register of disposals 处置台账: what was decided on findings, and what happens outside and is entered by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, Invalid
from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING
from models import Tx, new_id, reading
from models.queries import disposals as rows
from models.queries import units as unit_rows
from services import excel
from services._command import command
from services._held import held
from services._pages import PAGE, following, position
from services._scope import paths_of, units_of
from services.inspections import consequences, disposal_input
from services.inspections.inspection_pages import Names, counties_of
from services.inspections.inspections import running_home
from services.plans.launched import Home, chosen_home
from services.running import instances

WRITERS = frozenset({"staff", "leader", "office"})


def add(actor: Actor, campaign_id: str, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Enter what happened outside: kind, subject (unit or post), facts, basis, persons, until, follow_up, decided_on.

    Raises Forbidden, Invalid with the fields.
    """
    answer = {"disposal": new_id()}
    with command(actor, ("disposal:add", campaign_id, data), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        found = running_home(run.tx, campaign_id)
        posts = held(run.tx, actor, WRITERS)
        if not posts:
            raise Forbidden("处置情况由作出处置的单位登记。")
        post, unit = posts[0]
        row = _read(found.plan, data, now) | {
            "id": answer["disposal"],
            "campaign_id": campaign_id,
            "unit_id": unit.id,
            "recorded_by": actor.person_id,
        }
        row["county_id"] = _county(run.tx, unit, str(data.get("county_id") or ""))
        rows.write(run.tx, row)
        consequences.follow(run.tx, found.plan, [row], now)
        fx = instances.effects(run.tx, actor, now)
        event = {"disposal": row["id"], "kind": row["kind"]}
        fx.ledger(Tag.DISPOSAL_ADD, campaign_id=campaign_id, unit_id=unit.id, post_id=post.id, data=event)
        fx.flush(run.tx)
        return answer


def _read(plan: Plan, data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns of the row; only kinds that need no finding."""
    row = disposal_input.read(plan, data)
    faults = {}
    if not disposal_input.catalogue(plan)[row["kind"]].get("direct"):
        faults["kind"] = "这种处置须在检查发现的问题上作出"
    if not row["subject"]:
        faults["subject"] = "请填写单位或者岗位，不写人名"
    if not row["facts"]:
        faults["facts"] = "请写明事由"
    day = str(data.get("decided_on") or "")
    try:
        at = datetime.combine(date.fromisoformat(day[:10]), time(12), BEIJING) if day else now
    except ValueError:
        at, faults["decided_on"] = now, "日期格式不正确"
    if at.astimezone(BEIJING).date() > now.astimezone(BEIJING).date():
        faults["decided_on"] = "日期不能晚于今天"
    elif at < plan.starts_at:
        faults["decided_on"] = "日期早于本次行动开始的日期"
    if faults:
        raise Invalid(fields=faults)
    return row | {"decided_at": min(at, now)}


def _county(tx: Tx, unit: Any, wanted: str) -> str | None:
    """Where it happened: what was chosen, else the unit's own county."""
    if wanted:
        county = unit_rows.unit(tx, wanted)
        if county is None or county.level != "county":
            raise Invalid(fields={"county_id": "请选择县（区、市）"})
        return str(county.id)
    if unit.level != "county":
        return None
    return str(unit.id if unit.kind in ("government", "park") else unit.parent_id)


# -- the register ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    text: str = ""
    kind: str = ""
    measure: str = ""
    county_id: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the register."""

    campaign: str
    campaign_id: str
    lines: tuple[tuple[Any, str, str], ...]  # row, kind, measure
    totals: Any
    next_after: str
    kinds: Names
    direct: Names
    measures: Names
    measures_name: str
    counties: Names
    may_add: bool


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """Disposals that concern the actor; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        wanted = _wanted(actor, filters, found)
        seen = rows.page(tx, wanted, position(filters.after), PAGE + 1)
        catalogue = disposal_input.catalogue(found.plan)
        names = disposal_input.names(found.plan)
        return ListPage(
            campaign=found.short_title,
            campaign_id=found.row.id,
            lines=_lines(found.plan, seen[:PAGE]),
            totals=rows.totals(tx, wanted),
            next_after=following(seen, "decided_at"),
            kinds=tuple(names.items()),
            direct=tuple((key, name) for key, name in names.items() if catalogue[key].get("direct")),
            measures=tuple(disposal_input.measures(found.plan).items()),
            measures_name=disposal_input.measures_name(found.plan),
            counties=counties_of(tx, found.plan),
            may_add=bool(held(tx, actor, WRITERS)),
        )


def sheet(actor: Actor, filters: Filters) -> excel.Sheet:
    """The whole register as a table."""
    head = ["对象", "处置方式", "措施", "事由", "依据", "罚款（万元）", "人数", "期限", "处置单位", "日期", "后续"]
    with reading() as tx:
        found = chosen_home(tx, actor)
        lines: Sequence[tuple[Any, str, str]] = ()
        if found is not None:
            head[2] = disposal_input.measures_name(found.plan)
            lines = _lines(found.plan, rows.page(tx, _wanted(actor, filters, found), None, excel.LIMIT + 1))
    return excel.Sheet(title="处置台账", head=head, rows=[_cells(*line) for line in lines])


def _cells(row: Any, kind: str, measure: str) -> tuple[Any, ...]:
    figures = (row.amount, row.persons, row.until)
    return (row.subject, kind, measure, row.facts, row.basis, *figures, row.unit, row.decided_at, row.follow_up)


def _lines(plan: Plan, found: Sequence[Any]) -> tuple[tuple[Any, str, str], ...]:
    names, measures = disposal_input.names(plan), disposal_input.measures(plan)
    return tuple((row, names.get(row.kind, row.kind), measures.get(row.measure, "")) for row in found)


def _wanted(actor: Actor, filters: Filters, found: Home) -> rows.Wanted:
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        units=units_of(actor),
        text=filters.text.strip(),
        kind=filters.kind if filters.kind in disposal_input.catalogue(found.plan) else "",
        measure=filters.measure if filters.measure in disposal_input.measures(found.plan) else "",
        county_id=filters.county_id,
    )
