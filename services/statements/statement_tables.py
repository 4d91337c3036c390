"""The annexes a report is made of: its statistics table and its list of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain import tables
from domain.plan import Plan
from services.counting.form_texts import Labels

DETAILS = "detail_rows"  # the form's list behind annex 6
CASES = "cases"  # the form's list behind annex 5


def sheet_names(plan: Plan, report: str) -> tuple[str, str, str]:
    """What the sheets of a report's book are called: its table, its list and its cases, by the notice's annexes."""
    forms = plan.raw.get("forms") or {}
    with_it = [key for one in plan.reports.values() if one.with_report == report for key in one.forms]
    own = [forms[key] for key in (*plan.reports[report].forms, *with_it) if key in forms]
    listing = next((form for form in own if form.get("repeating_group") and form.get("columns")), None)
    table = next((form for form in own if form.get("columns") and form is not listing), None)
    cases = next((form for form in own if not form.get("columns")), None)
    return _sheet_name(table, "统计表"), _sheet_name(listing, "明细表"), _sheet_name(cases, "典型案例")


def _sheet_name(form: Mapping[str, Any] | None, name: str) -> str:
    return f"附件{form['annex']} {name}" if form and form.get("annex") else name


def annexes(plan: Plan, report: str) -> tuple[tables.Table | None, Mapping[str, Any] | None]:
    """The statistics table and the list of cases among the annexes a report is made of."""
    forms = plan.raw.get("forms") or {}
    own = [forms[key] for key in plan.reports[report].forms if key in forms]
    listing = next((form for form in own if form.get("repeating_group") and form.get("columns")), None)
    table = next((form for form in own if form.get("columns") and form is not listing), None)
    return (tables.table_of(table) if table else None), listing


def details_of(
    detail: Mapping[str, Any], data: Mapping[str, Any], labels: Labels, first: int = 1
) -> tuple[tuple[str, ...], ...]:
    """The rows of annex 6 that a form brought, numbered from `first`."""
    return tuple(_detail(detail, n, entry, labels) for n, entry in enumerate(_listed(data, DETAILS), first))


def cases_of(data: Mapping[str, Any], labels: Labels) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The typical cases that a form brought, each as headings and texts."""
    return tuple(_case(entry, labels) for entry in _listed(data, CASES))


def _listed(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = data.get(key)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def _detail(form: Mapping[str, Any], n: int, entry: Mapping[str, Any], labels: Labels) -> tuple[str, ...]:
    """A row of annex 6; what kind of finding it is stands before its details."""
    cells = []
    for column in form["columns"]:
        key = str(column["id"])
        text = str(n) if key == "serial" else labels.text(f"{DETAILS}.{key}", entry.get(key))
        if key == "detail" and entry.get("kind"):
            text = f"【{labels.text(f'{DETAILS}.kind', entry['kind'])}】{text}"
        cells.append(text)
    return tuple(cells)


def _case(entry: Mapping[str, Any], labels: Labels) -> tuple[tuple[str, str], ...]:
    fields = labels.fields_of(CASES)
    return tuple((title, text) for key, title in fields if (text := labels.text(f"{CASES}.{key}", entry.get(key))))
