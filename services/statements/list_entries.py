"""Entries of lists that units keep up to date: added, changed, closed and opened again, each for its own unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.ledger import TITLES, Tag
from models import Tx, new_id, reading
from models.queries import list_entries as rows
from models.queries import serials
from services._command import command
from services._held import held
from services._scope import demand
from services.plans.launched import Home, home
from services.plans.units import groups_of
from services.running import instances
from services.statements.list_sources import KeptList, lists_of

KEEPERS = frozenset({"staff", "leader", "office"})
LONGEST, LONGEST_FIRST, LONGEST_REASON = 1000, 2000, 500
DAYS = ("时限", "期限", "日期")  # a column whose name ends so holds a day
TAGS = (Tag.LIST_ENTRY_ADD, Tag.LIST_ENTRY_CHANGE, Tag.LIST_ENTRY_CLOSE, Tag.LIST_ENTRY_REOPEN)


def is_day(column: str) -> bool:
    """Whether a column holds a day."""
    return column.endswith(DAYS)


def keepers(tx: Tx, actor: Actor, found: Home, kept: KeptList) -> list[tuple[Any, Any]]:
    """The posts by which somebody keeps a list, each with its unit: those of the plan's groups, each for itself."""
    return [
        (post, unit)
        for post, unit in held(tx, actor, KEEPERS)
        if not kept.kept_by or set(kept.kept_by) & set(groups_of(found.plan, unit))
    ]


def kept_list(tx: Tx, campaign_id: str, key: str) -> tuple[Home, KeptList]:
    """A list that units write, of a launched campaign."""
    found = home(tx, campaign_id)
    kept = lists_of(tx, found.plan, campaign_id).get(key)
    if kept is None:
        raise NotFound("没有找到这个清单。")
    if not kept.is_kept:
        raise Invalid(f"“{kept.name}”由台账自动生成，不另行登记。")
    return found, kept


# -- writing -----------------------------------------------------------------------------------------------------------
def add(
    actor: Actor, campaign_id: str, key: str, unit_id: str, lines: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, Any]:
    """Enter lines (column -> text) for one's own unit, all or none; Invalid with the columns that are wrong."""
    answer = {"entries": [new_id() for _ in lines]}
    with command(actor, ("list_entry:add", campaign_id, key, unit_id, list(lines)), answer, now) as run:
        if run.replay is not None:
            return run.replay  # type: ignore[no-any-return]
        found, kept = kept_list(run.tx, campaign_id, key)
        _refuse_ended(found)
        post, unit = _keeper(run.tx, actor, found, kept, unit_id)
        read = [checked(kept, line) for line in lines]
        fx = instances.effects(run.tx, actor, now)
        for entry_id, cells in zip(answer["entries"], read, strict=True):
            n = serials.next_number(run.tx, campaign_id, f"list:{key}")
            row = {
                "id": entry_id,
                "campaign_id": campaign_id,
                "list_key": key,
                "unit_id": unit.id,
                "n": n,
                "content": cells[kept.columns[0]],
                "cells": cells,
                "status": "open",
                "reason": "",
                "version": 1,
                "recorded_at": now,
                "recorded_by": actor.person_id,
                "changed_at": now,
                "closed_at": None,
            }
            rows.add(run.tx, [row])
            _note(fx, Tag.LIST_ENTRY_ADD, row, kept, post, {"cells": cells})
        fx.flush(run.tx)
        return answer


def change(actor: Actor, entry_id: str, line: Mapping[str, Any], version: int, now: datetime) -> None:
    """Write new texts; Conflict where somebody has changed the entry since it was read."""
    with command(actor, ("list_entry:change", entry_id, dict(line), version), {}, now) as run:
        if run.replay is not None:
            return
        row, kept, post = _locked(run.tx, actor, entry_id)
        if row.status != "open":
            raise Conflict("这一条已经销号；要修改的，先恢复。")
        if row.version != version:
            raise Conflict("这一条刚被别人修改过，请刷新后重新核对。")
        cells = checked(kept, line)
        if cells == row.cells:
            raise Invalid("没有改动，不必保存。")
        rows.change(run.tx, entry_id, cells=cells, content=cells[kept.columns[0]], changed_at=now)
        before = {name: text for name, text in row.cells.items() if cells.get(name) != text}
        fx = instances.effects(run.tx, actor, now)
        _note(fx, Tag.LIST_ENTRY_CHANGE, row._asdict(), kept, post, {"cells": cells, "before": before})
        fx.flush(run.tx)


def close(actor: Actor, entry_id: str, reason: str, now: datetime) -> None:
    """It is done with, and why."""
    _settle(actor, entry_id, "closed", reason, now)


def reopen(actor: Actor, entry_id: str, reason: str, now: datetime) -> None:
    """It is in force again, and why."""
    _settle(actor, entry_id, "open", reason, now)


def _settle(actor: Actor, entry_id: str, status: str, reason: str, now: datetime) -> None:
    with command(actor, (f"list_entry:{status}", entry_id, reason), {}, now) as run:
        if run.replay is not None:
            return
        row, kept, post = _locked(run.tx, actor, entry_id)
        if row.status == status:
            raise Conflict("这一条已经销号。" if status == "closed" else "这一条已在册，不需要恢复。")
        reason = reason.strip()
        if not reason or len(reason) > LONGEST_REASON:
            word = "销号" if status == "closed" else "恢复"
            raise Invalid(fields={"reason": f"请写明{word}的理由，不超过 {LONGEST_REASON} 字"})
        closed_at = now if status == "closed" else None
        rows.change(run.tx, entry_id, status=status, reason=reason, changed_at=now, closed_at=closed_at)
        fx = instances.effects(run.tx, actor, now)
        tag = Tag.LIST_ENTRY_CLOSE if status == "closed" else Tag.LIST_ENTRY_REOPEN
        _note(fx, tag, row._asdict(), kept, post, {"reason": reason})
        fx.flush(run.tx)


def _note(fx: Any, tag: Tag, row: Mapping[str, Any], kept: KeptList, post: Any, data: Mapping[str, Any]) -> None:
    about = {"entry": row["id"], "list": row["list_key"], "name": kept.name, "n": row["n"]}
    fx.ledger(tag, campaign_id=row["campaign_id"], unit_id=row["unit_id"], post_id=post.id, data={**about, **data})


def _locked(tx: Tx, actor: Actor, entry_id: str) -> tuple[Any, KeptList, Any]:
    row = rows.locked(tx, entry_id)
    if row is None:
        raise NotFound("没有找到这一条。")
    found, kept = kept_list(tx, row.campaign_id, row.list_key)
    _refuse_ended(found)
    post, _ = _keeper(tx, actor, found, kept, row.unit_id)
    return row, kept, post


def _refuse_ended(found: Home) -> None:
    if found.row.status != "running":
        raise Conflict("行动已经结束，清单不再更新。")


def _keeper(tx: Tx, actor: Actor, found: Home, kept: KeptList, unit_id: str) -> tuple[Any, Any]:
    for post, unit in keepers(tx, actor, found, kept):
        if unit.id == unit_id:
            return post, unit
    raise Forbidden(f"“{kept.name}”由各单位为本单位登记，您不能为这个单位登记。")


def checked(kept: KeptList, line: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a line by column; Invalid names what is missing, too long or no day."""
    found, faults = {}, {}
    for column in kept.columns:
        text = str(line.get(column) or "").strip()
        first = column == kept.columns[0]
        longest = LONGEST_FIRST if first else LONGEST
        if first and not text:
            faults[column] = f"请填写{column}"
        elif len(text) > longest:
            faults[column] = f"不超过 {longest} 字"
        elif text and is_day(column) and not _is_date(text):
            faults[column] = "应为日期，如 2021-05-18"
        found[column] = text
    if faults:
        raise Invalid(fields=faults)
    return found


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


# -- pages -------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Event:
    """What became of an entry."""

    at: datetime
    what: str
    who: str
    text: str


@dataclass(frozen=True, kw_only=True)
class EntryPage:
    """One entry, as it stands and as it came about."""

    row: Any
    campaign: str
    kept: KeptList
    events: tuple[Event, ...]
    may_keep: bool


@dataclass(frozen=True, kw_only=True)
class NewPage:
    """What somebody may enter: the list, and the units for which they keep it."""

    campaign_id: str
    campaign: str
    kept: KeptList
    units: tuple[tuple[str, str], ...]


def new(actor: Actor, campaign_id: str, key: str) -> NewPage:
    """The form of an entry; Forbidden for whoever keeps nothing of this list."""
    with reading() as tx:
        found, kept = kept_list(tx, campaign_id, key)
        units = {unit.id: unit.short_name for _, unit in keepers(tx, actor, found, kept)}
    if not units:
        raise Forbidden(f"“{kept.name}”由有关单位登记，您的单位不在其中。")
    return NewPage(campaign_id=campaign_id, campaign=found.short_title, kept=kept, units=tuple(units.items()))


def page(actor: Actor, entry_id: str) -> EntryPage:
    """One entry, for whoever sees its unit."""
    with reading() as tx:
        row = rows.entry(tx, entry_id)
        if row is None:
            raise NotFound("没有找到这一条。")
        demand(actor, row.unit_path)
        found, kept = kept_list(tx, row.campaign_id, row.list_key)
        events = rows.history(tx, row.campaign_id, entry_id, [tag.value for tag in TAGS])
        keeps = any(unit.id == row.unit_id for _, unit in keepers(tx, actor, found, kept))
    return EntryPage(
        row=row,
        campaign=found.short_title,
        kept=kept,
        events=tuple(_event(one) for one in events),
        may_keep=keeps and found.row.status == "running",
    )


def _event(row: Any) -> Event:
    before = "；".join(f"{name}原为“{text or '（空）'}”" for name, text in (row.data.get("before") or {}).items())
    return Event(
        at=row.at,
        what=TITLES[Tag(row.tag)],
        who=" ".join(part for part in (row.unit, row.person) if part),
        text=str(row.data.get("reason") or before),
    )
