"""Addresses that nobody of good will types: ids of others, values that are no values, and what is said to them."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, request
from sqlalchemy import Select, join, null, select
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule as Route
from werkzeug.test import TestResponse

import models
from models import (
    Attachment,
    Campaign,
    Clue,
    Finding,
    Hazard,
    Holding,
    Incident,
    Inspection,
    Instance,
    Item,
    Letter,
    ListEntry,
    OldClue,
    Oversight,
    Period,
    Person,
    Photo,
    Post,
    Publication,
    Referral,
    Responsibility,
    SpotCheck,
    Task,
    Unit,
)

CHINESE = re.compile("[\u4e00-\u9fff]")
ABSURD = (
    "-1",
    "0",
    "999999999999999999999",
    "2022-02-31",
    "0001-01-01",
    "9999-12-31",
    "x" * 3000,
    "\x00",
    "a\x00b",
    "\x07\x1b[31m",
    "%00",
    "~",
    "~~",
    "2022-01-04T09:00:00+08:00~",
    "9999-99-99T99:99:99+99:99~x",
    "0001-01-01T00:00:00+14:00~x",
    "2022-01-01~2022-01-02",
    "'\"><script>alert(1)</script>",
    "../../etc/passwd",
    "_%!\\",
    "١٢٣",
    "²",
    "\u202e\ufeff\ud7ff",
    "🀄" * 40,
    "1e400",
    "NaN",
)
BROKEN = ("%ff%fe", "%ed%a0%80", "%")  # no UTF-8, half a character, no escape


class Heard(ImmutableMultiDict):  # type: ignore[type-arg]
    """What views ask of an address or a form is noted, so that no name of a parameter has to be known beforehand."""

    names: dict[str, set[str]] = defaultdict(set)

    def get(self, key: str, *more: Any, **named: Any) -> Any:
        self.names[str(request.endpoint)].add(key)
        return super().get(key, *more, **named)


class Hearing(Request):
    """A request that hears what it is asked."""

    parameter_storage_class = Heard


@dataclass
class Ids:
    """argument of a route -> ids that are there, by the path of their unit."""

    rows: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)

    def of(self, endpoint: str, argument: str) -> list[tuple[str, str]]:
        """(id, path of its unit) of what this argument may name."""
        blueprint = endpoint.partition(".")[0]
        key = next(key for key in ((blueprint, argument), ("", argument)) if key in _TABLES)
        if key not in self.rows:
            with models.reading() as tx:
                self.rows[key] = [(str(row[0]), row[1] or "/") for row in tx.execute(_TABLES[key])]
        return self.rows[key]

    def within(self, endpoint: str, argument: str, path: str) -> list[str]:
        return [one for one, place in self.of(endpoint, argument) if place.startswith(path)]


def _placed(model: Any, unit: Any, start: Any = None) -> Select[Any]:
    """(id, path) of a table's rows; `start`: the join in which the unit's column is found, where it is another's."""
    there = model if start is None else start
    return select(model.id, Unit.path).select_from(there).outerjoin(Unit, Unit.id == unit).order_by(model.id)


_GATES = Task.element.startswith("sign_stage")
_OF_UNITS = select(Unit.id, Unit.path).order_by(Unit.id)
_TABLES: Mapping[tuple[str, str], Select[Any]] = {
    ("", "task_id"): _placed(Task, Task.unit_id),
    ("gates", "task_id"): _placed(Task, Task.unit_id).where(_GATES),
    ("commitments", "task_id"): _placed(Task, Task.unit_id).where(Task.element.contains("commitment")),
    ("", "attachment_id"): _placed(Attachment, Task.unit_id, join(Attachment, Task, Task.id == Attachment.task_id)),
    ("", "campaign_id"): _placed(Campaign, null()),
    ("", "unit_id"): _OF_UNITS,
    ("enterprises", "unit_id"): _OF_UNITS.where(Unit.level == "enterprise"),
    ("rankings", "unit_id"): _OF_UNITS.where(Unit.level == "county", Unit.kind == "government"),
    ("", "enterprise_id"): _OF_UNITS.where(Unit.level == "enterprise"),
    ("", "clue_id"): _placed(Clue, Clue.unit_id),
    ("old_clues", "clue_id"): _placed(OldClue, OldClue.unit_id),
    ("", "publication_id"): _placed(Publication, Publication.unit_id),
    ("rankings", "publication_id"): _placed(Publication, Publication.unit_id).where(Publication.kind == "ranking"),
    ("", "finding_id"): _placed(Finding, Finding.county_id),
    ("", "hazard_id"): _placed(Hazard, Hazard.county_id),
    ("", "incident_id"): _placed(Incident, null()),
    ("", "inspection_id"): _placed(Inspection, Inspection.county_id),
    ("", "item_id"): _placed(Item, Item.unit_id),
    ("", "entry_id"): _placed(ListEntry, ListEntry.unit_id),
    ("", "instance_id"): _placed(Instance, Instance.unit_id),
    ("", "letter_id"): _placed(Letter, Letter.addressee_id),
    ("", "oversight_id"): _placed(Oversight, Oversight.target_id),
    ("", "person_id"): _placed(Person, null()),
    ("", "post_id"): _placed(Post, Post.unit_id),
    ("", "holding_id"): _placed(Holding, Post.unit_id, join(Holding, Post, Post.id == Holding.post_id)),
    ("", "period_id"): _placed(Period, Period.unit_id),
    ("", "photo_id"): _placed(Photo, Photo.unit_id),
    ("photos", "subject_id"): _placed(Inspection, Inspection.county_id),
    ("", "referral_id"): _placed(Referral, Referral.unit_id),
    ("", "responsibility_id"): _placed(Responsibility, Responsibility.unit_id),
    ("", "spot_check_id"): _placed(SpotCheck, SpotCheck.county_id),
}
_FIXED = {
    "subject": "inspection",
    "kind": "paper",
    "year": "2022",
    "key": "jinzhong-hundred-day",
    "column": "inspected_units",
    "filename": "img/mark.svg",
}


def addresses(ids: Ids, route: Route, path: str, *, most: int) -> Iterator[str]:
    """This route with ids that lie below a path, the first `most` of each argument."""
    arguments = sorted(route.arguments)
    choices = [[_FIXED[name]] if name in _FIXED else ids.within(route.endpoint, name, path) for name in arguments]
    for n in range(most):
        if any(n >= len(choice) > 1 or not choice for choice in choices) or (n and not arguments):
            return
        chosen = [choice[min(n, len(choice) - 1)] for choice in choices]
        yield filled(route, dict(zip(arguments, chosen, strict=True)))


def filled(route: Route, values: Mapping[str, str]) -> str:
    """The address with these values, whatever they are."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: quote(values[found[1]], safe="%"), route.rule)


def escaped(value: str) -> str:
    """A value as it stands in an address."""
    return quote(value, safe="")


def told(answer: TestResponse) -> str:
    """Everything a person can read in an answer, the cells of a workbook too."""
    if answer.mimetype.endswith("sheet"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            return unescape("".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml")))
    return answer.get_data(as_text=True) if answer.mimetype.startswith(("text/", "application/json")) else ""


def wrong(answer: TestResponse) -> str:
    """What is wrong with an answer whatever was asked: a fault, or a refusal that says nothing in Chinese."""
    if answer.status_code >= 500:
        return f"answers {answer.status_code}"
    if answer.status_code >= 400 and not CHINESE.search(told(answer)):
        return f"refuses with {answer.status_code} and no sentence"
    return ""


def long_form() -> bool:
    """FUZZ=long: every combination, for an hour of its own."""
    return os.environ.get("FUZZ") == "long"


def routes(app: Flask, method: str) -> list[Route]:
    """The routes that take this method, in a fixed order."""
    return sorted((route for route in app.url_map.iter_rules() if method in (route.methods or ())), key=str)
