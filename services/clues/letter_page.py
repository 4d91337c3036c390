"""A hand-over letter (附件3) to read and to print: who may see the clue may see its letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain import clues as words
from domain.authority import Actor
from domain.errors import NotFound
from models import Tx, reading
from models.queries import clues as rows
from models.queries import letters as letter_rows
from services.clues.clues import one_seen
from services.clues.letters import FORM
from services.plans.launched import home

MATTERS: Mapping[str, str] = {
    words.KINDS["illegal_act"]: "涉嫌非法违法生产经营建设行为",
    words.KINDS["hazard"]: "存在重大事故隐患",
    words.KINDS["concealed_accident"]: "涉嫌瞒报事故",
}
GOVERNED_BY: Mapping[str, str] = {"government": "政府", "park": "管委会"}  # kind of unit -> who is written to
ADDRESSED = ("政府", "管委会", "局", "支队")  # how such a body is spoken to: 你政府, 你局
INLINE = 150  # a longer account of the matter becomes an attachment on a page of its own
_LONG_BRACKET = re.compile(r"（[^）]{4,}）|(?:（[^）]{0,3}）|[^（])+")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The fields as they were issued, the annex's heading and the sentences it fixes."""

    id: str
    number: str
    issued_at: datetime
    clue_id: str
    clue_number: str
    heading: tuple[str, ...]
    addressees: str
    opening: str
    notice: str
    notice_number: str
    you: str
    demand: str
    warning: str
    supervision: str
    content: Mapping[str, Any]
    feedback_due: str
    issued_on: str
    place: str
    attached: bool


def one(actor: Actor, letter_id: str) -> Paper:
    """A letter the actor may read."""
    with reading() as tx:
        letter = rows.letter(tx, letter_id)
        if letter is None:
            raise NotFound("没有找到这份交办（移送）书。")
        return paper_of(tx, letter, one_seen(tx, actor, letter.clue_id))


def paper_of(tx: Tx, letter: Any, clue: Any) -> Paper:
    """A letter as it is printed."""
    raw = home(tx, letter.campaign_id).plan.raw
    form, document, content = raw["forms"][FORM], raw["document"], letter.content
    demand, warning, *more = (str(text["text"]) for text in form["fixed_texts"])
    names = [_named(letter_rows.unit_kind(tx, letter.addressee_id), content["addressee"])]
    bureau = str(content["supervising_bureau"] or "")
    return Paper(
        id=letter.id,
        number=letter.number,
        issued_at=letter.issued_at,
        clue_id=clue.id,
        clue_number=clue.number,
        heading=heading_parts(str(form["name"])),
        addressees="、".join([*names, bureau] if bureau else names),
        opening=_opening(content),
        notice=f"{'、'.join(document['issuer'])}关于印发〈{document['title']}〉的通知",
        notice_number=str(document.get("number") or ""),
        you=_you(names[0]),
        demand=demand,
        warning=warning,
        supervision=more[0].replace("你局", _you(bureau)) if bureau and more else "",
        content=content,
        feedback_due=_written(content["feedback_due"]),
        issued_on=_written(content["issued_on"]),
        place=f"{clue.county or ''}{clue.place}",
        attached=len(content["text"]) > INLINE,
    )


def heading_parts(text: str) -> tuple[str, ...]:
    """A long heading in the parts that a line must not tear: a bracket of several words is one of them."""
    return tuple(_LONG_BRACKET.findall(text))


def _opening(content: Mapping[str, Any]) -> str:
    """The annex's first sentence: who learnt of it, when and how, and what it is."""
    subject = content["subject_company"]
    matter = MATTERS.get(content["matter"], f"“{content['matter']}”")
    told = f"{_written(content['received_on'])}，{content['receiving_body']}"
    if "举报" in content["source_channel"]:
        return f"{told}接到群众关于{subject}{matter}的举报"
    return f"{told}{content['source_channel']}{subject}{matter}"


def _named(kind: str, name: str) -> str:
    """A county is written to at its government, a zone at its committee."""
    return f"{name}{GOVERNED_BY.get(kind, '')}"


def _you(name: str) -> str:
    return next((f"你{word}" for word in ADDRESSED if name.endswith(word)), "你单位")


def _written(day: str) -> str:
    """A day as letters write it."""
    on = date.fromisoformat(day)
    return f"{on.year}年{on.month}月{on.day}日"


def several(tx: Tx, found: Iterable[tuple[Any, Any]]) -> tuple[Paper, ...]:
    """Letters with their clues, ready to print one behind the other."""
    return tuple(paper_of(tx, letter, clue) for letter, clue in found)
