"""日汇总、月小结、简报: compiled by the system from the registers; a briefing is edited, approved and sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from domain.ledger import Tag
from domain.plan import Plan
from domain.workdays import BEIJING
from engine.contract import ActionSignature, Scalar
from models import Notice, Tx, new_id
from models.queries import briefings as rows
from services.counting.form_context import context_for
from services.plans.versions import CampaignFacts, edition_of, plan_of
from services.running.effects import Effects
from services.running.handed_in import newest
from services.running.hosts import host_action
from services.statements import summaries

FORM = "briefing"
Results = Mapping[str, Scalar]


@host_action("briefing.compile_daily", "生成日汇总", ActionSignature())
def compile_daily(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """The 24 hours before this moment: the day as the setting 日汇总截止时刻 cuts it."""
    until = fx.now
    since = until - timedelta(days=1)
    local = until.astimezone(BEIJING)
    title = f"日汇总（{local.year}年{local.month}月{local.day}日）"
    _publish(tx, fx, instance, facts, "daily_summary", title, since, until)
    return {}


@host_action("briefing.compile_monthly", "生成月小结", ActionSignature())
def compile_monthly(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """The month that the period covers."""
    since, until = _covered(instance)
    local = since.astimezone(BEIJING)
    _publish(tx, fx, instance, facts, "monthly_summary", f"月小结（{local.year}年{local.month}月）", since, until)
    return {}


def _publish(
    tx: Tx,
    fx: Effects,
    instance: Mapping[str, Any],
    facts: CampaignFacts,
    kind: str,
    title: str,
    since: datetime,
    until: datetime,
) -> None:
    plan = _plan(tx, facts)
    content = summaries.compile_figures(tx, plan, str(facts.id), since, until, fx.now)
    span = f"{title[title.index('（') + 1 : -1]}"
    body = "\n\n".join(summaries.sentences(plan, content, span))
    row = _row(fx, instance, facts, kind, title, content, body)
    rows.add(tx, row | {"status": "published", "published_at": fx.now, "content_hash": _hash(content, body)})
    fx.ledger(Tag.BRIEFING_COMPILE, instance=instance, data={"name": title})


@host_action("briefing.compile", "拟出简报", ActionSignature(results={"publication_id": "str"}))
def compile_briefing(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """The draft of a week's briefing: figures and proposed words."""
    since, until = _covered(instance)
    plan = _plan(tx, facts)
    content = summaries.compile_figures(tx, plan, str(facts.id), since, until, fx.now)
    name = str((plan.raw.get("document") or {}).get("short_title") or plan.title)
    span = summaries.span_of(since, until)
    period = str(instance["variables"]["period"])
    said = summaries.sentences(plan, content, span)
    said += summaries.reporting_sentences(tx, plan, str(facts.id), period, content, fx.calendar, fx.now)
    row = _row(fx, instance, facts, "briefing", f"{name}简报（{span}）", content, "\n\n".join(said))
    rows.add(tx, row)
    fx.ledger(Tag.BRIEFING_COMPILE, instance=instance, data={"name": row["title"]})
    return {"publication_id": row["id"]}


@context_for(FORM)
def proposed(tx: Tx, facts: CampaignFacts, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The words that the editor begins with."""
    row = rows.one(tx, str(variables.get("publication_id") or ""))
    return {"briefing_title": row.title, "briefing_body": row.body} if row is not None else {}


@host_action("briefing.issue", "印发简报", ActionSignature(arguments={"publication_id": "str"}))
def issue(tx: Tx, *, publication_id: str, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Results:
    """As approved it goes to the leaders and back to the principals of counties and departments."""
    form, row = newest(tx, fx, instance["id"], FORM), rows.one(tx, publication_id)
    title, body = str(form.data["briefing_title"]), str(form.data["briefing_body"])
    content = row.content if row is not None else {}
    rows.change(
        tx,
        publication_id,
        title=title,
        body=body,
        status="published",
        published_at=fx.now,
        approved_by=fx.actor.person_id,
        content_hash=_hash(content, title + body),
    )
    posts = _addressees(tx, facts)
    for post_id in posts:
        fx.add(
            Notice,
            id=new_id(),
            post_id=post_id,
            task_id=None,
            campaign_id=facts.id,
            kind="briefing",
            text=f"【简报】{title}已印发，请查阅。"[:400],
            created_at=fx.now,
        )
    fx.ledger(Tag.BRIEFING_ISSUE, instance=instance, data={"name": title, "notified": len(posts)})
    return {}


def _addressees(tx: Tx, facts: CampaignFacts) -> list[str]:
    """Leaders of the campaign; principals of counties (party and government) and of departments."""
    plan = _plan(tx, facts)
    owners = summaries.members_of(tx, plan)
    kinds = {"county": ("party_principal", "government_principal"), "city": ("principal",)}
    wanted = [(unit.id, kind) for unit in owners for kind in kinds.get(unit.level, ())]
    leaders = [(str(facts.office_unit_id), kind) for kind in ("city_leader", "deputy")] if facts.office_unit_id else []
    return rows.addressees(tx, [*leaders, *wanted])


def _row(
    fx: Effects,
    instance: Mapping[str, Any],
    facts: CampaignFacts,
    kind: str,
    title: str,
    content: Mapping[str, Any],
    body: str,
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "campaign_id": facts.id,
        "kind": kind,
        "audience": "leaders",
        "unit_id": instance["unit_id"] or facts.office_unit_id,
        "period": str(instance["variables"].get("period") or ""),
        "title": title[:200],
        "content": content,
        "body": body,
        "status": "draft",
        "compiled_at": fx.now,
        "instance_id": instance["id"],
    }


def _covered(instance: Mapping[str, Any]) -> tuple[datetime, datetime]:
    since, until = (datetime.fromisoformat(str(instance["variables"][name])) for name in ("period_start", "period_end"))
    return since, until


def _plan(tx: Tx, facts: CampaignFacts) -> Plan:
    return plan_of(edition_of(tx, facts.edition_id), facts)


def _hash(content: Any, text: str) -> str:
    return hashlib.sha256(orjson.dumps([content, text], option=orjson.OPT_SORT_KEYS)).hexdigest()
