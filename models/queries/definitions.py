"""Published campaign versions, their processes and forms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from models.definitions import CampaignVersion, FormVersion, ProcessDefinition, ProcessVersion
from models.hot import Hot
from models.records import Campaign


def campaign_version(tx: Connection, edition_id: str) -> Row[Any] | None:
    return tx.execute(select(CampaignVersion.__table__).where(CampaignVersion.id == edition_id)).first()


def newest(tx: Connection, campaign_key: str) -> Row[Any] | None:
    """The newest published version of a campaign folder."""
    query = select(CampaignVersion.__table__).where(CampaignVersion.campaign_key == campaign_key)
    return tx.execute(query.order_by(CampaignVersion.number.desc())).first()


def published(tx: Connection) -> list[Row[Any]]:
    """The newest version of every campaign, by key."""
    last = (
        select(CampaignVersion.campaign_key, func.max(CampaignVersion.number).label("number"))
        .group_by(CampaignVersion.campaign_key)
        .subquery()
    )
    query = select(CampaignVersion.__table__).join(
        last,
        (CampaignVersion.campaign_key == last.c.campaign_key) & (CampaignVersion.number == last.c.number),
    )
    return list(tx.execute(query.order_by(CampaignVersion.campaign_key)))


def by_digest(tx: Connection, campaign_key: str, digest: str) -> str | None:
    query = select(CampaignVersion.id).where(
        CampaignVersion.campaign_key == campaign_key, CampaignVersion.digest == digest
    )
    return tx.execute(query).scalar()


def forms(tx: Connection, edition_id: str) -> dict[str, Any]:
    query = select(FormVersion.key, FormVersion.schema).where(FormVersion.campaign_version_id == edition_id)
    return {row.key: row.schema for row in tx.execute(query)}


def process_ids(tx: Connection, edition_id: str) -> dict[str, str]:
    query = select(ProcessVersion.key, ProcessVersion.id).where(ProcessVersion.campaign_version_id == edition_id)
    return {row.key: row.id for row in tx.execute(query)}


def process_version(tx: Connection, version_id: str) -> Row[Any] | None:
    return tx.execute(select(ProcessVersion.__table__).where(ProcessVersion.id == version_id)).first()


_PROCESS = (
    select(ProcessVersion.id)
    .join(CampaignVersion, CampaignVersion.id == ProcessVersion.campaign_version_id)
    .where(ProcessVersion.key == bindparam("key"))
    .order_by(CampaignVersion.published_at.desc(), CampaignVersion.id.desc())
)
_NEWEST_PROCESS = Hot(_PROCESS)
_PROCESS_OF_CAMPAIGN = Hot(
    _PROCESS.join(Campaign, Campaign.version_id == CampaignVersion.id).where(Campaign.id == bindparam("campaign"))
)


def newest_process(tx: Connection, key: str, campaign_id: str | None) -> str | None:
    """The process version of this key in the edition published last, or in the one a campaign was launched with."""
    if campaign_id is None:
        return _NEWEST_PROCESS.scalar(tx, {"key": key})
    return _PROCESS_OF_CAMPAIGN.scalar(tx, {"key": key, "campaign": campaign_id})


def campaign(tx: Connection, campaign_id: str) -> Row[Any] | None:
    return tx.execute(select(Campaign.__table__).where(Campaign.id == campaign_id)).first()


def add_edition(
    tx: Connection, edition: dict[str, Any], processes: list[dict[str, Any]], form_rows: list[dict[str, Any]]
) -> None:
    """Write a campaign version with everything in it."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    tx.execute(insert(CampaignVersion), edition)
    for process in processes:
        name = {"key": process["key"], "name": process["name"]}
        upsert = dialect.insert(ProcessDefinition).values(name)
        tx.execute(upsert.on_conflict_do_update(index_elements=["key"], set_={"name": process["name"]}))
    tx.execute(insert(ProcessVersion), processes)
    if form_rows:
        tx.execute(insert(FormVersion), form_rows)
