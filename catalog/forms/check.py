"""Whether answers fit a form: what the viewer checks in the browser, checked again where nobody can switch it off."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.forms.feel import Task, evaluate_all, match_all
from catalog.forms.rules import (
    choice_fault,
    fault_of,
    feel_bounds,
    option_values,
    pattern_of,
    pattern_sentence,
    static_bounds,
)
from catalog.forms.schema import CHOICES, Path, Schema, feel_of, tree
from catalog.forms.sheet import Place, Sheet, Unusable, drop_in, get_in, lay, set_in
from catalog.forms.values import Bad, read

# Expression fields may use one another; a ring of them is cut off here.
MAX_ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Checked:
    """`data` holds visible, known fields only; `errors` a sentence a path (`cases.0.title`), "" for the whole form."""

    data: dict[str, Any]
    errors: dict[str, str]


@dataclass(kw_only=True)
class Settled:
    """What the expressions of a form come to."""

    hidden: list[bool]
    found: dict[tuple[int, str], Any] = field(default_factory=dict)  # (place, property) -> value


def validate(schema: Schema, data: Any, *, context: Mapping[str, Any] | None = None) -> Checked:
    """Check `data`. `context` is what the host puts into the form beside the answers, for its expressions."""
    try:
        sheet = lay(tree(schema), data, context or {})
    except Unusable as unusable:
        return Checked(data={}, errors={"": str(unusable)})
    settled = settle(sheet)
    return Checked(data=_result(sheet, settled), errors=_errors(sheet, settled))


def settle(sheet: Sheet) -> Settled:
    """Evaluate every expression, until the expression fields no longer change anything."""
    computed = [place for place in sheet.places if place.component.type == "expression"]
    settled = _evaluate(sheet)
    for _ in range(MAX_ROUNDS if computed else 0):
        if not _compute(sheet, settled):
            break
        settled = _evaluate(sheet)
    return settled


def _compute(sheet: Sheet, settled: Settled) -> bool:
    """Write computed and read-only values into the sheet; whether anything changed."""
    changed = False
    for index, place in enumerate(sheet.places):
        if place.component.type != "expression":
            continue
        value = settled.found.get((index, "expression"))
        if value != get_in(sheet.values, place.path):
            set_in(sheet.values, place.path, value)
            changed = True
    return changed


def _evaluate(sheet: Sheet) -> Settled:
    whole = {**sheet.context, **sheet.values}
    hides = {
        index: Task(kind="test", source=place.component.hide, scope=place.scope)
        for index, place in enumerate(sheet.places)
        if place.component.hide is not None
    }
    # First as the viewer clears hidden values, then as it draws: expressions do not see what is hidden.
    cleared = dict(zip(hides, evaluate_all(whole, whole, list(hides.values())), strict=True))
    seen = {**sheet.context, **sheet.start, **_without(sheet, whole, _hidden(sheet, cleared))}
    tasks = {(index, "hide"): task for index, task in hides.items()} | _property_tasks(sheet)
    found = dict(zip(tasks, evaluate_all(seen, whole, list(tasks.values())), strict=True))
    drawn = {index: found[index, "hide"] for index in hides}
    settled = Settled(hidden=_hidden(sheet, drawn), found=found)
    _lock(sheet, settled)
    return settled


def _hidden(sheet: Sheet, results: Mapping[int, Any]) -> list[bool]:
    return [any(results.get(index) is True for index in place.above) for place in sheet.places]


def _without(sheet: Sheet, whole: Mapping[str, Any], hidden: list[bool]) -> dict[str, Any]:
    if not any(hidden):
        return dict(whole)
    rest = copy.deepcopy(dict(whole))
    for place, gone in zip(sheet.places, hidden, strict=True):
        if gone and (place.component.keyed or place.component.repeats):
            drop_in(rest, place.path)
    return rest


def _property_tasks(sheet: Sheet) -> dict[tuple[int, str], Task]:
    tasks: dict[tuple[int, str], Task] = {}
    for index, place in enumerate(sheet.places):
        component = place.component
        sources: dict[str, tuple[str, str | None]] = {
            "readonly": ("test", feel_of(component.raw.get("readonly"))),
            "options": ("value", feel_of(component.raw.get("valuesExpression"))),
        }
        if component.type == "expression":
            sources["expression"] = ("value", feel_of(component.raw.get("expression")))
        sources |= {name: ("value", source) for name, source in feel_bounds(component).items()}
        for name, (kind, source) in sources.items():
            if source is not None:
                tasks[index, name] = Task(kind=kind, source=source, scope=place.scope)
    return tasks


def _lock(sheet: Sheet, settled: Settled) -> None:
    """A field that its condition makes read-only keeps what the host gave."""
    for (index, name), value in settled.found.items():
        place = sheet.places[index]
        if name == "readonly" and value is True and place.component.keyed:
            begun = get_in(sheet.context, place.path)
            try:
                set_in(sheet.values, place.path, read(place.component, begun))
            except Bad:
                set_in(sheet.values, place.path, read(place.component, None))
            sheet.errors.pop(place.path, None)


def _errors(sheet: Sheet, settled: Settled) -> dict[str, str]:
    faults: dict[Path, str] = {}
    matches: list[tuple[Place, str, str]] = []
    for index, place in enumerate(sheet.places):
        if settled.hidden[index] or place.component.disabled:
            continue
        fault = sheet.errors.get(place.path) or _fault(sheet, settled, index)
        if fault:
            faults[place.path] = fault
        pattern, value = pattern_of(place.component), get_in(sheet.values, place.path)
        if pattern and isinstance(value, str) and value:
            matches.append((place, pattern, value))
    for (place, _, _), fits in zip(matches, match_all([(each[1], each[2]) for each in matches]), strict=True):
        if not fits and place.path not in sheet.errors:
            faults[place.path] = pattern_sentence(place.component)
    return {".".join(map(str, path)): _row(path) + sentence for path, sentence in faults.items()}


def _fault(sheet: Sheet, settled: Settled, index: int) -> str | None:
    component, value = sheet.places[index].component, get_in(sheet.values, sheet.places[index].path)
    if not component.keyed:
        return None
    if component.type in CHOICES:
        options = option_values(component, sheet.context, settled.found.get((index, "options")))
        fault = choice_fault(component, value, options)
        if fault:
            return fault
    return fault_of(component, value, bounds_at(sheet, settled, index))


def bounds_at(sheet: Sheet, settled: Settled, index: int) -> dict[str, Any]:
    """The bounds of one field, those written in FEEL evaluated."""
    component = sheet.places[index].component
    evaluated = {name: settled.found.get((index, name)) for name in feel_bounds(component)}
    return {**static_bounds(component), **evaluated}


def _row(path: Path) -> str:
    rows = [step for step in path if isinstance(step, int)]
    return f"第 {rows[-1] + 1} 项：" if rows else ""


def _result(sheet: Sheet, settled: Settled) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for index, place in enumerate(sheet.places):
        if settled.hidden[index] or place.component.disabled:
            continue
        value = get_in(sheet.values, place.path)
        if place.component.repeats:
            set_in(result, place.path, [{} for _ in value])
        elif place.component.keyed:
            set_in(result, place.path, value)
    return result
