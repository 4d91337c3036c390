"""plan.yaml -> Plan, and the frozen copy of a plan -> the same Plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from catalog.plan_groups import with_city_groups
from catalog.plan_references import reference_findings
from catalog.schema_check import schema_findings
from catalog.yaml_text import read_yaml
from domain.errors import Refused
from domain.plan import (
    Deadline,
    Entry,
    ExitCriterion,
    Ladder,
    Measure,
    Plan,
    PostKind,
    Quota,
    Report,
    Rung,
    SignOff,
    Stage,
    StandingProcess,
    Target,
    UnitGroup,
)
from domain.workdays import BEIJING, end_of

Raw = Mapping[str, Any]
T = TypeVar("T")
PRODUCT = "product"
HORIZON_YEARS = 10  # how far ahead a plan without an end is looked at


def parse_plan(text: str, directories: Path | None = None) -> Plan:
    """The plan written in YAML; raises Refused with every fault, each a Chinese sentence naming its entry.

    `directories`: the folder of the unit directories, for unit groups that come `from` the city's.
    """
    raw: Raw = read_yaml(text)
    findings = schema_findings(raw, "plan")
    if not findings:
        # names and dates are looked up only where the shape is known to be right
        raw = with_city_groups(raw, directories)
        findings = reference_findings(raw)
    if findings:
        raise Refused(findings)
    return _plan(raw)


def dump(plan: Plan) -> str:
    """The frozen copy: the whole file as JSON text. Keys keep the file's order, which is the notice's order."""
    return json.dumps(plan.raw, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def plan_of(json_text: str) -> Plan:
    """The plan of a frozen copy. Not checked again: what once ran must go on when the rules become stricter."""
    return _plan(json.loads(json_text))


def _plan(raw: Raw) -> Plan:
    document, period = raw["document"], raw["document"]["period"]
    ends_at = _end(period["end"]) if "end" in period else _horizon(period["start"])
    return Plan(
        id=raw["id"],
        title=document["title"],
        document_number=document.get("number", ""),
        jurisdiction=document["jurisdiction"],
        issued_on=_start(document.get("issued_on", period["start"])),
        starts_at=_start(period["start"]),
        ends_at=ends_at,
        open_ended="end" not in period,
        stages=_section(raw, "stages", _stage),
        units=_section(raw, "units", _unit_group),
        posts=_section(raw, "posts", _post),
        reports=_section(
            raw, "reports", partial(_report, _start(period["start"]), None if "end" in period else ends_at)
        ),
        deadlines=_section(raw, "deadlines", _deadline),
        quotas=_section(raw, "quotas", _quota),
        sign_offs=_section(raw, "sign_offs", _sign_off),
        escalation=_section(raw, "escalation", _ladder),
        standing=_section(raw, "standing", _standing),
        settings={key: entry["value"] for key, entry in raw.get("settings", {}).items()},
        raw=raw,
        root=raw.get("root", "campaign"),
        children=tuple(raw.get("children", ())),
        measure_lists=_section(raw, "measure_lists", lambda key, entry: Entry(**_entry(key, entry))),
        measures=_section(raw, "measures", partial(_measure, ends_at)),
    )


def _section(raw: Raw, name: str, build: Callable[[str, Raw], T]) -> dict[str, T]:
    return {key: build(key, entry) for key, entry in raw.get(name, {}).items()}


def _entry(key: str, raw: Raw) -> dict[str, Any]:
    """What every entry has: its key, its name, its clause, or `product` where the rule is ours."""
    return {"id": key, "name": raw["name"], "clause": raw.get("clause", PRODUCT)}


def _start(text: str) -> datetime:
    """A day begins at 0:00; a moment is itself. Beijing time."""
    if len(text) == len("2022-01-10"):
        return datetime.combine(date.fromisoformat(text), time.min, BEIJING)
    return datetime.fromisoformat(text).astimezone(BEIJING)


def _end(text: str) -> datetime:
    """A day ends at 24:00; a moment is itself. Beijing time."""
    return end_of(date.fromisoformat(text)) if len(text) == len("2022-01-10") else _start(text)


def _end_or_none(text: str | None) -> datetime | None:
    return None if text is None else _end(text)


def _stage(key: str, raw: Raw) -> Stage:
    gate = raw.get("gate", {})
    return Stage(
        **_entry(key, raw),
        starts_at=_start(raw["start"]) if "start" in raw else None,
        ends_at=_end(raw["end"]),
        exit_criteria=tuple(_section(raw, "exit_criteria", _exit_criterion).values()),
        text=raw.get("text", raw.get("dates_text", "")),
        sign_off=gate.get("sign_off"),
        gate_deadline=gate.get("deadline"),
    )


def _exit_criterion(key: str, raw: Raw) -> ExitCriterion:
    return ExitCriterion(**_entry(key, raw), query=raw["query"], at_least=raw["at_least"], of=raw["of"])


def _unit_group(key: str, raw: Raw) -> UnitGroup:
    members, union = tuple(raw.get("members", ())), tuple(raw.get("union", ()))
    return UnitGroup(
        **_entry(key, raw),
        members=members,
        level=raw.get("level"),
        kind=raw.get("kind"),
        sectors=tuple(raw.get("sectors", ())),
        union=union,
        called=tuple(raw.get("called", ())),
    )


def _post(key: str, raw: Raw) -> PostKind:
    return PostKind(**_entry(key, raw), role=raw["role"], levels=tuple(raw.get("levels", ())))


def _deadline(key: str, raw: Raw) -> Deadline:
    return Deadline(
        **_entry(key, raw),
        at=_end_or_none(raw.get("at")),
        n=raw.get("n"),
        unit=raw.get("unit"),
        start=raw.get("from"),
        pause=raw.get("pause"),
        variable=raw.get("variable"),
        stage=raw.get("stage"),
        holiday=raw.get("holiday", "stands"),
    )


def _horizon(text: str) -> datetime:
    """The last moment that a plan without an end looks ahead to."""
    start = date.fromisoformat(text)
    return end_of(date(min(start.year + HORIZON_YEARS, date.max.year - 1), 12, 31))


def _report(begins_at: datetime, horizon: datetime | None, key: str, raw: Raw) -> Report:
    """`begins_at`: when the campaign begins; `horizon`: the last moment of a plan without an end, for what recurs there
    without one."""
    endless = horizon is not None and "first_due" in raw and not {"last_due", "dues"} & raw.keys()
    forms = tuple(raw.get("forms", ()))
    same = ("post", "deadline", "with_report", "every", "process", "covers", "opens_before_hours", "weekday", "time",
            "holiday", "minimum", "later", "statement", "rule_text")  # fmt: skip
    return Report(
        **_entry(key, raw),
        kind=raw["kind"],
        owed_by=raw["owed_by"],
        receiver=raw["receiver"],
        form=forms[0] if forms else None,
        forms=forms,
        first_due=_end_or_none(raw.get("first_due")),
        last_due=horizon if endless else _end_or_none(raw.get("last_due")),
        closing=_end_or_none(raw.get("closing")),
        dues=tuple(_end(due) for due in raw.get("dues", ())),
        begins_at=begins_at,
        **{name: raw[name] for name in same if name in raw},
    )


def _quota(key: str, raw: Raw) -> Quota:
    same = ("unit", "of", "actor", "text")
    return Quota(
        **_entry(key, raw),
        operator=raw["operator"],
        value=raw["value"],
        **{name: raw[name] for name in same if name in raw},
    )


def _sign_off(key: str, raw: Raw) -> SignOff:
    return SignOff(
        **_entry(key, raw),
        who=tuple(raw["who"]),
        object=raw["object"],
        posts=tuple(raw.get("posts", ())),
        mode=raw.get("mode", "any_one"),
        text=raw.get("text", ""),
    )


def _standing(key: str, raw: Raw) -> StandingProcess:
    result = raw.get("result", {})
    same = ("text", "item", "number")
    return StandingProcess(
        **_entry(key, raw),
        process=raw["process"],
        started_by=raw["started_by"],
        post=raw["post"],
        result=result.get("variable"),
        results=result.get("words", {}),
        examples=tuple(raw.get("examples", ())),
        **{name: raw[name] for name in same if name in raw},
    )


def _ladder(key: str, raw: Raw) -> Ladder:
    return Ladder(**_entry(key, raw), rungs=tuple(_rung(rung) for rung in raw["rungs"]))


def _rung(raw: Raw) -> Rung:
    return Rung(
        id=raw["id"],
        name=raw["name"],
        n=raw["n"],
        unit=raw["unit"],
        light=raw["light"],
        notify=tuple(raw.get("notify", ())),
        effect=raw.get("effect", "notice"),
    )


def _measure(end: datetime, key: str, raw: Raw) -> Measure:
    """A measure without a day of its own is due when the plan ends."""
    names = ("lead_units", "responsible_units", "supporting_units", "supervising_units", "carried_by")
    same: dict[str, Any] = {n: raw[n] for n in ("list", "number", "group", "text", "detailed_in") if n in raw}
    return Measure(
        **_entry(key, {"name": raw.get("name", key), **raw}),
        due_at=_end_or_none(raw.get("due")) or end,
        targets=_section(raw, "targets", _target),
        **same | {name: tuple(raw.get(name, ())) for name in names},
    )


def _target(key: str, raw: Raw) -> Target:
    value = raw["value"]
    return Target(
        id=key,
        indicator=raw["indicator"],
        value=(value[0], value[1]) if isinstance(value, list) else value,
        operator=raw.get("operator"),
        unit=raw.get("unit", ""),
        due_at=_end_or_none(raw.get("due")),
        text=raw.get("text", ""),
        ours="source" in raw,
        values=dict(raw.get("values", {})),
    )
