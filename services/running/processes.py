"""Starting a process by hand: administrators do it, and whoever tries a new diagram."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, Invalid, NotFound
from engine.values import fits, refuse_bad_scalars
from models import Tx, new_id
from models.queries import definitions as rows
from models.queries import units as unit_rows
from services import _scope
from services._command import command
from services.plans.versions import CampaignFacts, Version, campaign_facts, version_of
from services.running import instances

STARTERS = frozenset({"office", "admin"})


def start(
    actor: Actor,
    key: str,
    *,
    unit_id: str,
    variables: Mapping[str, Any] | None = None,
    campaign_id: str | None = None,
    now: datetime,
) -> dict[str, Any]:
    """Start the newest edition of a process for a unit; in a campaign, the edition the campaign was launched with.

    `variables` are declared ones of the process. Raises Forbidden, NotFound and Invalid (with the names).
    """
    if not actor.roles & STARTERS:
        raise Forbidden("只有行动办公室和系统管理员可以直接发起流程。")
    given = dict(variables or {})
    answer = {"instance": new_id()}
    with command(actor, ("process:start", key, unit_id, given, campaign_id), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        version, facts = _what(run.tx, key, campaign_id)
        unit = unit_rows.unit(run.tx, unit_id)
        if unit is None:
            raise NotFound("没有找到该单位。")
        _scope.demand(actor, unit.path)
        _refuse_unknown(version, given)
        fx = instances.effects(run.tx, actor, now)
        title = f"{version.name} · {unit.short_name}"
        instances.start(
            run.tx, fx, version, facts, unit=unit, inputs=given, title=title, instance_id=answer["instance"]
        )
        fx.flush(run.tx)
        return answer


def _what(tx: Tx, key: str, campaign_id: str | None) -> tuple[Version, CampaignFacts]:
    """The version to start and the campaign it belongs to."""
    version_id = rows.newest_process(tx, key, campaign_id)
    if version_id is None:
        raise NotFound(f"没有找到流程“{key}”，可能尚未发布。")
    version = version_of(tx, version_id)
    return version, campaign_facts(tx, campaign_id, version.edition)


def _refuse_unknown(version: Version, given: Mapping[str, Any]) -> None:
    declared = version.process.model.variables
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise Invalid(f"流程“{version.name}”没有声明变量：{'、'.join(map(str, unknown))}")
    refuse_bad_scalars(given)
    wrong = {name: f"类型须为 {declared[name].type}" for name in given if not fits(given[name], declared[name].type)}
    if wrong:
        raise Invalid(fields=wrong)
