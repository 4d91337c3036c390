"""Spot checks 抽查: the sealed secret behind all draws of a campaign, and drawing itself.

A lead department draws of what each county has inspected since its last draw there. The rule is `domain.sampling`;
`services.oversight.spot_check_proof` holds every draw against it again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import sampling
from domain.authority import SYSTEM
from domain.errors import NotFound
from domain.inspections import HINDRANCES
from domain.ledger import Tag
from domain.plan import Plan
from models import Tx, new_id
from models.queries import definitions as definition_rows
from models.queries import spot_checks as rows
from models.queries import units as unit_rows
from services.plans.calendar import calendar
from services.plans.sectors import sectors_led
from services.plans.versions import CampaignFacts, Edition
from services.running.effects import Effects

PROCESS = "spot_check"
STRATIFIED = "stratified"  # what the plan's sampling_method begins with where sectors are strata


# -- the secret --------------------------------------------------------------------------------------------------------
def seal(tx: Tx, campaign_id: str, now: datetime, secret: str | None = None) -> str:
    """Make the campaign's secret and put its hash into the ledger; the seal that is there stays.

    `secret` is for rehearsals, which must draw the same again. Returns the seal.
    """
    known = rows.seal(tx, campaign_id)
    if known is not None:
        return str(known.seal)
    secret = secret or secrets.token_hex(32)
    found = sampling.seal_of(secret)
    rows.put_seal(tx, {"campaign_id": campaign_id, "secret": secret, "seal": found, "sealed_at": now})
    _note(tx, Tag.SPOT_CHECK_SEAL, campaign_id, now, {"seal": found})
    return found


def seal_at_launch(tx: Tx, campaign_id: str, edition: Edition, now: datetime, secret: str | None) -> None:
    """Seal the secret of a campaign in which there will be draws."""
    if PROCESS in edition.processes:
        seal(tx, campaign_id, now, secret)


def open_seal(tx: Tx, campaign_id: str, now: datetime) -> None:
    """Open the secret: the draws are over, and anybody may now compute every seed again."""
    known = rows.seal(tx, campaign_id)
    if known is not None and rows.open_seal(tx, campaign_id, now):
        _note(tx, Tag.SPOT_CHECK_OPEN, campaign_id, now, {"seal": known.seal, "secret": known.secret})


def _note(tx: Tx, tag: Tag, campaign_id: str, now: datetime, data: Mapping[str, Any]) -> None:
    fx = Effects(actor=SYSTEM, now=now, calendar=calendar(tx))
    fx.ledger(tag, campaign_id=campaign_id, data=dict(data))
    fx.flush(tx)


# -- drawing -----------------------------------------------------------------------------------------------------------
def percent_of(plan: Plan) -> float:
    """The share that the notice demands, in per cent."""
    quota = plan.quotas.get(sampling.QUOTA)
    if quota is None:
        raise NotFound(f"方案中没有抽查比例（{sampling.QUOTA}）")
    return quota.value


def strata_of(plan: Plan, population: Sequence[Sequence[str]]) -> dict[str, str]:
    """code -> stratum of a list of (code, sector): its sector, or one stratum for all, as the plan's setting says."""
    stratified = str(plan.settings.get("sampling_method", "")).startswith(STRATIFIED)
    return {code: sector if stratified else "" for code, sector in population}


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A draw that was made: how many were listed, who was drawn."""

    id: str
    county_id: str
    population: int
    picked: tuple[str, ...]  # ids of enterprises


def draw(
    tx: Tx, fx: Effects, facts: CampaignFacts, plan: Plan, department_id: str, period: str, instance_id: str | None
) -> tuple[Drawn, ...]:
    """Draw for a department in every county that has inspected enterprises of its sectors since the last draw there."""
    campaign_id = facts.id or ""
    department = unit_rows.unit(tx, department_id)
    seal(tx, campaign_id, fx.now)
    known = rows.seal(tx, campaign_id)
    launched = definition_rows.campaign(tx, campaign_id)
    before = rows.earlier(tx, campaign_id, department_id)
    drawn = [row for row in before if row.period == period]
    if drawn:
        return _again(tx, drawn)
    found = []
    for county_id, listed in _lists(tx, campaign_id, sectors_led(plan, department), before, fx.now).items():
        last = [row for row in before if row.county_id == county_id]
        county = unit_rows.unit(tx, county_id)
        row = {
            "id": new_id(),
            "campaign_id": campaign_id,
            "department_id": department_id,
            "county_id": county_id,
            "period": period,
            "since": last[-1].drawn_at if last else launched.launched_at,  # type: ignore[union-attr]
            "drawn_at": fx.now,
            "population": [[one.code, one.sector] for one in listed],
            "seed": sampling.seed_of(known.secret, department.code, county.code, period),  # type: ignore[union-attr]
            "seal": known.seal,  # type: ignore[union-attr]
            "size": size_after(len(listed), percent_of(plan), last),
            "instance_id": instance_id,
        }
        found.append(_write(tx, fx, plan, row, listed))
    return tuple(found)


def _again(tx: Tx, drawn: Sequence[Any]) -> tuple[Drawn, ...]:
    """A period that was drawn is not drawn again, however often it is asked for."""
    picked: dict[str, list[str]] = {}
    for pick in rows.picks(tx, [row.id for row in drawn]):
        picked.setdefault(pick.spot_check_id, []).append(pick.enterprise_id)
    return tuple(
        Drawn(id=row.id, county_id=row.county_id, population=len(row.population), picked=tuple(picked.get(row.id, ())))
        for row in drawn
    )


def size_after(population: int, percent: float, last: Sequence[Any]) -> int:
    """The size of a draw after the department's earlier draws in the county."""
    drawn, listed = sum(row.size for row in last), sum(len(row.population) for row in last)
    return sampling.size_of(population, percent, drawn=drawn, listed=listed)


def _lists(
    tx: Tx, campaign_id: str, sectors: Sequence[str], before: Sequence[Any], now: datetime
) -> dict[str, list[Any]]:
    """county id -> enterprises recorded since the last draw there, or recorded too late to have been in any."""
    last: dict[str, datetime] = {}
    listed: dict[str, set[str]] = {}
    for row in before:
        last[row.county_id] = row.drawn_at
        listed.setdefault(row.county_id, set()).update(code for code, _ in row.population)
    found: dict[str, list[Any]] = {}
    for row in rows.inspected(tx, campaign_id, sectors, now):
        since = last.get(row.county_id)
        if since is None or row.recorded_at >= since or row.code not in listed[row.county_id]:
            found.setdefault(row.county_id, []).append(row)
    return found


def _write(tx: Tx, fx: Effects, plan: Plan, row: dict[str, Any], listed: Sequence[Any]) -> Drawn:
    """The draw with its picks, and what the ledger keeps so that neither can be changed unseen."""
    population = strata_of(plan, row["population"])
    codes = sampling.draw(population, row["seed"], row["size"])
    ids = {one.code: one.enterprise_id for one in listed}
    picks = [
        {"id": new_id(), "spot_check_id": row["id"], "enterprise_id": ids[code], "position": position}
        for position, code in enumerate(codes, 1)
    ]
    rows.put(tx, row, picks)
    data = {
        "spot_check": row["id"],
        "county": row["county_id"],
        "period": row["period"],
        "list": sampling.list_digest(dict(row["population"])),
        "population": len(population),
        "size": row["size"],
        "seed": row["seed"],
        "drawn": codes,
    }
    fx.ledger(
        Tag.SPOT_CHECK_DRAW,
        campaign_id=row["campaign_id"],
        instance_id=row["instance_id"],
        unit_id=row["department_id"],
        data=data,
    )
    picked = tuple(pick["enterprise_id"] for pick in picks)
    return Drawn(id=row["id"], county_id=row["county_id"], population=len(population), picked=picked)


# -- what a drawn enterprise's visits have found -----------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Compared:
    """A drawn enterprise: its visit, what the county had found there before, what the visit found besides."""

    pick: Any
    county_found: int
    found: int
    missed: tuple[Any, ...]  # findings of the visit on items where the county had found nothing (应发现未发现)

    @property
    def done(self) -> bool:
        return self.pick.inspection_id is not None

    @property
    def hindrance(self) -> str:
        """Why it could not be inspected, in words; empty where it was, or is still to be."""
        return HINDRANCES.get(self.pick.hindrance or "", "")

    @property
    def state(self) -> str:
        return self.hindrance or ("已检查" if self.done else "未检查")


def compared(tx: Tx, campaign_id: str, picks: Sequence[Any]) -> tuple[Compared, ...]:
    """Each pick beside what its county had found in the same enterprise."""
    by_enterprise: dict[str, list[Any]] = {}
    for row in rows.findings(tx, campaign_id, list({pick.enterprise_id for pick in picks})):
        by_enterprise.setdefault(row.enterprise_id, []).append(row)
    return tuple(_compare(pick, by_enterprise.get(pick.enterprise_id, ())) for pick in picks)


def _compare(pick: Any, found: Sequence[Any]) -> Compared:
    before = [row for row in found if row.visit == rows.COUNTY_INSPECTION and row.found_at <= pick.drawn_at]
    own = [row for row in found if row.pick_id == pick.id]
    known = {row.item or row.detail for row in before}
    missed = tuple(row for row in own if (row.item or row.detail) not in known)
    return Compared(pick=pick, county_found=len(before), found=len(own), missed=missed)
