"""Words for what a submitted form holds: the labels of its fields and of its options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

YES_NO = {True: "是", False: "否"}


@dataclass(frozen=True)
class Labels:
    """Labels by the path of a field: `fines`, and inside a list `cases.title`."""

    titles: Mapping[str, str]
    options: Mapping[str, Mapping[Any, str]]

    def text(self, path: str, value: Any) -> str:
        """The value as a reader sees it."""
        if value is None or value == "":
            return ""
        if isinstance(value, list):
            return "、".join(self.text(path, one) for one in value)
        if isinstance(value, bool):
            return YES_NO[value]
        return self.options.get(path, {}).get(value, str(value))

    def fields_of(self, group: str) -> list[tuple[str, str]]:
        """(key, label) of the fields inside a list, in the form's order."""
        inside = f"{group}."
        return [(path.removeprefix(inside), label) for path, label in self.titles.items() if path.startswith(inside)]


def labels_of(schema: Mapping[str, Any]) -> Labels:
    """Read a form's labels."""
    titles: dict[str, str] = {}
    options: dict[str, dict[Any, str]] = {}
    for path, component in _walk(schema.get("components") or (), ""):
        titles[path] = str(component.get("label") or component.get("dateLabel") or component.get("key"))
        values = component.get("values") or ()
        options[path] = {value["value"]: str(value["label"]) for value in values if "value" in value}
    return Labels(titles, options)


def _walk(components: Iterable[Mapping[str, Any]], above: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for component in components:
        key = component.get("key")
        inner = f"{above}{component['path']}." if component.get("path") else above
        if key:
            yield f"{above}{key}", component
        yield from _walk(component.get("components") or (), inner)
