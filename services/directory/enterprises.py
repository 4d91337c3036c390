"""Enterprises as pages show them: the list with its filters, one enterprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.signs import DONE, NOT_STARTED, OPEN, OVERDUE, Sign, commitment_sign, task_sign
from models import Tx, reading
from models.queries import campaigns as campaign_rows
from models.queries import enterprises as rows
from services import excel
from services._scope import paths_of, units_of
from services.campaigns.commitments import commitment_sign_off
from services.counting.criteria import report_steps
from services.counting.form_texts import labels_of
from services.inspections import finding_pages, inspection_pages
from services.plans.launched import Home, chosen_home
from services.plans.sectors import sector_names

PAGE = 50
SUPERVISED = {"city": "市级监管", "county": "县级监管"}
INSPECTION = {"done": DONE, "open": OPEN, "overdue": OVERDUE, "none": NOT_STARTED}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see; `after` is the code behind which the page begins."""

    text: str = ""
    county_id: str = ""
    sector: str = ""
    supervised_by: str = ""
    inspection: str = ""
    commitment: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """An enterprise of the list."""

    row: Any
    sector: str
    inspection: Sign
    commitment: Sign


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list."""

    lines: tuple[Line, ...]
    total: int
    next_after: str
    counties: tuple[tuple[str, str], ...]
    sectors: tuple[tuple[str, str], ...]
    campaign: str


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage:
    """Enterprises in the actor's scope, and those whose sector the actor's department leads."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        steps = self_inspection(tx, found) if found else None
        sign_off = commitment_sign_off(found.plan) if found else ""
        wanted = _wanted(actor, filters)
        lines = rows.page(tx, wanted, steps, sign_off, now=now, after=filters.after, limit=PAGE + 1)
        shown = lines[:PAGE]
        sectors = sector_names(found.plan) if found else {}
        return ListPage(
            lines=_lines(tx, shown, steps, sign_off, sectors, now),
            total=rows.count(tx, wanted, steps, sign_off, now),
            next_after=shown[-1].code if len(lines) > PAGE else "",
            counties=tuple((row.id, row.short_name) for row in rows.counties(tx, _wanted(actor, Filters()))),
            sectors=tuple(sectors.items()),
            campaign=found.short_title if found else "",
        )


HEAD = ("企业", "县（区、市）", "乡镇（街道）", "行业领域", "牵头部门", "企业类别", "监管层级", "自查自纠", "承诺书")


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """The whole list as a table: what `page` shows a page of."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        steps = self_inspection(tx, found) if found else None
        sign_off = commitment_sign_off(found.plan) if found else ""
        wanted = _wanted(actor, filters)
        shown = rows.page(tx, wanted, steps, sign_off, now=now, after="", limit=excel.LIMIT + 1)
        lines = _lines(tx, shown, steps, sign_off, sector_names(found.plan) if found else {}, now)
    return excel.Sheet(title="企业名单", head=HEAD, rows=[_cells(line) for line in lines])


def _cells(line: Line) -> tuple[Any, ...]:
    row, by = line.row, SUPERVISED.get(line.row.supervised_by, line.row.supervised_by)
    place = (row.county, row.township, line.sector, row.sector_unit, row.enterprise_type)
    return (row.name, *place, by, line.inspection.word, line.commitment.word)


def _wanted(actor: Actor, filters: Filters) -> rows.Wanted:
    return rows.Wanted(
        paths=paths_of(actor),
        leads=units_of(actor),
        text=filters.text.strip(),
        county_id=filters.county_id,
        sector=filters.sector,
        supervised_by=filters.supervised_by if filters.supervised_by in SUPERVISED else "",
        inspection=filters.inspection if filters.inspection in INSPECTION else "",
        commitment=filters.commitment if filters.commitment in ("signed", "unsigned") else "",
    )


def self_inspection(tx: Tx, found: Home) -> rows.Steps | None:
    """The tasks that stand for an enterprise's self-inspection: those of the report that enterprises owe once."""
    for report in found.plan.reports.values():
        group = found.plan.units.get(report.owed_by)
        if group is None or group.level != "enterprise" or report.process:
            continue
        steps = report_steps(tx, found.edition, report)
        if steps.own:
            return rows.Steps(campaign_id=found.row.id, versions=steps.versions, own=steps.own, again=steps.again)
    return None


def _lines(
    tx: Tx,
    shown: Sequence[Any],
    steps: rows.Steps | None,
    sign_off: str,
    sectors: Mapping[str, str],
    now: datetime,
) -> tuple[Line, ...]:
    ids = [row.id for row in shown]
    standings = rows.standings(tx, steps, ids, now) if steps else {}
    signed = rows.signed(tx, steps, sign_off, ids) if steps else {}
    return tuple(
        Line(
            row=row,
            sector=sectors.get(row.sector, row.sector),
            inspection=_inspection(standings.get(row.id), steps),
            commitment=commitment_sign(signed[row.id].signed_at if row.id in signed else None, None, now),
        )
        for row in shown
    )


def _inspection(standing: Any, steps: rows.Steps | None) -> Sign:
    if standing is None or steps is None:
        return NOT_STARTED
    if standing.done >= len(steps.own) and not standing.open:
        return DONE
    return OVERDUE if standing.overdue else OPEN


# -- one enterprise ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A form of the self-inspection as it was handed in last."""

    title: str
    at: datetime
    fields: tuple[tuple[str, str], ...]  # label and text


@dataclass(frozen=True, kw_only=True)
class EnterprisePage:
    """One enterprise."""

    row: Any
    sector: str
    supervised: str
    holders: tuple[Any, ...]
    campaign_id: str
    campaign: str
    inspection: Sign
    commitment: Sign
    commitment_task: str
    tasks: tuple[tuple[Any, Sign], ...]
    handed_in: tuple[HandedIn, ...]
    instances: tuple[Any, ...]
    visits: tuple[Any, ...] = ()
    findings: tuple[Any, ...] = ()


def one(actor: Actor, unit_id: str, now: datetime) -> EnterprisePage:
    """One enterprise the actor sees, with its part in the newest running campaign."""
    with reading() as tx:
        row = rows.enterprise(tx, unit_id)
        if row is None:
            raise NotFound("没有找到这家企业。")
        if not (actor.sees(row.path) or row.sector_unit_id in units_of(actor)):
            raise Forbidden("该企业不在您的数据范围内。")
        found = chosen_home(tx, actor)
        holders = rows.holders(tx, unit_id, now)
        return _page(tx, row, found, holders, now)


def _page(tx: Tx, row: Any, found: Home | None, holders: Sequence[Any], now: datetime) -> EnterprisePage:
    steps = self_inspection(tx, found) if found else None
    sign_off = commitment_sign_off(found.plan) if found else ""
    standing = rows.standings(tx, steps, [row.id], now).get(row.id) if steps else None
    signed = rows.signed(tx, steps, sign_off, [row.id]).get(row.id) if steps else None
    campaign_id = found.row.id if found else ""
    tasks = campaign_rows.unit_tasks(tx, campaign_id, row.id, 100)
    return EnterprisePage(
        row=row,
        sector=sector_names(found.plan).get(row.sector, row.sector) if found else row.sector,
        supervised=SUPERVISED.get(row.supervised_by, row.supervised_by),
        holders=tuple(holders),
        campaign_id=campaign_id,
        campaign=found.short_title if found else "",
        inspection=_inspection(standing, steps),
        commitment=commitment_sign(signed.signed_at if signed else None, None, now),
        commitment_task=signed.task_id if signed else "",
        tasks=tuple(
            (task, task_sign(task.status, task.due_at, task.completed_at, now, opened_at=task.opened_at))
            for task in tasks
        ),
        handed_in=_handed_in(tx, found, steps, row.id) if found and steps else (),
        instances=tuple(campaign_rows.unit_instances(tx, campaign_id, row.id)),
        visits=inspection_pages.of_enterprise(tx, found, row.id) if found else (),
        findings=finding_pages.of_enterprise(tx, found, row.id, now) if found else (),
    )


def _handed_in(tx: Tx, found: Home, steps: rows.Steps, unit_id: str) -> tuple[HandedIn, ...]:
    """What the enterprise handed in, each form once, the newest first."""
    given = campaign_rows.submissions(tx, steps.campaign_id, unit_id, [*steps.own, *steps.again])
    newest = {row.form_key: row for row in reversed(given)}
    return tuple(
        HandedIn(title=row.task, at=row.submitted_at, fields=_fields(found, row))
        for row in sorted(newest.values(), key=lambda row: row.submitted_at, reverse=True)
    )


def _fields(found: Home, row: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(row.data, Mapping):
        return ()
    labels = labels_of(found.edition.forms.get(row.form_key, {}))
    texts = ((title, labels.text(path, row.data.get(path))) for path, title in labels.titles.items())
    return tuple((title, text) for title, text in texts if text)
