"""The measured columns of statements, counted from rows: nobody types a figure that the house knows.

A unit counts what its own tree did: a county with its departments, a city department itself alone (附件4 注1). What
happens outside this system is a row too (the register of disposals), so that a correction is a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import Tx
from models.queries import commitments as commitment_rows
from models.queries import figures as rows
from models.queries.figures import Wanted
from services.plans.launched import home
from services.plans.versions import elements_with

COMMITMENT = "commitment"  # the shared form that is signed
ILLEGAL = ("illegal_act", "concealed_accident")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a column is counted: from which events, and whether rows, different subjects or amounts are summed."""

    source: str
    how: str = "rows"  # rows | subjects | amount
    kinds: tuple[str, ...] = ()  # of disposals
    text: str = ""  # what a reader is told of it


RULES: Mapping[str, Rule] = {
    "inspection_teams": Rule(source="inspections", how="amount", text="本期每次检查派出的检查组数之和"),
    "inspected_units": Rule(source="inspections", how="subjects", text="本期检查过的企业，一家企业只计一次"),
    "illegal_found": Rule(source="illegal_found", text="本期发现的非法违法行为（含瞒报事故），由发现单位计数"),
    "illegal_handled": Rule(source="illegal_handled", text="本期作出处理决定的非法违法行为，由处理单位计数"),
    "hazard_found": Rule(source="hazard_found", text="本期登记的重大隐患，由发现单位计数"),
    "hazard_rectified": Rule(source="hazard_rectified", text="本期验收销号的重大隐患"),
    "fines": Rule(source="disposals", how="amount", kinds=("fine",), text="本期作出的行政罚款金额之和（万元）"),
    "shutdown_rectification": Rule(
        source="disposals", how="subjects", kinds=("suspension",), text="本期责令停产整顿的单位"
    ),
    "licences_suspended_revoked": Rule(source="disposals", kinds=("licence",), text="本期暂扣、吊销的许可证照"),
    "closed_banned": Rule(source="disposals", how="subjects", kinds=("closure",), text="本期关闭取缔的单位"),
    "party_administrative_sanction": Rule(
        source="disposals", how="amount", kinds=("party_sanction",), text="本期给予党政纪处分的人数"
    ),
    "criminal_liability": Rule(source="disposals", how="amount", kinds=("criminal",), text="本期被追究刑事责任的人数"),
    "clues_entered": Rule(source="clues_entered", text="本期登记的台账线索"),
    "clues_referred": Rule(source="clues_referred", text="本期移交公安机关、纪检监察机关的台账线索"),
    "clues_closed": Rule(source="clues_closed", text="本期销号的台账线索"),
    "committed_units": Rule(source="commitments", how="subjects", text="本期签齐安全防范承诺书的单位和企业"),
    "measures_due": Rule(source="measures_due", text="本期到期的任务，一条任务一个单位一个期限计一项，含下级行动的"),
    "measures_reported": Rule(source="measures_reported", text="本期最后一次上报完成情况的任务"),
    "measures_accepted": Rule(source="measures_accepted", text="本期验收的任务"),
}


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Figures by field, the same by township, and the ids of the rows behind each."""

    figures: Mapping[str, float]
    townships: Mapping[str, Mapping[str, float]]
    rows: Mapping[str, Sequence[str]]


Takes = Callable[[str, Any], bool]  # whether a field counts a row


def count(
    tx: Tx, wanted: Wanted, fields: Iterable[str] = RULES, county_id: str = "", takes: Takes = lambda field, row: True
) -> Counted:
    """Count these fields, of the rows that are taken; by township inside a county where one is named."""
    events = _Events(tx, wanted)
    found = {field: [row for row in events.of(field) if takes(field, row)] for field in fields}
    inside = {field: [row for row in own if county_id and row.county_id == county_id] for field, own in found.items()}
    places = sorted({row.township for own in inside.values() for row in own if row.township})
    return Counted(
        figures={field: measured(field, own) for field, own in found.items()},
        townships={
            place: {
                field: measured(field, [row for row in own if row.township == place]) for field, own in inside.items()
            }
            for place in places
        },
        rows={field: [row.id for row in own] for field, own in found.items() if own},
    )


def by_unit(tx: Tx, wanted: Wanted, units: Sequence[Any]) -> dict[str, Mapping[str, float]]:
    """unit id -> its figures, of these units with their trees; each source is read once for all."""
    events = _Events(tx, wanted)
    found = {field: events.of(field) for field in RULES}
    return {
        unit.id: {
            field: measured(field, [row for row in own if row.unit_path.startswith(unit.path)])
            for field, own in found.items()
        }
        for unit in units
    }


def behind(tx: Tx, wanted: Wanted, field: str) -> list[Any]:
    """The rows behind one figure, in the order of happening."""
    return _Events(tx, wanted).of(field)


def of_unit(campaign_id: str, path: str, since: datetime, until: datetime, sector: str = "") -> Wanted:
    """What a unit's statement counts."""
    return Wanted(campaign_id=campaign_id, since=since, until=until, paths=(path,), sector=sector)


class _Events:
    """The events of a time, each source read once."""

    def __init__(self, tx: Tx, wanted: Wanted) -> None:
        self._tx, self._wanted = tx, wanted
        self._read: dict[str, list[Any]] = {}

    def of(self, field: str) -> list[Any]:
        rule = RULES[field]
        if rule.source not in self._read:
            self._read[rule.source] = _SOURCES[rule.source](self._tx, self._wanted)
        own = self._read[rule.source]
        return [row for row in own if row.kind in rule.kinds] if rule.kinds else own


def measured(field: str, own: Sequence[Any]) -> float:
    """A figure from its rows."""
    how = RULES[field].how
    if how == "amount":
        return round(sum(float(row.n or 0) for row in own), 4)
    return float(len({row.subject_id or row.subject for row in own}) if how == "subjects" else len(own))


def _commitments(tx: Tx, wanted: Wanted) -> list[Any]:
    elements = elements_with(tx, home(tx, wanted.campaign_id).edition, COMMITMENT)
    signed = commitment_rows.signed_between(tx, wanted.campaign_id, elements, wanted.paths, wanted.since, wanted.until)
    return [row for row in signed if not wanted.sector or row.sector == wanted.sector]


_DISPOSALS = tuple(kind for rule in RULES.values() for kind in rule.kinds)
_SOURCES: Mapping[str, Callable[[Tx, Wanted], list[Any]]] = {
    "inspections": rows.inspections,
    "illegal_found": lambda tx, wanted: rows.findings(tx, wanted, ILLEGAL),
    "illegal_handled": lambda tx, wanted: rows.findings(tx, wanted, ILLEGAL, decided=True),
    "hazard_found": rows.major_hazards,
    "hazard_rectified": lambda tx, wanted: rows.major_hazards(tx, wanted, closed=True),
    "disposals": lambda tx, wanted: rows.disposals(tx, wanted, _DISPOSALS),
    "clues_entered": rows.ledger_clues,
    "clues_referred": rows.referred_clues,
    "clues_closed": lambda tx, wanted: rows.ledger_clues(tx, wanted, closed=True),
    "commitments": _commitments,
    "measures_due": lambda tx, wanted: rows.measures_of(tx, wanted, "due"),
    "measures_reported": lambda tx, wanted: rows.measures_of(tx, wanted, "reported"),
    "measures_accepted": lambda tx, wanted: rows.measures_of(tx, wanted, "accepted"),
}
