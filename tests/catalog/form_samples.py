"""Forms to try things on, and answers spoiled on purpose."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from catalog.forms.rules import option_values
from catalog.forms.schema import ONE_OF, SOME_OF, TEXTS, Component, tree
from catalog.forms.sheet import Place, lay

ROOT = Path(__file__).resolve().parents[2]
FORM_FILES = sorted([*(ROOT / "forms").glob("*.json"), *(ROOT / "processes").rglob("forms/*.json")])
FORMS: dict[str, dict[str, Any]] = {}
for path in FORM_FILES:
    # a campaign's own form of a name that is taken goes by its campaign's name too
    named = path.stem if path.stem not in FORMS else f"{path.parent.parent.name}:{path.stem}"
    FORMS[named] = json.loads(path.read_text(encoding="utf-8"))


def list_paths(node: dict[str, Any]) -> set[str]:
    """Paths of all repeated rows of a form."""
    inner = [each for each in node.get("components") or () if isinstance(each, dict)]
    own = {str(node["path"])} if node.get("type") == "dynamiclist" else set()
    return own.union(*(list_paths(each) for each in inner)) if inner else own


def field(kind: str, key: str, **more: Any) -> dict[str, Any]:
    """A component with a label and an id of its own."""
    return {"type": kind, "id": f"id_{key.replace('.', '_')}", "key": key, "label": f"栏目{key}", **more}


def form(*components: dict[str, Any], **properties: str) -> dict[str, Any]:
    """A form of these components."""
    return {"type": "default", "id": "f", "schemaVersion": 19, "properties": properties, "components": list(components)}


AB = [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}, {"label": "丙", "value": "c"}]
EVERYTHING = form(
    field(
        "textfield",
        "word",
        validate={"required": True, "minLength": 2, "maxLength": 6, "pattern": "^[a-z案 ]+$"},
        properties={"samples": "abc|xyz"},
    ),
    field("textarea", "story", validate={"minLength": 3, "maxLength": "=level * 4"}),
    field("textfield", "mail", validate={"validationType": "email"}),
    field("number", "whole", decimalDigits=0, validate={"required": True, "min": 0, "max": 20}),
    field("number", "money", decimalDigits=2, validate={"min": 1, "max": "=whole * 2"}),
    field("number", "step", increment="0.5", validate={"min": -2}),
    field("number", "code", serializeToString=True, decimalDigits=0),
    field("checkbox", "agreed", validate={"required": True}),
    field("radio", "one", values=AB, validate={"required": True}),
    field("select", "place", valuesKey="places"),
    field("select", "pick", valuesExpression='=if whole > 5 then ["x", "y"] else ["x", "y", "z"]'),
    field("checklist", "some", values=AB, validate={"required": True}),
    field("taglist", "tags", values=AB),
    field("datetime", "day", subtype="date", dateLabel="日期", validate={"required": True}),
    field("datetime", "clock", subtype="time", timeLabel="时间", timeSerializingFormat="no_timezone"),
    field("textfield", "seen", disabled=True, validate={"required": True}),
    field("textfield", "fixed", readonly=True),
    field("textfield", "when_b", conditional={"hide": '=one != "b"'}, validate={"required": True}),
    field(
        "textfield",
        "after_b",
        conditional={"hide": '=if when_b = "go" then false else true'},
        validate={"required": True},
    ),
    {
        "type": "group",
        "id": "g",
        "label": "组",
        "path": "inner",
        "conditional": {"hide": "=whole > 15"},
        "components": [
            field("textfield", "note", validate={"required": True}),
            field("number", "deep.count", decimalDigits=0, validate={"max": 9}),
        ],
    },
    {
        "type": "dynamiclist",
        "id": "r",
        "label": "行",
        "path": "rows",
        "isRepeating": True,
        "allowAddRemove": True,
        "defaultRepetitions": 0,
        "properties": {"rows": "0..3"},
        "conditional": {"hide": '=one = "c"'},
        "components": [
            field("textfield", "name", validate={"required": True}),
            field("number", "least", decimalDigits=0, validate={"required": True, "min": 0, "max": 9}),
            field("number", "most", decimalDigits=0, validate={"min": "=this.least"}),
            field(
                "textfield",
                "why",
                conditional={"hide": "=if this.least > 4 then false else true"},
                validate={"required": True},
            ),
            {
                "type": "dynamiclist",
                "id": "s",
                "label": "子行",
                "path": "sub",
                "isRepeating": True,
                "allowAddRemove": True,
                "defaultRepetitions": 0,
                "properties": {"rows": "0..2"},
                "components": [
                    field(
                        "textfield",
                        "leaf",
                        validate={"required": True},
                        conditional={"hide": "=parent.least = 0 or i[1] = 3"},
                    ),
                ],
            },
        ],
    },
    {
        "type": "expression",
        "id": "e",
        "key": "total",
        "expression": "=if rows = null then 0 else count(rows)",
        "computeOn": "change",
    },
    {"type": "expression", "id": "e2", "key": "twice", "expression": "=total * 2", "computeOn": "change"},
    field("textfield", "many", conditional={"hide": "=if twice > 2 then false else true"}, validate={"required": True}),
    {"type": "text", "id": "t", "text": "共 {{total}} 行"},
    attachments="none",
    context="places, level",
)


def mutated(schema: dict[str, Any], good: dict[str, Any], rng: Random, context: dict[str, Any]) -> dict[str, Any]:
    """A copy with some fields spoiled: emptied, out of bounds, rows added or taken away; never of a wrong type."""
    spoiled = copy.deepcopy(good)
    root = tree(schema)
    for _ in range(rng.randint(0, 4)):
        places = [each for each in lay(root, spoiled, context).places if each.component.keyed or each.component.repeats]
        place = rng.choice(places)
        if place.component.type == "expression" or "readonly" in place.component.raw:
            continue
        _put(spoiled, place, _rows(place, spoiled, rng) if place.component.repeats else _spoil(place, context, rng))
    return spoiled


def _put(data: dict[str, Any], place: Place, value: Any) -> None:
    inner: Any = data
    for step in place.path[:-1]:
        inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[int(step)]
    inner[place.path[-1]] = value


def _rows(place: Place, data: dict[str, Any], rng: Random) -> list[Any]:
    inner: Any = data
    for step in place.path:
        inner = inner.get(step, []) if isinstance(inner, dict) else inner[int(step)]
    rows = list(inner)
    if rows and rng.random() < 0.4:
        rows.pop(rng.randrange(len(rows)))
    return [*rows, {}] if rng.random() < 0.5 else rows


def _spoil(place: Place, context: dict[str, Any], rng: Random) -> Any:
    return rng.choice(list(_spoils(place.component, context, rng)))


def _spoils(component: Component, context: dict[str, Any], rng: Random) -> Iterator[Any]:
    if component.type in TEXTS:
        yield from (
            "",
            " ",
            "x",
            "go",
            "案" * 3,
            "a b\nc",
            "案" * 70,
            "😀" * 30,
            "a@b",
            "a@b.cn",
            "a" * 2100,
            "二、三、四",
        )
    elif component.type == "number":
        yield from (None, 0, -1, 1, 3, 6, 16, 21, 2.5, 0.125, 1e9, "7", "0.50", -2.5)
    elif component.type == "checkbox":
        yield from (True, False, None)
    elif component.type == "datetime":
        yield from (None, "09:30") if component.raw.get("subtype") == "time" else (None, "2022-01-31")
    elif component.type in ONE_OF | SOME_OF:
        options = option_values(component, context, ["x", "y"])
        single = component.type in ONE_OF
        yield None if single else []
        yield rng.choice(options) if single else rng.sample(options, rng.randint(1, len(options)))
