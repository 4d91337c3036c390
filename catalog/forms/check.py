"""Whether answers fit a form: what the viewer checks in the browser, checked again where nobody can switch it off."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.forms.feel import FeelFault, Task, evaluate_all, match_all
from catalog.forms.rules import (
    choice_fault,
    fault_of,
    feel_bounds,
    option_values,
    pattern_of,
    pattern_sentence,
    static_bounds,
)
from catalog.forms.schema import CHOICES, Component, Path, Schema, feel_of, tree
from catalog.forms.sheet import Sheet, Unusable, drop_in, get_in, lay, set_in
from catalog.forms.values import initial

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
    try:
        settled = settle(sheet)
        errors = errors_of(sheet, settled)
    except FeelFault as fault:
        return Checked(data={}, errors={"": str(fault)})
    return Checked(data=result_of(sheet, settled), errors=errors)


def has_formulas(schema: Schema) -> bool:
    """Whether its check may ask V8, for an expression or a pattern: that can take up to the limit of time."""
    return any(feel_sources(component) or pattern_of(component) for component in tree(schema).walk())


def settle(sheet: Sheet) -> Settled:
    """Evaluate every expression, until the expression fields no longer change anything."""
    settled = _evaluate(sheet)
    for _ in range(MAX_ROUNDS):
        changed = _compute(sheet, settled)
        if not changed or not _mentioned(sheet, changed):
            break
        settled = _evaluate(sheet)
    return settled


def _compute(sheet: Sheet, settled: Settled) -> set[str]:
    """Write the computed values into the sheet; the names of those that changed."""
    changed: set[str] = set()
    for index, place in enumerate(sheet.places):
        if place.component.type != "expression":
            continue
        value = settled.found.get((index, "expression"))
        if value != get_in(sheet.values, place.path):
            set_in(sheet.values, place.path, value)
            changed.add(place.component.path[-1])
    return changed


def _mentioned(sheet: Sheet, names: set[str]) -> bool:
    """Whether any expression of the form may use one of the names; most forms are spared a second round."""
    sources = {source for place in sheet.places for source in feel_sources(place.component)}
    return any(name in source for name in names for source in sources)


def _evaluate(sheet: Sheet) -> Settled:
    whole = {**sheet.context, **sheet.values}
    hides = {
        index: Task(kind="test", source=place.component.hide, scope=place.scope)
        for index, place in enumerate(sheet.places)
        if place.component.hide is not None
    }
    # First as the viewer clears hidden values, then as it draws: expressions do not see what is hidden.
    drawn = dict(zip(hides, evaluate_all(whole, whole, list(hides.values()), sheet.stint), strict=True))
    seen, hidden = whole, _hidden(sheet, drawn)
    if any(hidden):
        seen = {**sheet.context, **sheet.start, **_without(sheet, whole, hidden)}
        drawn = dict(zip(hides, evaluate_all(seen, whole, list(hides.values()), sheet.stint), strict=True))
        hidden = _hidden(sheet, drawn)
    tasks = _property_tasks(sheet)
    found = dict(zip(tasks, evaluate_all(seen, whole, list(tasks.values()), sheet.stint), strict=True))
    settled = Settled(hidden=hidden, found=found)
    _lock(sheet, settled)
    return settled


def _hidden(sheet: Sheet, results: Mapping[int, Any]) -> list[bool]:
    return [any(results.get(index) is True for index in place.above) for place in sheet.places]


def _without(sheet: Sheet, whole: Mapping[str, Any], hidden: list[bool]) -> dict[str, Any]:
    rest = copy.deepcopy(dict(whole))
    for place, gone in zip(sheet.places, hidden, strict=True):
        if gone and (place.component.keyed or place.component.repeats):
            drop_in(rest, place.path)
    return rest


def _property_tasks(sheet: Sheet) -> dict[tuple[int, str], Task]:
    return {
        (index, name): Task(kind="test" if name == "readonly" else "value", source=source, scope=place.scope)
        for index, place in enumerate(sheet.places)
        for name, source in _properties(place.component).items()
    }


def _properties(component: Component) -> dict[str, str]:
    sources = {
        "readonly": feel_of(component.raw.get("readonly")),
        "options": feel_of(component.raw.get("valuesExpression")),
        "expression": feel_of(component.raw.get("expression")) if component.type == "expression" else None,
        **feel_bounds(component),
    }
    return {name: source for name, source in sources.items() if source is not None}


def feel_sources(component: Component) -> list[str]:
    """Every expression of a component that its check evaluates."""
    return [*_properties(component).values(), *([component.hide] if component.hide is not None else [])]


def _lock(sheet: Sheet, settled: Settled) -> None:
    """A field that its condition makes read-only keeps what the host gave."""
    for (index, name), value in settled.found.items():
        place = sheet.places[index]
        if name == "readonly" and value is True and place.component.keyed:
            set_in(sheet.values, place.path, initial(place.component, get_in(sheet.context, place.path)))
            sheet.errors.pop(place.path, None)


def errors_of(sheet: Sheet, settled: Settled) -> dict[str, str]:
    """A sentence for each visible place that breaks a rule."""
    shown = [i for i, place in enumerate(sheet.places) if not settled.hidden[i] and not place.component.disabled]
    broken = _broken_patterns(sheet, shown)
    faults: dict[str, str] = {}
    for index in shown:
        place = sheet.places[index]
        sentence = sheet.errors.get(place.path) or broken.get(index) or _fault(sheet, settled, index)
        if sentence:
            faults[place.name] = _row(place.path) + sentence
    return faults


def _broken_patterns(sheet: Sheet, shown: list[int]) -> dict[int, str]:
    """Places whose text does not match its pattern; V8 is asked once."""
    asked: dict[int, tuple[str, str]] = {}
    for index in shown:
        pattern, value = pattern_of(sheet.places[index].component), get_in(sheet.values, sheet.places[index].path)
        if pattern and isinstance(value, str) and value:
            asked[index] = (pattern, value)
    answers = zip(asked, match_all(list(asked.values()), sheet.stint), strict=True)
    return {index: pattern_sentence(sheet.places[index].component) for index, fits in answers if not fits}


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


def result_of(sheet: Sheet, settled: Settled) -> dict[str, Any]:
    """The values of the visible, enabled places."""
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
