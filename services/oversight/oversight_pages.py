"""Oversight as pages show it: the list, whom the office may choose, one look at a unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, NotFound
from domain.oversight import ALL_MODES, MODES
from domain.signs import Sign, oversight_sign
from models import Tx, reading
from models.queries import oversight as rows
from models.queries import records
from services import excel
from services._pages import PAGE, following, position
from services._scope import paths_of
from services.oversight.oversight import mode_names, modes, targets, targets_group
from services.oversight.oversight_actions import ANSWER_FORM, RESULT_FORM
from services.plans.launched import Home, chosen_home, home
from services.plans.units import groups_of


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    mode: str = ""
    state: str = ""
    text: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list; `counts` by state under the other filters."""

    campaign: str
    modes: Mapping[str, str]
    lines: tuple[tuple[Any, str, Sign], ...]  # row, mode, state
    counts: Mapping[str, int]
    problems: int
    next_after: str
    overseen: int
    owed: int
    may_open: bool


def page(actor: Actor, filters: Filters) -> ListPage | None:
    """Looks at units that the actor makes or sees; None while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        wanted = _wanted(actor, filters, found)
        seen = rows.page(tx, wanted, position(filters.after), PAGE + 1)
        states = rows.states(tx, _wanted(actor, Filters(mode=filters.mode, text=filters.text), found))
        units = targets(tx, found.plan)
        done = rows.overseen(tx, found.row.id)
        return ListPage(
            campaign=found.short_title,
            modes=mode_names(found.plan),
            lines=_lines(found, seen[:PAGE]),
            counts=Counter(oversight_sign(row.conclusion, row.finished_at).key for row in states),
            problems=sum(row.problems for row in states),
            next_after=following(seen, "began_at"),
            overseen=sum(unit.id in done for unit in units),
            owed=len(units),
            may_open="office" in actor.roles and found.row.status == "running",
        )


def sheet(actor: Actor, filters: Filters) -> excel.Sheet:
    """The whole list as a table."""
    head = ("被督导单位", "方式", "督导单位", "督导组", "日期", "四不两直", "媒体", "发现问题", "结论", "状态")
    with reading() as tx:
        found = chosen_home(tx, actor)
        seen = rows.page(tx, _wanted(actor, filters, found), None, excel.LIMIT + 1) if found else []
        lines = _lines(found, seen) if found else ()
    return excel.Sheet(title="督导台账", head=head, rows=[_cells(*line) for line in lines])


def _cells(row: Any, mode: str, state: Sign) -> tuple[Any, ...]:
    seen = (row.began_at, row.unannounced, row.media, row.problems, row.conclusion)
    return (row.target, mode, row.unit, row.team, *seen, state.word)


def _lines(at: Home, found: Sequence[Any]) -> tuple[tuple[Any, str, Sign], ...]:
    names = mode_names(at.plan)
    return tuple((row, names[row.mode], oversight_sign(row.conclusion, row.finished_at)) for row in found)


def _wanted(actor: Actor, filters: Filters, found: Home) -> rows.Wanted:
    return rows.Wanted(
        campaign_id=found.row.id,
        paths=paths_of(actor),
        mode=filters.mode if filters.mode in ALL_MODES else "",
        state=filters.state if filters.state in ("open", "answering", "finished") else "",
        text=filters.text.strip(),
    )


# -- choosing whom -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Target:
    """A unit that may be overseen, with how often it was."""

    unit: Any
    note: str


@dataclass(frozen=True, kw_only=True)
class OpenPage:
    """The form by which the office opens oversight."""

    campaign_id: str
    campaign: str
    rule: str  # what the notice says of it
    groups: tuple[tuple[str, tuple[Target, ...]], ...]
    modes: tuple[tuple[str, str], ...]


def form(actor: Actor) -> OpenPage:
    """Whom the office may choose."""
    if "office" not in actor.roles:
        raise Forbidden("督导由行动办公室组织，您的岗位不能启动。")
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None or found.row.status != "running":
            raise Conflict("没有正在进行的行动，不能启动督导。")
        return OpenPage(
            campaign_id=found.row.id,
            campaign=found.short_title,
            rule=_rule(found),
            groups=_groups(tx, found),
            modes=tuple(modes(found.plan).items()),
        )


def _groups(tx: Tx, found: Home) -> tuple[tuple[str, tuple[Target, ...]], ...]:
    done, begun = rows.overseen(tx, found.row.id), rows.opened(tx, found.row.id)
    units = targets(tx, found.plan)
    notes = {unit.id: "督导中" if unit.id in begun else "已督导" if unit.id in done else "未督导" for unit in units}
    parts = [(title, [unit for unit in units if name in groups_of(found.plan, unit)]) for name, title in _parts(found)]
    return tuple((title, tuple(Target(unit=u, note=notes[u.id]) for u in part)) for title, part in parts if part)


def _rule(found: Home) -> str:
    """The notice's sentence about the ways of overseeing: the stage action that names them."""
    actions = (one for stage in found.plan.raw["stages"].values() for one in stage.get("actions") or ())
    return next((str(one["text"]) for one in actions if one.get("modes")), "办公室组织督导组，对有关单位进行督导检查")


def _parts(found: Home) -> tuple[tuple[str, str], ...]:
    """The groups that make up those who may be overseen, with their names."""
    units, whole = found.plan.units, targets_group(found.plan)
    names = (units[whole].union or (whole,)) if whole else ()
    return tuple((name, units[name].name) for name in names)


# -- one ---------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class OversightPage:
    """One look at a unit: result, problems and answers."""

    row: Any
    campaign: str
    mode: str
    sign: Sign
    problems: tuple[tuple[str, str, bool], ...]  # problem, answer, done


def one(actor: Actor, oversight_id: str) -> OversightPage:
    """A look that the actor's unit made or had, or that lies in the data scope."""
    with reading() as tx:
        row = rows.one(tx, oversight_id)
        if row is None:
            raise NotFound("没有找到这次督导。")
        if not actor.sees(row.target_path) and not actor.sees(row.unit_path):
            raise Forbidden("该督导不在您的数据范围内。")
        found = home(tx, row.campaign_id)
        return OversightPage(
            row=row,
            campaign=found.short_title,
            mode=mode_names(found.plan)[row.mode],
            sign=oversight_sign(row.conclusion, row.finished_at),
            problems=_problems(tx, row),
        )


def _problems(tx: Tx, row: Any) -> tuple[tuple[str, str, bool], ...]:
    if not row.instance_id or row.mode not in MODES:
        return ()
    result = records.newest_submission(tx, row.instance_id, RESULT_FORM)
    answer = records.newest_submission(tx, row.instance_id, ANSWER_FORM)
    answers = list((answer.data or {}).get("answers") or ()) if answer else []
    found = []
    for i, line in enumerate((result.data or {}).get("problem_rows") or () if result else ()):
        given = answers[i] if i < len(answers) else {}
        found.append((str(line["problem"]), str(given.get("measures") or ""), bool(given.get("done"))))
    return tuple(found)
