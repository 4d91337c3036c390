"""Processes that the system starts for something that happened: a clue handed over, a hazard registered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.authority import SYSTEM
from domain.errors import NotFound
from engine.contract import Scalar
from models import Tx
from models.queries import definitions as rows
from models.queries import units as unit_rows
from services.plans.versions import campaign_facts, edition_of, process_of
from services.running import instances, jobs


def start_later(
    tx: Tx,
    *,
    campaign_id: str,
    process: str,
    unit_id: str,
    key: str,
    title: str,
    inputs: Mapping[str, Scalar],
    now: datetime,
) -> None:
    """Start a process of the campaign's edition behind this commit; `key` tells one occasion from another.

    `inputs` are declared variables of the process: how it knows its subject (`clue_id`, `hazard_id`).
    """
    args = {"campaign": campaign_id, "process": process, "unit": unit_id, "title": title, "inputs": dict(inputs)}
    jobs.enqueue(tx, "process:start", f"{process}:{key}", args, now)


@jobs.handler("process:start")
def _start(tx: Tx, args: Mapping[str, Any], now: datetime) -> None:
    campaign = rows.campaign(tx, args["campaign"])
    unit = unit_rows.unit(tx, args["unit"])
    if campaign is None or unit is None:
        raise NotFound("没有找到要发起流程的行动或单位")
    edition = edition_of(tx, campaign.version_id)
    facts = campaign_facts(tx, campaign.id, edition)
    fx = instances.effects(tx, SYSTEM, now)
    version = process_of(tx, edition, args["process"])
    instances.start(tx, fx, version, facts, unit=unit, inputs=args["inputs"], title=args["title"][:200])
    fx.flush(tx)
