"""The hand-over letter as a paper (附件3): the annex's own sentences with this letter's blanks filled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, Invalid, NotFound
from models import reading
from models.queries import letters as rows
from services._scope import paths_of
from services.inbox import cursor, parsed_cursor
from services.letters import FORM
from services.versions import edition_of

PAGE = 30


@dataclass(frozen=True, kw_only=True)
class LetterPage:
    """One letter, ready to print."""

    row: Any
    title: str
    content: Any
    paragraphs: tuple[str, ...]
    seal: str
    issued_on: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of letters."""

    rows: tuple[Any, ...]
    next_after: str


def page(actor: Actor, after: str) -> ListPage:
    """The letters to units one sees, the latest first."""
    before = parsed_cursor(after) if after else None
    if before is not None and before[0] is None:
        raise Invalid("页码有误，请回到第一页。")
    with reading() as tx:
        found = rows.page(tx, paths_of(actor), before, PAGE + 1)
    more = cursor(found[PAGE - 1].issued_at, found[PAGE - 1].id) if len(found) > PAGE else ""
    return ListPage(rows=tuple(found[:PAGE]), next_after=more)


def one(actor: Actor, letter_id: str) -> LetterPage:
    """A letter to a unit one sees, or that supervises it."""
    with reading() as tx:
        row = rows.one(tx, letter_id)
        if row is None:
            raise NotFound("没有找到这份交办（移送）书。")
        if not (actor.sees(row.path) or (row.supervisor_path and actor.sees(row.supervisor_path))):
            raise Forbidden("该交办（移送）书不在您的数据范围内。")
        form = (edition_of(tx, row.version_id).plan.raw.get("forms") or {}).get(FORM)
    if form is None:
        raise NotFound("方案中没有交办（移送）书。")
    texts = [str(text["text"]) for text in form.get("body_texts") or ()]
    shown = texts if row.supervisor else texts[:1]
    return LetterPage(
        row=row,
        title=str(form["name"]),
        content=row.content,
        paragraphs=tuple(_filled(text, row.content, form) for text in shown),
        seal=f"{row.content['issuing_office']}（代章）",
        issued_on=_day(row.content["issued_on"]),
    )


def _filled(text: str, content: Any, form: Any) -> str:
    """The annex's sentence, its samples replaced by this letter's facts; every other word stays as printed."""
    samples = {field["id"]: field for field in form["fields"]}
    blanks = {
        "省百日攻坚办公室": content["receiving_body"],
        # the sentence ends on “的举报” itself
        samples["source_channel"]["sample_text"]: content["source_channel"].removesuffix("举报"),
        samples["subject_company"]["sample"]: content["subject_company"],
        samples["matter"]["sample"]: f"涉嫌{content['matter']}" if content["matter"] else "",
        _day(samples["received_on"]["sample"]): _day(content["received_on"]),
        _day(samples["feedback_due"]["sample"]): _day(content["feedback_due"]),
    }
    for printed, own in blanks.items():
        text = text.replace(printed, own)
    return text


def _day(text: str) -> str:
    found = date.fromisoformat(text)
    return f"{found.year}年{found.month}月{found.day}日"
