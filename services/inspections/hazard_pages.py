"""Hazards as pages show them: the register with its filters, one hazard, what somebody may enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.authority import Actor
from domain.deadlines import counted_days
from domain.errors import Forbidden, NotFound
from domain.hazards import GRADES, SOURCES, hazard_sign
from domain.ledger import Tag
from domain.lights import Light, light
from domain.signs import Sign
from models import Tx, reading
from models.queries import hazards as rows
from services import excel
from services._scope import paths_of, units_of
from services.inspections.hazards import may_reopen
from services.plans.calendar import calendar
from services.plans.launched import Home, chosen_home, home
from services.plans.sectors import sector_names
from services.plans.stage_bar import rung_names

PAGE = 50
STATES = {
    "open": "未销号",
    "overdue": "已超期",
    "submitted": "待验收",
    "closed": "已销号",
    "listed": "挂牌督办中",
    "reopened": "重新启动整改",
}
TOLD = tuple(tag.value for tag in Tag if tag.value.startswith("hazard:")) + (
    Tag.EARLY_WARNING.value,
    Tag.ESCALATION_STEP.value,
)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `before` is the number behind which the page begins."""

    text: str = ""
    grade: str = ""
    state: str = ""
    county_id: str = ""
    sector: str = ""
    source: str = ""
    before: str = ""

    @property
    def any(self) -> bool:
        return bool(self.text or self.grade or self.state or self.county_id or self.sector or self.source)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A hazard of the list."""

    row: Any
    sign: Sign
    grade: str
    source: str
    sector: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the register."""

    campaign: str
    lines: tuple[Line, ...]
    counts: Any  # under the filters
    next_before: str
    counties: tuple[tuple[str, str], ...]
    sectors: tuple[tuple[str, str], ...]

    @property
    def rate(self) -> str:
        """整改率."""
        return f"{self.counts.closed / self.counts.found:.0%}" if self.counts.found else "—"


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """The register as far as the actor sees it; None while no campaign is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        wanted = _wanted(actor, found, filters)
        lines = rows.page(tx, wanted, now=now, before=filters.before, limit=PAGE + 1)
        shown = lines[:PAGE]
        return ListPage(
            campaign=found.short_title,
            lines=_lines(found, shown, actor),
            counts=rows.counts(tx, wanted, now),
            next_before=shown[-1].number if len(lines) > PAGE else "",
            counties=tuple((row.id, row.short_name) for row in rows.counties(tx, wanted)),
            sectors=tuple(sector_names(found.plan).items()),
        )


def _wanted(actor: Actor, found: Home, filters: Filters) -> rows.Wanted:
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        units=units_of(actor),
        text=filters.text.strip(),
        grade=filters.grade if filters.grade in GRADES else "",
        state=filters.state if filters.state in STATES else "",
        county_id=filters.county_id,
        sector=filters.sector,
        source=filters.source if filters.source in SOURCES else "",
    )


def _lines(found: Home, shown: Sequence[Any], actor: Actor | None = None) -> tuple[Line, ...]:
    sectors = sector_names(found.plan)
    return tuple(_line(row, sectors, actor) for row in shown)


# an enterprise does not learn that somebody reported it
_REPORTED = ("clue", "old_clue")


def _source(row: Any, actor: Actor | None) -> str:
    if row.source in _REPORTED and (actor is None or actor.roles <= {"enterprise"}):
        return "主管部门登记"
    return SOURCES[row.source]


def _line(row: Any, sectors: Mapping[str, str], actor: Actor | None = None) -> Line:
    return Line(
        row=row,
        sign=hazard_sign(row.status, bool(row.late)),
        grade=GRADES[row.grade],
        source=_source(row, actor),
        sector=sectors.get(row.sector, row.sector),
    )


def of_enterprise(actor: Actor, enterprise_id: str, now: datetime) -> tuple[Line, ...]:
    """The hazards of an enterprise that the actor was let see, the newest first."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return ()
        wanted = rows.Wanted(campaign_id=found.row.id, paths=None, enterprise_id=enterprise_id)
        return _lines(found, rows.page(tx, wanted, now=now, before="", limit=PAGE))


HEAD = (
    "编号", "状态", "等级", "单位名称", "县（区、市）", "乡镇（街道）", "行业领域", "隐患内容", "来源", "发现单位",
    "发现时间", "整改责任人", "整改措施", "整改资金", "整改时限", "应急预案", "报验时间", "销号时间", "牌号",
    "挂牌时间", "摘牌时间",
)  # fmt: skip


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """The whole list as a table: what `page` shows a page of."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return excel.Sheet(title="隐患台账", head=HEAD, rows=())
        shown = rows.page(tx, _wanted(actor, found, filters), now=now, before="", limit=excel.LIMIT + 1)
        lines = _lines(found, shown, actor)
    return excel.Sheet(title="隐患台账", subtitle=found.short_title, head=HEAD, rows=[_cells(line) for line in lines])


def _cells(line: Line) -> tuple[Any, ...]:
    row = line.row
    place = (row.enterprise_name, row.county, row.township, line.sector, row.text, line.source, row.finder)
    plan = (row.responsible, row.measures, row.funds, excel.limit(row.due_at), row.contingency)
    ends = (row.submitted_at, row.closed_at, row.plate, row.listed_at, row.delisted_at)
    return (row.number, line.sign.word, line.grade, *place, row.found_at, *plan, *ends)


# -- one hazard --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Step:
    """What is to be done next, by whom, and what happens if it is not."""

    row: Any
    light: Light
    days: tuple[date, ...]  # working days counted from its opening to its due date
    rung: str
    next_step: str


@dataclass(frozen=True, kw_only=True)
class HazardPage:
    """One hazard."""

    line: Line
    row: Any
    campaign: str
    steps: tuple[Step, ...]
    days: tuple[date, ...]  # working days from today to the time limit
    light: Light
    events: tuple[Any, ...]
    former: tuple[Mapping[str, Any], ...]
    may_reopen: bool


def one(actor: Actor, hazard_id: str, now: datetime) -> HazardPage:
    """One hazard the actor sees: of the own tree, found by the own unit, or of a sector it leads."""
    with reading() as tx:
        row = rows.hazard(tx, hazard_id, now)
        if row is None:
            raise NotFound("没有找到这条隐患。")
        demand(actor, row)
        found = home(tx, row.campaign_id)
        former = tuple(_moments(ended) for ended in row.former)
        ids = [ended["instance_id"] for ended in former if ended["instance_id"]]
        return HazardPage(
            line=_line(row, sector_names(found.plan), actor),
            row=row,
            campaign=found.short_title,
            steps=_steps(tx, found, row, now),
            days=counted_days(calendar(tx), row.registered_at, row.due_at) if row.due_at else (),
            light=light(row.due_at if row.status != "closed" else None, now, calendar(tx)),
            events=tuple(rows.events(tx, [*ids, row.instance_id or ""], TOLD)),
            former=former,
            may_reopen=row.status == "closed" and found.row.status == "running" and may_reopen(actor, row),
        )


def demand(actor: Actor, row: Any) -> None:
    """Refuse whoever neither lives there, nor found it, nor leads its sector."""
    own = units_of(actor)
    if actor.sees(row.enterprise_path or row.county_path) or row.unit_id in own or row.sector_unit_id in own:
        return
    raise Forbidden("该隐患不在您的数据范围内。")


def _moments(ended: Mapping[str, Any]) -> dict[str, Any]:
    """A closed round as it was kept, its moments as moments."""
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in ended.items()
    }


def _steps(tx: Tx, found: Home, row: Any, now: datetime) -> tuple[Step, ...]:
    if row.instance_id is None:
        return ()
    names, days = rung_names(found.plan), calendar(tx)
    return tuple(
        Step(
            row=task,
            light=light(task.due_at, now, days, task.light),
            days=counted_days(days, task.opened_at, task.due_at) if task.due_at else (),
            rung=names.get(task.rung or "", ""),
            next_step=found.plan.step_name(task.step),
        )
        for task in rows.open_tasks(tx, row.instance_id)
    )


# -- entering one ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class NewPage:
    """What the form for a hazard offers."""

    campaign_id: str
    campaign: str
    enterprises: tuple[Any, ...]  # found by the text
    counties: tuple[tuple[str, str], ...]
    sectors: tuple[tuple[str, str], ...]
    only_own: bool  # an enterprise enters its own


FOUND = 20


def new(actor: Actor, text: str, enterprise_id: str) -> NewPage:
    """The form, with the enterprises that a text finds in the actor's scope; NotFound while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            raise NotFound("行动启动后才能登记隐患。")
        only_own = actor.roles == {"enterprise"}
        by_city = rows.is_of_city(tx, units_of(actor))
        paths = None if by_city else paths_of(actor)
        return NewPage(
            campaign_id=found.row.id,
            campaign=found.short_title,
            enterprises=tuple(rows.places(tx, paths, text.strip(), enterprise_id, all_=only_own, limit=FOUND)),
            counties=() if only_own else tuple((row.id, row.short_name) for row in rows.all_counties(tx, paths)),
            sectors=tuple(sector_names(found.plan).items()),
            only_own=only_own,
        )
