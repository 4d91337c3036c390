"""Published versions, read once a process: the checked process, its plan with shifted dates, its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import engine
from catalog.plans import plan_of as plan_from
from domain.errors import NotFound
from domain.plan import Plan
from engine.contract import Element
from models import Tx
from models.queries import definitions as rows


@dataclass(frozen=True, eq=False)
class Edition:
    """A campaign version: its plan and forms, and the ids of its processes."""

    id: str
    campaign_key: str
    number: int
    title: str
    plan: Plan
    forms: Mapping[str, Mapping[str, Any]]
    processes: Mapping[str, str]  # process key -> process version id


@dataclass(frozen=True, eq=False)
class Version:
    """A process inside a campaign version, ready to run. Versions never change, so they are kept for good."""

    id: str
    key: str
    name: str
    xml: str
    process: Any  # engine.Process
    edition: Edition

    @property
    def elements(self) -> Mapping[str, Element]:
        return self.process.elements  # type: ignore[no-any-return]

    @property
    def plan(self) -> Plan:
        """The plan as the notice has it; `plan_of` gives the dates of a launched campaign."""
        return self.edition.plan

    def form(self, key: str) -> Mapping[str, Any]:
        """The frozen form; NotFound if the version has none of that key."""
        try:
            return self.edition.forms[key]
        except KeyError:
            raise NotFound(f"没有找到表单“{key}”") from None


@dataclass(frozen=True)
class CampaignFacts:
    """What every step of a launched campaign needs of it."""

    id: str | None
    key: str
    name: str
    office_unit_id: str | None
    shift: timedelta
    edition_id: str


_editions: dict[str, Edition] = {}
_versions: dict[str, Version] = {}
_campaigns: dict[str, CampaignFacts] = {}


def edition_of(tx: Tx, edition_id: str) -> Edition:
    """The campaign version with this id."""
    if edition_id not in _editions:
        row = rows.campaign_version(tx, edition_id)
        if row is None:
            raise NotFound("没有找到该方案版本")
        _editions[edition_id] = Edition(
            id=row.id,
            campaign_key=row.campaign_key,
            number=row.number,
            title=row.title,
            plan=plan_from(row.plan),
            forms=rows.forms(tx, edition_id),
            processes=rows.process_ids(tx, edition_id),
        )
    return _editions[edition_id]


def version_of(tx: Tx, version_id: str) -> Version:
    """The process version with this id, loaded once a process."""
    if version_id not in _versions:
        row = rows.process_version(tx, version_id)
        if row is None:
            raise NotFound("没有找到该流程版本")
        _versions[version_id] = Version(
            id=row.id,
            key=row.key,
            name=row.name,
            xml=row.xml,
            process=engine.load(row.spec),
            edition=edition_of(tx, row.campaign_version_id),
        )
    return _versions[version_id]


def process_of(tx: Tx, edition: Edition, key: str) -> Version:
    """A process of an edition by its BPMN id."""
    try:
        return version_of(tx, edition.processes[key])
    except KeyError:
        raise NotFound(f"方案中没有流程“{key}”") from None


def elements_with(tx: Tx, edition: Edition, form: str) -> list[tuple[str, str]]:
    """(process version, element) of every task of an edition that is done with this form."""
    versions = [process_of(tx, edition, key) for key in edition.processes]
    return [(v.id, element.id) for v in versions for element in v.elements.values() if element.form == form]


def campaign_facts(tx: Tx, campaign_id: str | None, edition: Edition) -> CampaignFacts:
    """Facts of a launched campaign; an instance outside any campaign has the plan's own dates."""
    if campaign_id is None:
        return CampaignFacts(None, edition.campaign_key, edition.title, None, timedelta(0), edition.id)
    if campaign_id not in _campaigns:
        row = rows.campaign(tx, campaign_id)
        if row is None:
            raise NotFound("没有找到该行动")
        _campaigns[campaign_id] = CampaignFacts(
            row.id, row.key, row.name, row.owner_unit_id, timedelta(days=row.shift_days), row.version_id
        )
    return _campaigns[campaign_id]


@lru_cache(maxsize=256)
def _shifted(edition: Edition, shift: timedelta) -> Plan:
    return edition.plan.shifted(shift) if shift else edition.plan


def plan_of(edition: Edition, facts: CampaignFacts) -> Plan:
    """The plan with the dates of this campaign."""
    return _shifted(edition, facts.shift)


def forget() -> None:
    """Drop what is kept (tests that change databases)."""
    _editions.clear()
    _versions.clear()
    _campaigns.clear()
    _shifted.cache_clear()
