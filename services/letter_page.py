"""A hand-over letter as annex 3 prints it: the plan's wording around what the letter was issued with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from models import reading
from models.queries import letters as rows
from services.clues import one_seen
from services.letters import FORM
from services.stage_bar import Home, home

DAYS = ("received_on", "feedback_due", "supervision_feedback_due", "issued_on")


@dataclass(frozen=True, kw_only=True)
class LetterPage:
    """Everything on the paper; `paragraphs` are the notice's sentences with this letter's particulars."""

    clue_id: str
    number: str
    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    handler: str
    matter: str  # what is enclosed: the clue's text
    office: str
    issued_on: str


def one(actor: Actor, letter_id: str) -> LetterPage:
    """The letter of a clue the actor may see; one without a clue is nobody's."""
    with reading() as tx:
        row = rows.one(tx, letter_id)
        if row is None or row.clue_id is None:
            raise NotFound("没有找到这份交办（移送）书。")
        clue = one_seen(tx, actor, row.clue_id)
        return _page(row, clue, home(tx, row.campaign_id))


def _page(row: Any, clue: Any, found: Home) -> LetterPage:
    form = found.plan.raw["forms"][FORM]
    content = dict(row.content)
    said = _particulars(content, form, found)
    wording = form["wording"]
    supervised = (wording["supervised"],) if content.get("supervising_bureau") else ()
    return LetterPage(
        clue_id=clue.id,
        number=row.number,
        title=str(form["name"]),
        addressee="、".join(name for name in (content["addressee"], content.get("supervising_bureau")) if name),
        paragraphs=tuple(str(text).format_map(said) for text in (wording["handed_over"], *supervised)),
        handler=str(content.get("handler") or ""),
        matter=str(content.get("text") or ""),
        office=str(content["issuing_office"]),
        issued_on=said["issued_on"],
    )


def _particulars(content: Mapping[str, Any], form: Mapping[str, Any], found: Home) -> dict[str, str]:
    """What the wording's blanks are filled with."""
    fixed = {f"fixed_{entry['n']}": str(entry["text"]) for entry in form["fixed_texts"]}
    days = {name: _day(str(content.get(name) or "")) for name in DAYS}
    notice = {"notice": str(found.plan.raw["document"]["title"])}
    return {name: str(value) for name, value in content.items()} | fixed | days | notice


def _day(text: str) -> str:
    if not text:
        return ""
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日"
