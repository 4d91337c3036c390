"""The stage gate as a leader sees it: what is asked, the figures, who is missing, what was said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, Invalid, NotFound
from domain.signs import Sign, stage_sign
from engine.contract import Element, Outcome
from models import Tx, reading
from models.queries import campaigns as campaign_rows
from models.queries import gates as rows
from services.counting.criteria import CriterionResult, Missing, criteria
from services.counting.form_texts import labels_of
from services.plans.launched import Home, home, home_of
from services.plans.versions import Version, version_of

READERS = frozenset({"office", "leader", "auditor"})  # a gate is about all units; leaders of any see it


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What somebody wrote at this gate, in order: a signature, a return, or what was supplied after one."""

    at: datetime
    who: str
    what: str
    color: str
    text: str


@dataclass(frozen=True, kw_only=True)
class GatePage:
    """One gate."""

    row: Any
    sign: Sign
    campaign: str
    above: str  # the programme of a child campaign
    stage_text: str
    documentation: str
    object: str
    criteria: tuple[CriterionResult, ...]
    outcomes: tuple[Outcome, ...]
    opinions: tuple[Opinion, ...]
    mine: bool

    @property
    def unmet(self) -> int:
        return sum(not criterion.met for criterion in self.criteria)


def page(actor: Actor, task_id: str, now: datetime) -> GatePage:
    """One gate, for whoever signs it and for those who see everything."""
    with reading() as tx:
        row = rows.gate(tx, task_id)
        if row is None:
            raise NotFound("没有找到这个阶段关口。")
        mine = actor.post(row.post_id) is not None
        if not mine and not actor.roles & READERS:
            raise Forbidden("阶段关口由领导组组长签署，您的岗位不能查看。")
        found = home(tx, row.campaign_id)
        version = version_of(tx, row.process_version_id)
        element = version.elements[row.element]
        return GatePage(
            row=row,
            sign=_sign(row, row.status, row.due_at, now),
            campaign=found.short_title,
            above=home(tx, found.row.parent_id).short_title if found.row.parent_id else "",
            stage_text=_stage_text(found, row.stage),
            documentation=element.documentation,
            object=_object(found, element),
            criteria=tuple(criteria(tx, found.facts, row.stage, now)),
            outcomes=element.outcomes,
            opinions=_opinions(tx, row, found, version, element),
            mine=mine and row.status == "open",
        )


def _sign(row: Any, gate_status: str | None, gate_due_at: datetime | None, now: datetime) -> Sign:
    return stage_sign(
        row.starts_at,
        row.ends_at,
        now,
        gate_open=gate_status == "open",
        gate_due_at=gate_due_at,
        gate_signed_at=row.gate_signed_at,
        gate_opened_at=row.gate_opened_at,
    )


def _stage_text(found: Home, stage: str) -> str:
    raw = (found.plan.raw.get("stages") or {}).get(stage) or {}
    return str(raw.get("dates_text") or "")


def _object(found: Home, element: Element) -> str:
    entry = found.plan.sign_offs.get(element.sign_off or "")
    return entry.object if entry else ""


def _opinions(tx: Tx, row: Any, found: Home, version: Version, element: Element) -> tuple[Opinion, ...]:
    affirmed = element.outcomes[0].value if element.outcomes else "sign"
    said = [
        Opinion(
            at=signature.signed_at,
            who=f"{signature.unit} · {signature.post} {signature.person or ''}".strip(),
            what="签署" if signature.outcome == affirmed else "退回",
            color="green" if signature.outcome == affirmed else "orange",
            text=signature.opinion,
        )
        for signature in campaign_rows.gate_signatures(tx, row.campaign_id, row.stage)
    ]
    supplied = [
        Opinion(
            at=rework.submitted_at,
            who=f"{rework.post} {rework.person or ''}".strip(),
            what="补充后重报",
            color="blue",
            text=_words(found, rework),
        )
        for rework in rows.reworks(tx, row.instance_id, _rework_elements(version, row.stage))
    ]
    return tuple(sorted([*said, *supplied], key=lambda opinion: opinion.at))


def _rework_elements(version: Version, stage: str) -> list[str]:
    """Tasks of the office inside the stage's scope: they answer what a gate sent back."""
    return [
        element.id
        for element in version.elements.values()
        if element.kind == "userTask" and not element.stage and version.process.stages.get(element.id) == stage
    ]


def _words(found: Home, rework: Any) -> str:
    if not isinstance(rework.data, Mapping):
        return ""
    labels = labels_of(found.edition.forms.get(rework.form_key, {}))
    return "；".join(text for key, value in rework.data.items() if (text := labels.text(key, value)))


def by_place(missing: Sequence[Missing]) -> list[tuple[str, list[Missing]]]:
    """Units that are missing, those of one county together; `missing` comes sorted by place."""
    return [(place, list(part)) for place, part in groupby(missing, key=lambda one: one.place)]


# -- all gates ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class GateLine:
    """A stage of a running campaign with how its gate stands."""

    row: Any
    campaign: str
    sign: Sign
    criteria: tuple[CriterionResult, ...]
    mine: bool
    child: bool  # of a child campaign

    @property
    def folded(self) -> bool:
        """A programme has many gates: those of its children that nobody can sign now stand in a table."""
        return self.child and self.row.gate_status != "open"


def lines(actor: Actor, now: datetime) -> list[GateLine]:
    """The gates of all running campaigns: those one has to sign first."""
    with reading() as tx:
        found = [_line(tx, actor, row, now) for row in rows.gates(tx)]
    return sorted(found, key=lambda line: (not line.mine, line.row.gate_status != "open"))


def _line(tx: Tx, actor: Actor, row: Any, now: datetime) -> GateLine:
    campaign = home_of(tx, campaign_rows.campaign(tx, row.campaign_id))
    above = home(tx, campaign.row.parent_id).short_title if campaign.row.parent_id else ""
    is_open = row.gate_status == "open"
    return GateLine(
        row=row,
        campaign=f"{above} · {campaign.short_title}" if above else campaign.short_title,
        sign=_sign(row, row.gate_status, row.gate_due_at, now),
        criteria=tuple(criteria(tx, campaign.facts, row.key, now)) if is_open or not above else (),
        mine=is_open and actor.post(row.gate_post_id or "") is not None,
        child=bool(above),
    )


def complaint(shown: GatePage, error: Invalid, opinion: str) -> str:
    """What was wrong with a signature, in one sentence: whichever field of the form it was, the leader has one.

    What is wrong with the password is said at the password.
    """
    if "password" in error.fields:
        return ""
    if shown.unmet and not opinion:
        return "完成条件未全部达成，签署须写明理由。"
    return "；".join(dict.fromkeys(error.fields.values())) or error.message


def answers_of(shown: GatePage, opinion: str) -> dict[str, str]:
    """The answers for the gate's form: the opinion, and as the reason where criteria are unmet."""
    if not opinion:
        return {}
    return {"opinion": opinion, **({"unmet_reason": opinion} if shown.unmet else {})}
