"""考评排队 as pages show it: month by month, one ranking, a county's figures with the rows behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.signs import Sign
from models import Tx, reading
from models.queries import rankings as rows
from models.queries import records
from services import excel
from services.plans.launched import Home, chosen_home, home
from services.publications import appraisals
from services.publications.appraisals import EVIDENCE, Span, rules

SHOWN = 200
RECORD = "final_appraisal_record"  # what was done with the final appraisal outside the system
DRAFT = Sign("draft", "待审定", "yellow", "clock")
PUBLISHED = Sign("published", "已公布", "green", "ok")
FILED = Sign("filed", "已存档", "green", "ok")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A ranking in the table of all; `level`: nobody stands before anybody else."""

    row: Any
    title: str
    sign: Sign
    level: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A county's place in one ranking; `moved` places up (negative: down) since the one before.

    None where there is nothing to compare with: the first one, and one before or now in which all are equal.
    """

    publication_id: str
    unit_id: str
    place: int
    score: float
    shared: bool  # others have the same place
    moved: int | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A county with its places."""

    unit: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Counties by rankings, ordered as the newest has them."""

    campaign: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


def overview(actor: Actor, now: datetime) -> Overview | None:
    """All rankings that the actor may see; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        shown = [row for row in rows.rankings(tx, found.row.id) if _may_see(actor, row)]
        standings = rows.standings(tx, [row.id for row in shown])
    columns = tuple(
        Column(row=row, title=_span(row).title, sign=_sign(row), level=_is_level(_of(standings, row.id)))
        for row in shown
    )
    return Overview(campaign=found.short_title, columns=columns, lines=_lines(shown, standings))


def _may_see(actor: Actor, row: Any) -> bool:
    """What is published is for everybody; a draft, and what goes to leaders only, for office, leaders and auditors."""
    return actor.sees_all or (row.status == "published" and row.audience == "public")


def _sign(row: Any) -> Sign:
    if row.status != "published":
        return DRAFT
    return FILED if row.kind == appraisals.FINAL else PUBLISHED


def _span(row: Any) -> Span:
    return Span(start=datetime.fromisoformat(row.content["from"]), end=datetime.fromisoformat(row.content["to"]))


def _of(standings: Sequence[Any], publication_id: str) -> list[Any]:
    return [one for one in standings if one.publication_id == publication_id]


def _is_level(standings: Sequence[Any]) -> bool:
    """Whether all have the same score: then nobody is first."""
    return len(standings) > 1 and len({one.score for one in standings}) == 1


def _shared(standings: Sequence[Any]) -> set[int]:
    """Places that several have."""
    places = [one.place for one in standings]
    return {place for place in places if places.count(place) > 1}


def _lines(shown: Sequence[Any], standings: Sequence[Any]) -> tuple[Line, ...]:
    places: dict[tuple[str, str], Any] = {(one.publication_id, one.unit_id): one for one in standings}
    names = {one.unit_id: (one.code, one.unit) for one in standings}

    def newest(unit_id: str) -> tuple[int, str]:
        known = places.get((shown[-1].id, unit_id))
        return (known.place if known else len(names) + 1, names[unit_id][0])

    level = {row.id for row in shown if _is_level(_of(standings, row.id))}
    shared = {row.id: _shared(_of(standings, row.id)) for row in shown}
    found = []
    for unit_id in sorted(names, key=newest):
        cells: list[Cell | None] = []
        before: int | None = None
        for row in shown:
            one = places.get((row.id, unit_id))
            comparable = before if row.id not in level else None
            cells.append(_cell(one, comparable, one.place in shared[row.id]) if one else None)
            before = None if row.id in level else one.place if one else before
        found.append(Line(unit=names[unit_id][1], cells=tuple(cells)))
    return tuple(found)


def _cell(one: Any, before: int | None, shared: bool) -> Cell:
    moved = before - one.place if before is not None else None
    return Cell(
        publication_id=one.publication_id,
        unit_id=one.unit_id,
        place=one.place,
        score=one.score,
        shared=shared,
        moved=moved,
    )


# -- one ranking -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class RankingPage:
    """One ranking."""

    row: Any
    campaign: str
    span: Span
    sign: Sign
    weights: Mapping[str, float]
    standings: tuple[Any, ...]
    reasons: Mapping[str, str]  # unit -> why
    key_supervision: tuple[Mapping[str, Any], ...]
    rules: tuple[str, ...]
    submission: Mapping[str, Any]

    @property
    def level(self) -> bool:
        """Whether all have the same score."""
        return _is_level(self.standings)

    @property
    def nothing_owed(self) -> bool:
        """Whether nobody had anything that is counted."""
        return not any(figure["have"] or figure["of"] for one in self.standings for figure in one.figures)

    @property
    def shared(self) -> set[int]:
        """Places that several have."""
        return _shared(self.standings)


def one(actor: Actor, publication_id: str) -> RankingPage:
    """A ranking the actor may see."""
    with reading() as tx:
        row, found = _seen(tx, actor, publication_id)
        standings = rows.standings(tx, [row.id])
        record = records.newest_submission(tx, row.instance_id, RECORD) if row.instance_id else None
    return RankingPage(
        row=row,
        campaign=found.short_title,
        span=_span(row),
        sign=_sign(row),
        weights=row.content["weights"],
        standings=tuple(standings),
        reasons={line["unit"]: line["reasons"] for line in row.content["lines"]},
        key_supervision=tuple(row.content["key_supervision"]),
        rules=tuple(
            f"{rule.name}：低于{'平均数的 ' if rule.of_average else ' '}{rule.percent:g}%" for rule in rules(found.plan)
        ),
        submission=record.data if record is not None else {},
    )


def _seen(tx: Tx, actor: Actor, publication_id: str) -> tuple[Any, Home]:
    row = rows.one(tx, publication_id)
    if row is None:
        raise NotFound("没有找到这次考评。")
    if not _may_see(actor, row):
        raise Forbidden("这次考评尚未公布，或者不在您的数据范围内。")
    return row, home(tx, row.campaign_id)


def sheet(actor: Actor, publication_id: str) -> excel.Sheet:
    """One ranking as a table."""
    shown = one(actor, publication_id)
    names = [figure["name"] for figure in shown.standings[0].figures] if shown.standings else []
    return excel.Sheet(
        title="考评排队",
        subtitle=shown.row.title,
        head=("名次", "单位", "得分", *names, "理由"),
        rows=[
            (line.place, line.unit, line.score, *(f["points"] for f in line.figures), shown.reasons[line.unit])
            for line in shown.standings
        ],
        notes=[f"{name} {weight:g} 分" for name, weight in shown.weights.items()],
    )


# -- a county's figures ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class UnitPage:
    """A county in one ranking: every figure, the rows behind it today, and whether others stand beside it."""

    row: Any
    span: Span
    sign: Sign
    standing: Any
    shared: bool
    level: bool
    evidence: Mapping[str, tuple[Any, ...]]


def unit(actor: Actor, publication_id: str, unit_id: str) -> UnitPage:
    """A county's figures; the rows behind them only for those who see the county."""
    with reading() as tx:
        row, _ = _seen(tx, actor, publication_id)
        standings = rows.standings(tx, [row.id])
        standing = next((line for line in standings if line.unit_id == unit_id), None)
        if standing is None:
            raise NotFound("这次考评没有这个单位。")
        span = _span(row)
        evidence = _evidence(tx, row, span, unit_id) if actor.sees(standing.path) else {}
    return UnitPage(
        row=row,
        span=span,
        sign=_sign(row),
        standing=standing,
        shared=standing.place in _shared(standings),
        level=_is_level(standings),
        evidence=evidence,
    )


def _evidence(tx: Tx, row: Any, span: Span, unit_id: str) -> dict[str, tuple[Any, ...]]:
    found = {}
    for key, ask in EVIDENCE.items():
        own = [line for line in ask(tx, row.campaign_id, span.start, span.end) if line.unit_id == unit_id]
        found[key] = tuple(own[:SHOWN])
    return found
