"""A unit's ledger of clues: entered, disposed of, closed one by one; when a unit is done."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import Tag
from domain.old_clues import REFERRED_TO, WAYS, terms_of
from engine.contract import ActionSignature, Scalar
from models import Tx, new_id
from models.queries import old_clues as rows
from models.queries import serials
from services._command import command
from services._scope import units_of
from services.inspections import hazards
from services.plans.launched import home
from services.plans.versions import CampaignFacts
from services.running import instances
from services.running.effects import Effects
from services.running.handed_in import newest
from services.running.hosts import host_action

SAID_LIMIT = 2000
RECTIFICATION = "rectification"  # the process behind the register of hazards


def add(actor: Actor, campaign_id: str, entries: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Enter clues that were read and checked (`services.clues.old_clue_import`, or rows of the same shape); how many.

    An entry: unit_id, subject, text, and if known number, sector, received_on, times, source.
    """
    asked = ("old_clue:add", campaign_id, [dict(entry) for entry in entries])
    with command(actor, asked, {"added": len(entries)}, now) as run:
        if run.replay is not None:
            return int(run.replay["added"])
        tx = run.tx
        home(tx, campaign_id)
        for entry in entries:
            _demand(actor, entry["unit_id"])
        twice = rows.known_numbers(tx, campaign_id, [entry["number"] for entry in entries if entry.get("number")])
        if twice:
            raise Conflict(f"编号“{sorted(twice)[0]}”已在台账中，请刷新后重新核对。")
        rows.add(tx, [_row(tx, campaign_id, entry, now) for entry in entries])
        fx = instances.effects(tx, actor, now)
        fx.ledger(Tag.OLD_CLUE_ADD, campaign_id=campaign_id, data={"sentence": f"登记 {len(entries)} 条"})
        fx.flush(tx)
    return len(entries)


def _row(tx: Tx, campaign_id: str, entry: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    number = entry.get("number") or f"起底{serials.next_number(tx, campaign_id, 'old_clue'):05d}"
    return {
        "id": new_id(),
        "campaign_id": campaign_id,
        "number": number,
        "unit_id": entry["unit_id"],
        "sector": entry.get("sector") or "",
        "subject": entry["subject"],
        "text": entry["text"],
        "received_on": date.fromisoformat(entry["received_on"]) if entry.get("received_on") else None,
        "times": entry.get("times") or 1,
        "source": entry.get("source") or "",
        "status": "open",
        "disposal": "",
        "imported_at": now,
    }


def may_dispose(actor: Actor, unit_id: str) -> bool:
    """The unit that works it off, and the office."""
    return "office" in actor.roles or unit_id in units_of(actor)


def _demand(actor: Actor, unit_id: str) -> None:
    if not may_dispose(actor, unit_id):
        raise Forbidden("只有承办单位和行动办公室可以办理这条线索。")


def ways(processes: Container[str]) -> dict[str, str]:
    """The ways of a campaign with these processes: without hazards nothing goes to their register."""
    return {key: name for key, name in WAYS.items() if key != "hazard" or RECTIFICATION in processes}


def dispose(
    actor: Actor,
    clue_id: str,
    way: str,
    said: str,
    now: datetime,
    found: Mapping[str, Any] | None = None,
    *,
    points: Sequence[str] = (),
) -> None:
    """Close a clue, refer it to police or discipline inspection, or hand it to the register of hazards.

    `said`: what was done, or why it is referred. `found`: the hazard, as `hazards.register_direct` reads it.
    `points`: what is stated on each point that the plan demands of one that is closed.
    """
    asked = ("old_clue:dispose", clue_id, way, said, dict(found or {}), list(points))
    with command(actor, asked, {"old_clue": clue_id}, now) as run:
        if run.replay is not None:
            return
        row = rows.locked(run.tx, clue_id)
        if row is None:
            raise NotFound("没有找到这条线索。")
        _demand(actor, row.unit_id)
        at = home(run.tx, row.campaign_id)
        if way not in ways(at.edition.processes):
            raise Invalid(fields={"way": "请选择处置方式"})
        said = _said(row, way, _stated(terms_of(at.plan.settings).points, points, said) if way == "close" else said)
        fx = instances.effects(run.tx, actor, now)
        if way in REFERRED_TO:
            _refer(run.tx, fx, row, way, said)
        else:
            if way == "hazard":
                # never the words of whoever reported it: the enterprise will read them
                entered = {"text": said, **(found or {})}
                hazard_id = hazards.enter_old_clue(run.tx, fx, old_clue=row._asdict(), found=entered, now=now)
                said = f"转入隐患台账（{rows.hazard_number(run.tx, hazard_id)}）。{said}"
            _close(run.tx, fx, row, said)
        fx.flush(run.tx)


def _stated(wanted: Sequence[str], points: Sequence[str], said: str) -> str:
    """What is said of each point that the plan demands, a line each, before the rest."""
    given = [point.strip() for point in points] + [""] * len(wanted)
    pairs = list(zip(wanted, given, strict=False))
    faults = {f"point_{n}": f"请写明{point}的情况" for n, (point, text) in enumerate(pairs, 1) if not text}
    if faults:
        raise Invalid(fields=faults)
    return "\n".join((*(f"{point}：{text}" for point, text in pairs), said.strip())).strip()


def _said(row: Any, way: str, said: str) -> str:
    if row.status == "closed":
        raise Conflict("该线索已销号。")
    if row.status == "referred" and way in REFERRED_TO:
        raise Conflict("该线索已移交，收到办理结果后请予销号。")
    said = said.strip()
    if not 2 <= len(said) <= SAID_LIMIT:
        raise Invalid(fields={"said": f"请写明处置情况，2 至 {SAID_LIMIT} 字"})
    return said


def _refer(tx: Tx, fx: Effects, row: Any, way: str, reason: str) -> None:
    rows.refer(
        tx,
        {
            "id": new_id(),
            "campaign_id": row.campaign_id,
            "to": way,
            "old_clue_id": row.id,
            "reason": reason,
            "unit_id": row.unit_id,
            "referred_at": fx.now,
            "recorded_by": fx.actor.person_id,
            "answer": "",
        },
    )
    rows.change(tx, row.id, status="referred", disposal=f"移交{REFERRED_TO[way]}：{reason}")
    _note(fx, Tag.OLD_CLUE_REFER, row, f"{row.number} 移交{REFERRED_TO[way]}")


def _close(tx: Tx, fx: Effects, row: Any, said: str) -> None:
    disposal = f"{row.disposal}\n{said}".strip()
    rows.change(tx, row.id, status="closed", disposal=disposal, closed_at=fx.now, closed_by=fx.actor.person_id)
    _note(fx, Tag.OLD_CLUE_CLOSE, row, f"{row.number} 销号")


def _note(fx: Effects, tag: Tag, row: Any, sentence: str) -> None:
    data = {"old_clue": row.id, "number": row.number, "sentence": sentence}
    fx.ledger(tag, campaign_id=row.campaign_id, unit_id=row.unit_id, data=data)


@host_action("old_clue.check", "核对线索台账", ActionSignature())
def check(tx: Tx, *, instance: Mapping[str, Any], facts: CampaignFacts, fx: Effects) -> Mapping[str, Scalar]:
    """A unit is done when all its clues are closed, or it says why some are not."""
    form = newest(tx, fx, instance["id"], "old_clue_closing")
    left = rows.not_closed(tx, facts.id or "", instance["unit_id"])
    if left and not str(form.data.get("reason") or "").strip():
        sentence = f"台账中还有 {left} 条线索没有销号，请先逐条处置，或者写明理由"
        raise Invalid(f"{sentence}。", fields={"reason": sentence})
    return {}
