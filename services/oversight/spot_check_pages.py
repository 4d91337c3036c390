"""抽查 as pages show it: who drew how many of which county, one draw, and its proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import sampling
from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.plan import Plan
from domain.signs import Sign
from models import Tx, reading
from models.queries import spot_checks as rows
from services import excel
from services._scope import paths_of
from services.oversight import spot_checks
from services.oversight.spot_check_proof import METHOD, PLAIN_METHOD, Proof, document, proofs
from services.oversight.spot_checks import Compared, compared
from services.plans.launched import Home, chosen_home, home
from services.plans.sectors import sector_names

PAGE = 50
ENOUGH = Sign("enough", "达到比例", "green", "ok")
SHORT = Sign("short", "低于比例", "red", "alert")
ALL_DONE = Sign("done", "已全部检查", "green", "ok")
UNDER_WAY = Sign("open", "检查中", "blue", "clock")
AGREES = Sign("agrees", "复核一致", "green", "ok")
DIFFERS = Sign("differs", "复核不一致", "red", "alert")
HEAD = ("期次", "部门", "县（区、市）", "抽取时间", "名单家数", "抽中家数", "已检查", "种子")


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    department_id: str = ""
    county_id: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """All draws of a department in a county together."""

    department_id: str
    department: str
    county_id: str
    county: str
    population: int
    drawn: int
    done: int
    percent: float  # demanded

    @property
    def share(self) -> float:
        return self.drawn / self.population if self.population else 0.0

    @property
    def sign(self) -> Sign:
        """Whether what was drawn is as much as the notice demands."""
        return ENOUGH if self.drawn * 100 >= self.population * self.percent else SHORT


@dataclass(frozen=True, kw_only=True)
class Line:
    """One draw in the list."""

    row: Any
    drawn: int
    done: int

    @property
    def sign(self) -> Sign:
        return ALL_DONE if self.done >= self.drawn else UNDER_WAY


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """The draws that somebody may see."""

    campaign: str
    percent: float
    total: Share
    shares: tuple[Share, ...]
    lines: tuple[Line, ...]
    count: int
    next_after: str
    departments: tuple[tuple[str, str], ...]
    counties: tuple[tuple[str, str], ...]
    seal: Any
    filtered: bool


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """Draws of the newest running campaign that the actor may see; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None or sampling.QUOTA not in found.plan.quotas:
            return None
        seen = rows.draws(tx, found.row.id, paths_of(actor))
        lines = _lines(tx, [row for row in seen if _wanted(row, filters)])
        seal = rows.seal(tx, found.row.id)
    percent = spot_checks.percent_of(found.plan)
    newest = lines[::-1]
    start = next((i + 1 for i, line in enumerate(newest) if line.row.id == filters.after), 0)
    shown = newest[start : start + PAGE]
    return ListPage(
        campaign=found.short_title,
        percent=percent,
        total=_share(lines, percent),
        shares=_shares(lines, percent),
        lines=tuple(shown),
        count=len(lines),
        next_after=shown[-1].row.id if len(newest) > start + PAGE else "",
        departments=_choices(seen, "department"),
        counties=_choices(seen, "county"),
        seal=seal,
        filtered=bool(filters.department_id or filters.county_id),
    )


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """The whole list as a table."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        seen = rows.draws(tx, found.row.id, paths_of(actor)) if found else []
        lines = _lines(tx, [row for row in seen if _wanted(row, filters)])
    return excel.Sheet(title="抽查", head=HEAD, rows=[_cells(line) for line in lines])


def _cells(line: Line) -> tuple[Any, ...]:
    row = line.row
    place = (row.period, row.department, row.county, row.drawn_at)
    return (*place, len(row.population), line.drawn, line.done, row.seed)


def _wanted(row: Any, filters: Filters) -> bool:
    return filters.department_id in ("", row.department_id) and filters.county_id in ("", row.county_id)


def _lines(tx: Tx, draws: Sequence[Any]) -> list[Line]:
    drawn: dict[str, int] = {}
    done: dict[str, int] = {}
    for pick in rows.picks(tx, [row.id for row in draws]):
        drawn[pick.spot_check_id] = drawn.get(pick.spot_check_id, 0) + 1
        done[pick.spot_check_id] = done.get(pick.spot_check_id, 0) + (pick.inspection_id is not None)
    return [Line(row=row, drawn=drawn.get(row.id, 0), done=done.get(row.id, 0)) for row in draws]


def _share(lines: Sequence[Line], percent: float) -> Share:
    one = lines[0].row if lines else None
    return Share(
        department_id=one.department_id if one else "",
        department=one.department if one else "",
        county_id=one.county_id if one else "",
        county=one.county if one else "",
        population=sum(len(line.row.population) for line in lines),
        drawn=sum(line.drawn for line in lines),
        done=sum(line.done for line in lines),
        percent=percent,
    )


def _shares(lines: Sequence[Line], percent: float) -> tuple[Share, ...]:
    """By department and county, in the order of their codes."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.row.department_code, line.row.county_code), []).append(line)
    return tuple(_share(groups[key], percent) for key in sorted(groups))


def _choices(draws: Sequence[Any], what: str) -> tuple[tuple[str, str], ...]:
    found = {getattr(row, f"{what}_code"): (getattr(row, f"{what}_id"), getattr(row, what)) for row in draws}
    return tuple(found[code] for code in sorted(found))


# -- one draw ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class DrawPage:
    """One draw with what was drawn, and the draw made again."""

    row: Any
    campaign: str
    percent: float
    picks: tuple[Compared, ...]
    proof: Proof
    sectors: Mapping[str, str]
    seal: Any
    names: Mapping[str, str]  # code -> name of the drawn
    plain_method: str = PLAIN_METHOD
    method: str = METHOD

    @property
    def sign(self) -> Sign:
        return AGREES if self.proof.sound else DIFFERS

    @property
    def done(self) -> int:
        return sum(one.done for one in self.picks)


def one(actor: Actor, spot_check_id: str, now: datetime) -> DrawPage:
    """A draw whose department or county the actor sees."""
    with reading() as tx:
        found, proof = _seen(tx, actor, spot_check_id)
        picks = compared(tx, found.row.id, proof.picks)
        seal = rows.seal(tx, found.row.id)
    return DrawPage(
        row=proof.row,
        campaign=found.short_title,
        percent=spot_checks.percent_of(found.plan),
        picks=picks,
        proof=proof,
        sectors=sector_names(found.plan),
        seal=seal,
        names={pick.code: pick.enterprise for pick in proof.picks},
    )


def paper(actor: Actor, spot_check_id: str) -> dict[str, Any]:
    """All that is needed to draw again."""
    with reading() as tx:
        found, proof = _seen(tx, actor, spot_check_id)
        return document(proof, found.plan, rows.seal(tx, found.row.id))


def _seen(tx: Tx, actor: Actor, spot_check_id: str) -> tuple[Home, Proof]:
    row = rows.one(tx, spot_check_id)
    if row is None:
        raise NotFound("没有找到这次抽取。")
    if not (actor.sees(row.department_path) or actor.sees(row.county_path)):
        raise Forbidden("这次抽取不在您的数据范围内。")
    found = home(tx, row.campaign_id)
    return found, next(proof for proof in proofs(tx, row.campaign_id, found.plan) if proof.row.id == row.id)


# -- all of them again -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class ProofPage:
    """Every draw that somebody may see, made again."""

    campaign: str
    proofs: tuple[tuple[Proof, Sign], ...]
    seal: Any
    sealed: bool
    plain_method: str = PLAIN_METHOD
    method: str = METHOD

    @property
    def wrong(self) -> int:
        return sum(not proof.sound for proof, _ in self.proofs)


def proof_page(actor: Actor, now: datetime) -> ProofPage | None:
    """抽查复核 of the newest running campaign; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None or sampling.QUOTA not in found.plan.quotas:
            return None
        seen = {row.id for row in rows.draws(tx, found.row.id, paths_of(actor))}
        all_proofs = _proofs(tx, found.row.id, found.plan)
        seal = rows.seal(tx, found.row.id)
    chosen = [proof for proof in all_proofs if proof.row.id in seen]
    return ProofPage(
        campaign=found.short_title,
        proofs=tuple((proof, AGREES if proof.sound else DIFFERS) for proof in reversed(chosen)),
        seal=seal,
        sealed=seal is not None,
    )


def _proofs(tx: Tx, campaign_id: str, plan: Plan) -> list[Proof]:
    return proofs(tx, campaign_id, plan)
