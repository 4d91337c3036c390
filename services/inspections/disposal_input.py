"""What somebody typed of a penalty, a closure, an admonition: checked against the plan's catalogue of disposals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import Invalid
from domain.plan import Plan
from domain.workdays import end_of, typed_day

LONGEST = {"subject": 120, "facts": 1000, "basis": 300, "follow_up": 1000}
MOST_AMOUNT = 1_000_000  # in 10,000 yuan
MOST_PERSONS = 10_000
NEEDED = {"basis": "请写明依据", "amount": "请填写罚款金额（万元）", "persons": "请填写处理人数"}


def catalogue(plan: Plan) -> dict[str, Mapping[str, Any]]:
    """The plan's kinds of disposals by key."""
    return dict(plan.raw.get("disposals") or {})


def names(plan: Plan) -> dict[str, str]:
    """Their names by key."""
    return {key: str(entry["name"]) for key, entry in catalogue(plan).items()}


def measures(plan: Plan) -> dict[str, str]:
    """The notice's enforcement measures by key."""
    return {key: str(entry["text"]) for key, entry in (plan.raw.get("enforcement") or {}).items()}


def measures_name(plan: Plan) -> str:
    """What the notice calls them together: 七项措施."""
    return str((plan.raw.get("enforcement_rule") or {}).get("name") or "执法措施")


def usual_measure(plan: Plan, kind: str) -> str:
    """The measure that a kind of disposal carries out where nobody chose one."""
    return str(catalogue(plan).get(kind, {}).get("measure") or "")


def read(plan: Plan, line: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """The columns of a Disposal row; Invalid with the fields, each after `place`."""
    faults: dict[str, str] = {}
    entry = catalogue(plan).get(str(line.get("kind") or ""))
    if entry is None:
        raise Invalid(fields={f"{place}kind": "请选择处置方式"})
    measure = str(line.get("measure") or "")
    if measure:
        faults |= _measure_faults(plan, measure, str(line["kind"]))
    needs = entry.get("needs") or ()
    found: dict[str, Any] = {"kind": str(line["kind"]), "measure": measure}
    for name, most in LONGEST.items():
        found[name] = str(line.get(name) or "").strip()
        if len(found[name]) > most:
            faults[name] = f"不超过 {most} 字"
    found["amount"] = _amount(line.get("amount"), faults)
    found["persons"] = _persons(line.get("persons"), faults)
    found["until"] = _until(line.get("until"), faults)
    faults |= {name: NEEDED[name] for name in needs if not found[name] and name not in faults}
    if faults:
        raise Invalid(fields={f"{place}{name}": text for name, text in faults.items()})
    return found


def _measure_faults(plan: Plan, measure: str, kind: str) -> dict[str, str]:
    """A measure is one of the notice's, and where it says what follows, the disposal is that."""
    if measure not in measures(plan):
        return {"measure": f"请选择{measures_name(plan)}中的一项"}
    entry = plan.raw["enforcement"][measure]
    follows = entry.get("disposals")
    if not follows or kind in follows:
        return {}
    wanted = "、".join(names(plan)[one] for one in follows)
    return {"measure": f"这一项的后果是“{entry['consequence_text']}”，处置方式应为{wanted}"}


def _amount(value: Any, faults: dict[str, str]) -> float | None:
    if value in (None, ""):
        return None
    try:
        amount = round(float(str(value)), 4)
    except ValueError:
        amount = -1.0
    if not 0 < amount <= MOST_AMOUNT:
        faults["amount"] = "罚款金额以万元计，应大于 0"
        return None
    return amount


def _persons(value: Any, faults: dict[str, str]) -> int | None:
    if value in (None, ""):
        return None
    text = str(value)
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PERSONS))
    if not plain or not 0 < int(text) <= MOST_PERSONS:
        faults["persons"] = "人数应为大于 0 的整数"
        return None
    return int(text)


def _until(value: Any, faults: dict[str, str]) -> datetime | None:
    if not value:
        return None
    try:
        return end_of(typed_day(str(value)[:10]))
    except ValueError:
        faults["until"] = "日期格式不正确"
        return None
