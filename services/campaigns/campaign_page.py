"""Campaigns as pages show them: the list, one campaign with its stages and units, one unit inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from domain.ledger import Tag
from domain.plan import Plan
from domain.signs import STATUS, Sign, statement_sign, task_sign
from models import Tx, reading
from models.queries import campaigns as rows
from models.queries import measures as measure_rows
from models.queries import statements as statement_rows
from services._scope import demand, paths_of, units_of
from services.campaigns.commitments import Tally, signs_of_units, tallies_of
from services.campaigns.programmes import Family, Figures, added, family, figures_of
from services.counting import criteria as criteria_of
from services.plans.calendar import missing_years
from services.plans.launched import Home, home, home_of, in_tree
from services.plans.stage_bar import StageView, rung_names, stage_views
from services.standing import item_pages

SHOWN_TASKS = 200
SHOWN_EVENTS = 15
SHOWN_PERIODS = 4
# what a reader wants to hear of; single tasks and timers are in the audit log
NEWS = tuple(
    tag.value
    for tag in Tag
    if tag.value.split(":")[0] in {"campaign", "children", "escalation", "sign_off", "stage", "commitment", "incident"}
) + (Tag.STATEMENT_OPEN.value, Tag.STATEMENT_SUBMIT.value, Tag.STATEMENT_LATE.value, Tag.DUE_RECOMPUTE.value)


@dataclass(frozen=True, kw_only=True)
class CampaignCard:
    """A line of the list."""

    id: str
    name: str
    short_title: str
    document_number: str
    status: Sign
    owner: str
    launched_at: datetime
    ends_at: datetime
    open_ended: bool  # the notice sets no end
    shift_days: int
    stages: tuple[StageView, ...]
    figures: Figures
    child: bool  # it stands below its programme


def cards(now: datetime) -> list[CampaignCard]:
    """All launched campaigns, child campaigns behind their programme."""
    with reading() as tx:
        found = in_tree(rows.campaigns(tx))
        ids = [row.id for row in found]
        stages = rows.stages(tx, ids)
        counts = rows.task_counts(tx, ids, now)
        return [_card(tx, row, stages, counts.get(row.id), now) for row in found]


def _card(tx: Tx, row: Any, stages: Sequence[Any], counts: Any, now: datetime) -> CampaignCard:
    found = home_of(tx, row)
    own = [stage for stage in stages if stage.campaign_id == row.id]
    return CampaignCard(
        id=row.id,
        name=row.name,
        short_title=found.short_title,
        document_number=found.plan.document_number,
        status=STATUS[row.status],
        owner=row.owner_name,
        launched_at=row.launched_at,
        ends_at=found.plan.ends_at,
        open_ended=found.plan.open_ended,
        shift_days=row.shift_days,
        stages=stage_views(found, own, now),
        figures=figures_of(counts),
        child=row.parent_id is not None,
    )


# -- one campaign ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class UnitLine:
    """How far a unit is: its own tasks, its statements, and the tasks of the enterprises of a county."""

    id: str
    name: str
    level: str
    kind: str
    figures: Figures
    enterprises: Figures | None
    owed: int
    handed_in: int
    missing: int
    late: int
    commitment: Sign | None  # None: owes none


@dataclass(frozen=True, kw_only=True)
class CampaignPage:
    """One campaign."""

    id: str
    name: str
    short_title: str
    document_number: str
    status: Sign
    owner: str
    launched_at: datetime
    launched_by: str
    shift_days: int
    past: str
    edition_number: int
    starts_at: datetime
    ends_at: datetime
    instance_id: str | None
    kinds: tuple[tuple[str, str, int, int], ...]  # what is started item by item: key, name, open, done
    now_at: float  # where today stands on the bar, in percent
    stages: tuple[StageView, ...]
    gates: Mapping[str, tuple[criteria_of.CriterionResult, ...]]
    figures: Figures
    groups: tuple[UnitGroup, ...]
    reports: tuple[tuple[str, str], ...]
    statements: tuple[tuple[Any, str], ...]  # the last periods, each with its report's name
    tallies: tuple[Tally, ...]  # commitments by kind of unit
    events: tuple[Any, ...]
    incidents: int
    measures: Any | None  # counts of the notice's measures in sight; None: the campaign has none
    missing_years: tuple[int, ...]
    family: Family

    @property
    def shift_weeks(self) -> int:
        return self.shift_days // 7


def page(actor: Actor, campaign_id: str, now: datetime) -> CampaignPage:
    """One campaign, its units as far as the actor sees them."""
    paths = paths_of(actor)
    with reading() as tx:
        found = home(tx, campaign_id)
        stages = stage_views(found, rows.stages(tx, [campaign_id]), now)
        lines = _lines(tx, found, now, paths)
        counts = rows.task_counts(tx, [campaign_id], now).get(campaign_id)
        begin, now_at = _today(found, stages, now)
        related = family(tx, found, paths, now)
        return CampaignPage(
            **_head(found),
            starts_at=begin,
            kinds=item_pages.counted(tx, actor, found),
            now_at=now_at,
            stages=stages,
            gates={s.key: tuple(criteria_of.criteria(tx, found.facts, s.key, now)) for s in stages},
            figures=related.figures if related.lines else figures_of(counts) if paths is None else _sum(lines),
            groups=_grouped(lines),
            reports=scheduled_reports(found.plan),
            statements=_periods(tx, found, paths),
            tallies=tallies_of(tx, found, paths, units_of(actor), now),
            events=tuple(rows.recent(tx, campaign_id, NEWS, paths, SHOWN_EVENTS)),
            incidents=rows.incident_count(tx, campaign_id),
            measures=_measures(tx, found, paths, now),
            missing_years=missing_years(tx, now, campaign_id),
            family=related,
        )


def _head(found: Home) -> dict[str, Any]:
    """What the campaign's row and its plan say."""
    row = found.row
    return {
        "id": row.id,
        "name": row.name,
        "short_title": found.short_title,
        "document_number": found.plan.document_number,
        "status": STATUS[row.status],
        "owner": row.owner_name,
        "launched_at": row.launched_at,
        "launched_by": row.launched_by_name or "系统",
        "shift_days": row.shift_days,
        "past": row.past,
        "edition_number": row.number,
        "ends_at": found.plan.ends_at,
        "instance_id": row.instance_id,
    }


def _measures(tx: Tx, found: Home, paths: tuple[str, ...] | None, now: datetime) -> Any | None:
    if not found.plan.measure_lists:
        return None
    return measure_rows.counts(tx, measure_rows.Wanted(campaign_id=found.row.id, paths=paths, now=now))


def _today(found: Home, stages: Sequence[StageView], now: datetime) -> tuple[datetime, float]:
    """When the bar begins, and where today stands on it, in percent."""
    begin = min((stage.starts_at for stage in stages), default=found.plan.starts_at)
    end = max((stage.ends_at for stage in stages), default=found.plan.ends_at)
    share = 100 * (now - begin) / max(end - begin, timedelta(seconds=1))
    return begin, min(max(share, 0.0), 100.0)


def _periods(tx: Tx, found: Home, paths: Sequence[str] | None) -> tuple[tuple[Any, str], ...]:
    periods = statement_rows.summary(tx, found.row.id, paths, SHOWN_PERIODS)
    return tuple((period, found.plan.reports[period.report].name) for period in periods)


def scheduled_reports(plan: Plan) -> tuple[tuple[str, str], ...]:
    """The recurring reports that this version of the campaign carries out: (key, name)."""
    return tuple((key, report.name) for key, report in plan.reports.items() if report.process and report.statement)


def _sum(lines: Sequence[UnitLine]) -> Figures:
    return added([figures for line in lines for figures in (line.figures, line.enterprises) if figures])


def _lines(tx: Tx, found: Home, now: datetime, paths: Sequence[str] | None) -> list[UnitLine]:
    campaign_id = found.row.id
    own = rows.progress(tx, campaign_id, now, paths)
    below = rows.enterprise_progress(tx, campaign_id, now, paths)
    statements = rows.statement_counts(tx, campaign_id, now)
    signed = signs_of_units(tx, found, now)
    return [_line(row, below.get(row.id), statements.get(row.id), signed.get(row.id)) for row in own]


def _line(row: Any, below: Any, statements: Any, commitment: Sign | None) -> UnitLine:
    return UnitLine(
        id=row.id,
        name=row.short_name,
        level=row.level,
        kind=row.kind,
        figures=figures_of(row),
        enterprises=figures_of(below) if below is not None else None,
        owed=int(statements.owed or 0) if statements else 0,
        handed_in=int(statements.handed_in or 0) if statements else 0,
        missing=int(statements.missing or 0) if statements else 0,
        late=int(statements.late or 0) if statements else 0,
        commitment=commitment,
    )


@dataclass(frozen=True, kw_only=True)
class UnitGroup:
    """Units of one kind; a `folded` group is long and seldom wanted."""

    title: str
    lines: tuple[UnitLine, ...]
    folded: bool = False

    @property
    def overdue(self) -> int:
        return sum(line.figures.overdue for line in self.lines)


GROUPS = (
    ("counties", "各县（区、市）"),
    ("city", "市直单位"),
    ("departments", "县级部门"),
    ("others", "乡镇和其他单位"),
)


def _kind(line: UnitLine) -> str:
    if line.level == "county":
        return "departments" if line.kind == "department" else "counties"
    return "city" if line.level == "city" else "others"


def _grouped(lines: Sequence[UnitLine]) -> tuple[UnitGroup, ...]:
    """Counties first, then the city's units; those below them folded away."""
    parts = ((key, title, tuple(line for line in lines if _kind(line) == key)) for key, title in GROUPS)
    return tuple(
        UnitGroup(title=title, lines=part, folded=key in ("departments", "others"))
        for key, title, part in parts
        if part
    )


# -- one unit ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class UnitPage:
    """One unit inside a campaign."""

    campaign_id: str
    campaign: str
    id: str
    name: str
    level: str
    figures: Figures
    enterprises: Figures | None
    tasks: tuple[tuple[Any, Sign], ...]
    statements: tuple[tuple[Any, Sign], ...]
    report_names: Mapping[str, str]
    rung_names: Mapping[str, str]
    instances: tuple[Any, ...]


def unit_page(actor: Actor, campaign_id: str, unit_id: str, now: datetime) -> UnitPage:
    """What a unit has done and has to do in a campaign."""
    with reading() as tx:
        found = home(tx, campaign_id)
        unit = rows.unit(tx, unit_id)
        if unit is None:
            raise NotFound("没有找到该单位。")
        demand(actor, unit.path)
        tasks = rows.unit_tasks(tx, campaign_id, unit_id, SHOWN_TASKS)
        own = rows.progress(tx, campaign_id, now, (unit.path,))
        below = rows.enterprise_progress(tx, campaign_id, now, (unit.path,))
        statements = rows.unit_statements(tx, campaign_id, unit_id)
        instances = rows.unit_instances(tx, campaign_id, unit_id)
    return UnitPage(
        campaign_id=campaign_id,
        campaign=found.short_title,
        id=unit_id,
        name=unit.name,
        level=unit.level,
        figures=figures_of(next((row for row in own if row.id == unit_id), None)),
        enterprises=figures_of(below[unit_id]) if unit_id in below else None,
        tasks=tuple(
            (row, task_sign(row.status, row.due_at, row.completed_at, now, opened_at=row.opened_at)) for row in tasks
        ),
        statements=tuple(
            (s, statement_sign(s.status, s.due_at, s.submitted_at, now, opened_late=s.opened_late)) for s in statements
        ),
        report_names={key: report.name for key, report in found.plan.reports.items()},
        rung_names=rung_names(found.plan),
        instances=tuple(instances),
    )
