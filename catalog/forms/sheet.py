"""The answers laid over the form: every field as often as its rows repeat it, each value read into its type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.forms.feel import Stint
from catalog.forms.schema import Component, Path, Schema
from catalog.forms.values import Bad, initial, read

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 16
MAX_ROWS = 500
MAX_FIELDS = 20_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """A component at one place of the answers. `above` are the places that hide it when they are hidden."""

    component: Component
    path: Path
    scope: tuple[Path, ...]  # the rows it stands in, outermost first
    above: tuple[int, ...]  # indices into `Sheet.places`, itself last

    @property
    def name(self) -> str:
        """The path as errors name it."""
        return ".".join(map(str, self.path))


@dataclass(kw_only=True)
class Sheet:
    """A form with answers. `values` holds known fields only, disabled and read-only ones as the host gave them."""

    context: Mapping[str, Any]
    places: list[Place] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    start: dict[str, Any] = field(default_factory=dict)  # what the form shows before anybody answers
    errors: dict[Path, str] = field(default_factory=dict)
    stint: Stint = field(default_factory=Stint)


class Unusable(ValueError):
    """The answers cannot be looked at; the message is the sentence."""


def lay(root: Component, data: Any, context: Mapping[str, Any]) -> Sheet:
    """Read `data` along the form; raises Unusable where it is too large, too deep or no object."""
    _refuse_outsized(data)
    sheet = Sheet(context=context)
    for child in root.children:
        _lay(sheet, child, data, (), (), ())
    return sheet


def _refuse_outsized(data: Any) -> None:
    if not isinstance(data, Mapping):
        raise Unusable("提交的内容格式不正确")
    layer: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        layer = [inner for each in layer for inner in _inside(each)]
        if not layer:
            break
    else:
        raise Unusable("提交的内容层次过深")
    try:
        size = len(json.dumps(data, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError) as fault:
        raise Unusable("提交的内容格式不正确") from fault
    if size > MAX_BYTES:
        raise Unusable("提交的内容过大，请减少行数或文字")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _lay(
    sheet: Sheet, component: Component, data: Schema, base: Path, scope: tuple[Path, ...], above: tuple[int, ...]
) -> None:
    if len(sheet.places) >= MAX_FIELDS:
        raise Unusable("提交的内容行数过多")
    path = base + component.path
    above = (*above, len(sheet.places))
    sheet.places.append(Place(component=component, path=path, scope=scope, above=above))
    if component.keyed:
        _lay_value(sheet, component, path, data)
    elif component.repeats:
        _lay_rows(sheet, component, data, path, scope, above)
    else:
        for child in component.children:
            _lay(sheet, child, data, path, scope, above)


def _lay_value(sheet: Sheet, component: Component, path: Path, data: Schema) -> None:
    begun = initial(component, get_in(sheet.context, path))
    if not any(isinstance(step, int) for step in path):
        set_in(sheet.start, path, begun)
    value = begun
    if not component.disabled and component.raw.get("readonly") is not True:
        try:
            value = read(component, get_in(data, path, begun))
        except Bad as bad:
            sheet.errors[path] = str(bad)
            value = read(component, None)
    set_in(sheet.values, path, value)


def _lay_rows(
    sheet: Sheet, component: Component, data: Schema, path: Path, scope: tuple[Path, ...], above: tuple[int, ...]
) -> None:
    given = get_in(sheet.context, path)
    if not scope:
        set_in(sheet.start, path, given if isinstance(given, list) else [])
    rows = get_in(data, path, given)
    if rows is not None and not isinstance(rows, list):
        sheet.errors[path] = f"“{component.label}”应为若干行"
        rows = None
    rows = rows or []
    if len(rows) > MAX_ROWS:
        sheet.errors[path] = f"“{component.label}”最多 {MAX_ROWS} 行"
        rows = rows[:MAX_ROWS]
    set_in(sheet.values, path, [{} for _ in rows])
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            sheet.errors[path] = f"“{component.label}”第 {index + 1} 行格式不正确"
        for child in component.children:
            _lay(sheet, child, data, (*path, index), (*scope, (*path, index)), above)


_NOTHING = object()


def get_in(tree: Any, path: Path, default: Any = None) -> Any:
    """The value at `path`, or `default` where the way ends; a null is a value."""
    for step in path:
        if isinstance(step, int):
            tree = tree[step] if isinstance(tree, list) and step < len(tree) else _NOTHING
        else:
            tree = tree.get(step, _NOTHING) if isinstance(tree, Mapping) else _NOTHING
        if tree is _NOTHING:
            return default
    return tree


def set_in(tree: dict[str, Any], path: Path, value: Any) -> None:
    """Put `value` at `path`, making objects on the way; rows must be there already."""
    inner: Any = tree
    for step in path[:-1]:
        inner = inner[step] if isinstance(step, int) else inner.setdefault(step, {})
    inner[path[-1]] = value


def drop_in(tree: dict[str, Any], path: Path) -> None:
    """Take `path` away, and what stands empty after that, as the viewer does; rows keep their places."""
    parents: list[Any] = [tree]
    for step in path[:-1]:
        inner = get_in(parents[-1], (step,))
        if inner is None:
            return
        parents.append(inner)
    for parent, step in zip(reversed(parents), reversed(path), strict=True):
        if isinstance(parent, list):
            parent[int(step)] = None
        else:
            parent.pop(step, None)
        if any(each is not None for each in _inside(parent)) or (isinstance(parent, dict) and parent):
            return
