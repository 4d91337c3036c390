"""The scenarios of the campaign folders: given answers and days passed, the expected tasks, statements and ledger.

A scenario may name how many `enterprises` the city has, and `settings` of the plan that the city has changed. A step
passes time to `at`, then acts: `do` one task, `do_all` of some elements (of `units` only, or of all `but` some), or is
`refused` with a `kind` of error; then it `expect`s.
What is not done by a task `happens`: a row (`inspection`, `finding`, `hazard`, `disposal`) `of` a unit, about the
enterprise number `about`, with the fields given.
`inspect`: a county inspects so many enterprises of a department's sectors (`items`: what it finds); `visit`: a
department visits what was drawn (the first `count` of it); `clue`: one is registered and classified, `reclassify`: once
more; `vacate`: nobody holds the post any more.
`hazard_found`: the holder of the post `by` enters a hazard at the first enterprise of a county; `hazard_back`: it is
opened again; `enterprise_leaves`: nobody acts for that enterprise any more; `take_over`: who handed the hazard in holds
that post too; `hand_post`: a post gets another holder. `old_clues_taken`, `old_clue_disposed`: old_clues.py of
tests/support/, `start_item`, `withdraw_item`, `repeal_notice`, `items`: standing.py,
`inspect_own`, `decide`, `transfer`, `oversee`, `name_posts`, `broadcast`, `visit_drawn`, `enterprise_closes`: acts.py.
A task about a `measure` may be named by it and by the unit `of` which it is, whoever does the task.
What is not a name below (`cases`, `opinion`, a field of the form) is an answer; `answers` are exactly these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import ROOT
from domain import errors
from domain.workdays import BEIJING
from services.clues import clue_show
from services.counting import criteria
from services.plans.launched import chosen_home
from services.publications.publication_actions import content_hash
from services.statements import statements
from services.tasks.diagrams import passed
from tests.support import acts, clues, events, hazards, measures, old_clues, rows, standing, visits
from tests.support.played import office
from tests.support.world import World, beijing, described

PROCESSES = ROOT / "processes"
SCENARIOS = sorted(PROCESSES.rglob("scenarios/*.yaml"))
# Played on both databases: a third of them, chosen so that most queries of the closed loop are asked.
ON_BOTH = {
    "briefing_issued",
    "clue_ledger",
    "clue_objection_upheld",
    "clue_supervised",
    "counties_inspect_everybody",
    "final_appraisal",
    "final_summary_figures",
    "findings_decided_or_handed_on",
    "hard_case",
    "hazard_major_listed",
    "hazard_overdue",
    "monthly_appraisal",
    "old_clues_worked_off",
    "oversight_with_problems",
    "six_lists_returned",
    "results_returned",
    "risk_guarded",
    "spot_check_monday",
    "stage_one_gate",
    "target_missed",
    "two_lines",
    "weekly_figures_frozen",
    "weekly_late_escalated",
}
PLAYED = [(path, "sqlite") for path in SCENARIOS] + [(path, "postgresql") for path in SCENARIOS if path.stem in ON_BOTH]


def _key(scenario: Path) -> str:
    """The campaign whose scenario it is; that of a child campaign has its programme before it."""
    return scenario.parent.parent.relative_to(PROCESSES).as_posix()


@pytest.mark.parametrize(
    ("path", "backend"), PLAYED, ids=[f"{_key(path)}/{path.stem}-{backend}" for path, backend in PLAYED]
)
def test_scenario(path: Path, backend: str, new_database: Callable[..., str], tmp_path: Path) -> None:
    scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
    play(world_of(scenario, _key(path), new_database(backend), tmp_path), scenario, path.stem)


def world_of(scenario: Mapping[str, Any], key: str, database: str, folder: Path, root: Path = ROOT) -> World:
    """The campaign `key`, whose folders lie below `root`, launched as the scenario says."""
    now, enterprises = beijing(scenario["launch"]), scenario.get("enterprises")
    settings = scenario.get("settings")
    return World(database, folder, key=key, now=now, enterprises=enterprises, settings=settings, root=root)


def play(world: World, scenario: Mapping[str, Any], name: str) -> None:
    """Every step of a scenario, one after the other."""
    for number, step in enumerate(scenario["steps"], 1):
        world.at(beijing(step["at"]))
        where = f"{name}, step {number} ({step['at']})"
        for row in step.get("happens", ()):
            _happens(world, row)
        if "do" in step:
            _do(world, where, **step["do"])
        if "do_all" in step:
            _do_all(world, where, **step["do_all"])
        for kind, act in ACTS.items():
            if kind in step:
                act(world, **step[kind])
        if "refused" in step:
            _refused(world, where, **step["refused"])
        for what, expected in step.get("expect", {}).items():
            EXPECT[what](world, where, expected)


def _one(world: World, where: str, element: str, unit: str | None = None, **more: Any) -> Any:
    found = world.open_tasks(element, unit=unit, **more)
    assert found, f"{where}: no open {element} of {unit or more}"
    return found[0]


WHICH = ("unit", "measure", "of", "period")


def _do(world: World, where: str, element: str, **how: Any) -> None:
    which = {name: how.pop(name) for name in WHICH if name in how}
    world.complete(_one(world, where, element, **which), **how)


def _do_all(
    world: World, where: str, elements: Sequence[str], units: Collection[str] | None = None, but: Collection[str] = ()
) -> None:
    seen = set()
    for element in elements:
        for task in world.open_tasks(element):
            seen.add(task.unit)
            if task.unit not in but and (units is None or task.unit in units):
                world.complete(task)
    assert {*but, *(units or ())} <= seen, f"{where}: somebody has nothing to do"


def _happens(world: World, row: Mapping[str, Any]) -> None:
    """A row that other parts of the house would write, at the step's moment or `at` its own."""
    more = {name: value for name, value in row.items() if name not in ("what", "of", "at", "about")}
    at = beijing(row["at"]) if "at" in row else world.now
    if row["what"] == "disposal":
        events.disposal(row["of"], at, more.pop("kind"), **more)
        return
    make = {"inspection": events.inspection, "finding": events.finding, "hazard": events.hazard}[row["what"]]
    make(row["of"], at, events.enterprises()[row.get("about", 0)], **more)


def _inspect(world: World, department: str, county: str, count: int, items: Sequence[str] = ()) -> None:
    visits.by_county(department, county, count, world.now, items=items)


def _visit(world: World, department: str, count: int | None = None, items: Sequence[str] = ()) -> None:
    visits.answer(department, world.now, count=count, items=items)


def _reclassify(world: World, subject: str, **to: str) -> None:
    clues.give(world, world.ask(clues.id_of, subject), **to)


def _hazard_found(world: World, by: Sequence[str], grade: str, county: str, **more: Any) -> None:
    hazards.enter(world, by=(by[0], by[1]), grade=grade, county=county, **more)


ACTS: dict[str, Callable[..., Any]] = {
    "inspect": _inspect,
    "visit": _visit,
    "clue": clues.hand_in,
    "reclassify": _reclassify,
    "vacate": lambda world, unit, post: rows.vacate(unit, post, world.now),
    "enterprise_leaves": hazards.leave,
    "hazard_found": _hazard_found,
    "hazard_back": hazards.reopen,
    "take_over": hazards.take_over,
    "hand_post": hazards.hand_post,
    **acts.ACTS,
    **old_clues.ACTS,
    **standing.ACTS,
}


def _refused(world: World, where: str, element: str, kind: str, **how: Any) -> None:
    which = {name: how.pop(name) for name in WHICH if name in how}
    task = _one(world, where, element, **which)
    with pytest.raises(getattr(errors, kind)):
        world.complete(task, **how)
    assert _one(world, where, element, **which).id == task.id


def _open(world: World, where: str, expected: Mapping[str, int]) -> None:
    counts = {element: len(world.open_tasks(element)) for element in expected}
    assert counts == expected, where


def _open_of(world: World, where: str, expected: Mapping[str, Mapping[str, int]]) -> None:
    for unit, wanted in expected.items():
        counts = {element: len(world.open_tasks(element, unit=unit)) for element in wanted}
        assert counts == wanted, f"{where}: {unit}"


def _tasks(world: World, where: str, expected: Sequence[Mapping[str, Any]]) -> None:
    for one in expected:
        _task(world, where, one)


def _task(world: World, where: str, expected: Mapping[str, Any]) -> None:
    task = _one(world, where, **{name: expected[name] for name in ("element", *WHICH) if name in expected})
    seen = described(task)
    wanted = {name: value for name, value in expected.items() if name in ("post", "due")}
    assert {name: seen[name] for name in wanted} == wanted, where


def _rung(world: World, where: str, expected: Mapping[str, Any]) -> None:
    task = _one(world, where, **{name: expected[name] for name in ("element", *WHICH) if name in expected})
    seen = described(task)
    assert (seen["rung"], seen["light"]) == (expected["rung"], expected["light"]), where


def _rungs(world: World, where: str, expected: Mapping[str, Any]) -> None:
    assert world.ask(rows.rungs_taken, expected["unit"], expected["period"]) == expected["taken"], where


def _statement(world: World, where: str, expected: Mapping[str, Any]) -> None:
    period = world.ask(rows.period_of, expected["unit"], expected["period"])
    late = period.submitted_at is not None and period.submitted_at > period.due_at
    seen = {"status": period.status, "late": late, "cases": period.cases}
    assert seen == {name: expected[name] for name in seen}, where


def _hazard(world: World, where: str, expected: Mapping[str, Mapping[str, Any]]) -> None:
    """A hazard's row by its number: moments as day and hour, persons and posts as whether there is one."""
    for number, wanted in expected.items():
        row = hazards.by_number(number)._mapping
        seen = {name: _shown(row[name], value) for name, value in wanted.items()}
        assert seen == wanted, f"{where}: {number}"


def _shown(value: Any, wanted: Any) -> Any:
    if isinstance(wanted, bool):
        return value is not None
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value


def _dues(world: World, where: str, expected: Mapping[str, Any]) -> None:
    """By when a unit owes its statements of some periods."""
    found = {period: world.ask(rows.period_of, expected["unit"], period).due_at for period in expected["due"]}
    assert found == {period: beijing(due) for period, due in expected["due"].items()}, where


def _lists(world: World, where: str, expected: Mapping[str, Any]) -> None:
    """How many entries a unit's lists of a month have, as they were handed in."""
    counts = {key: value for key, value in expected.items() if key not in ("unit", "period")}
    assert world.ask(rows.list_counts, expected["unit"], expected["period"]) == counts, where


def _published(world: World, where: str, expected: Mapping[str, int]) -> None:
    """How many publications of a kind are out."""
    assert {kind: len(world.ask(rows.published, kind)) for kind in expected} == expected, where


def _summary(world: World, where: str, expected: Mapping[str, Any]) -> None:
    """Figures of the newest publication of a kind."""
    found = world.ask(rows.published, expected["kind"])[-1].content["figures"]
    wanted = {name: value for name, value in expected.items() if name != "kind"}
    assert {name: found[name] for name in wanted} == wanted, where


def _checksum(world: World, where: str, expected: str) -> None:
    """The newest publication of a kind stands as it was approved: its checksum is that of everything in it."""
    row = world.ask(rows.published, expected)[-1]
    assert content_hash(row, {"body": row.body, "media": row.media}) == row.content_hash, where


def _noticed(world: World, where: str, expected: Mapping[str, int]) -> None:
    """How many posts got a notice of a kind."""
    assert {kind: world.ask(rows.notice_count, kind) for kind in expected} == expected, where


def _figures(world: World, where: str, expected: Mapping[str, Any]) -> None:
    """The figures of a statement as its page shows them, and whether they are frozen."""
    wanted = {name: value for name, value in expected.items() if name not in ("unit", "period", "frozen")}
    period = world.ask(rows.period_of, expected["unit"], expected["period"])
    found = statements.one(office(), period.id, world.now).figures
    assert found is not None and found.whole is not None, where
    assert {name: found.whole[name] for name in wanted} == wanted, where
    assert found.live != expected["frozen"], where


def _final_summary(world: World, where: str, expected: Mapping[str, Any]) -> None:
    """The figures that a unit's summary was handed in with, and those by sector."""
    data = world.ask(rows.handed_in, expected["unit"], "final_summary")
    figures = {name: data[name] for name in expected if name not in ("unit", "sectors")}
    assert figures == {name: expected[name] for name in figures}, where
    by_sector = {
        sector: {field: value for field, value in own.items() if value}
        for sector, own in data["counted"]["sectors"].items()
    }
    assert by_sector == expected["sectors"], where


def _handed_in(world: World, where: str, expected: Mapping[str, Any]) -> None:
    """What a unit handed in last with a form: some of its fields."""
    data = world.ask(rows.handed_in, expected["unit"], expected["form"])
    wanted = {name: value for name, value in expected.items() if name not in ("unit", "form")}
    assert {name: data[name] for name in wanted} == wanted, where


def _ledger(world: World, where: str, expected: Mapping[str, int]) -> None:
    assert {tag: world.ask(rows.tag_count, tag) for tag in expected} == expected, where


def _stage(world: World, where: str, expected: Mapping[str, Any]) -> None:
    stage = world.ask(rows.stage, expected["key"])
    assert (stage.gate_signed_at is not None) == expected["passed"], where


def _criteria(world: World, where: str, expected: Mapping[str, Mapping[str, Any]]) -> None:
    """The figures of a stage's exit criteria."""
    for stage, wanted in expected.items():
        found = {one.id: one for one in world.ask(_criteria_of, stage, world.now)}
        seen = {name: {key: getattr(found[name], key) for key in figures} for name, figures in wanted.items()}
        assert seen == wanted, where


def _criteria_of(tx: Any, stage: str, now: datetime) -> list[criteria.CriterionResult]:
    return criteria.criteria(tx, chosen_home(tx, None).facts, stage, now)


def _instances(world: World, where: str, expected: Mapping[str, Mapping[str, int]]) -> None:
    """How many instances of a process there are in each status."""
    assert {process: world.ask(rows.instance_counts, process) for process in expected} == expected, where


def _passed(world: World, where: str, expected: Mapping[str, bool]) -> None:
    """Which elements the campaign's own process has passed."""
    seen = set(passed(world.ask(rows.campaign_steps)))
    assert {element: element in seen for element in expected} == expected, where


def _clues(world: World, where: str, expected: Mapping[str, Mapping[str, Any]]) -> None:
    """Clues by their subject, as a rehearsal's document lists them, with the state beside it."""
    for subject, wanted in expected.items():
        seen = clues.seen(world, subject)
        assert {name: seen[name] for name in wanted} == wanted, f"{where}: {subject}"


def _not_counted(world: World, where: str, expected: Mapping[str, Mapping[str, int]]) -> None:
    """The days of a clue's term that its page shows as not counted, under the words for them."""
    for subject, wanted in expected.items():
        shown = clue_show.one(office(), world.ask(clues.id_of, subject), world.now)
        days = {term.stood_still: sum(still for _, still in term.days) for term in shown.terms}
        assert {word: n for word, n in days.items() if n} == wanted, f"{where}: {subject}"


def _letters(world: World, where: str, expected: Sequence[str]) -> None:
    """The numbers of all letters, in order."""
    assert world.ask(rows.letter_numbers) == expected, where


def _disposals(world: World, where: str, expected: Mapping[str, int]) -> None:
    """How many disposals of each kind there are."""
    assert world.ask(rows.disposal_counts) == expected, where


def _oversights(world: World, where: str, expected: Mapping[str, int]) -> None:
    """How many looks at units there are in each mode."""
    assert {mode: world.ask(acts.oversights, mode) for mode in expected} == expected, where


EXPECT: dict[str, Callable[[World, str, Any], None]] = {
    "oversights": _oversights,
    "open": _open,
    "open_of": _open_of,
    "task": _task,
    "tasks": _tasks,
    "rung": _rung,
    "rungs": _rungs,
    "statement": _statement,
    "hazard": _hazard,
    "figures": _figures,
    "final_summary": _final_summary,
    "handed_in": _handed_in,
    "dues": _dues,
    "lists": _lists,
    "published": _published,
    "summary": _summary,
    "checksum": _checksum,
    "noticed": _noticed,
    "ledger": _ledger,
    "stage": _stage,
    "criteria": _criteria,
    "draws": visits.draws,
    "proofs": visits.proofs,
    "measures": measures.stand,
    "instances": _instances,
    "passed": _passed,
    "clues": _clues,
    "not_counted": _not_counted,
    "letters": _letters,
    "old_clues": old_clues.stand,
    **standing.EXPECT,
    "disposals": _disposals,
}
