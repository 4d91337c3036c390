"""Commitments (annex 2): who has signed, one commitment as a page to print, and what the public may see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.lights import arrived_late
from domain.plan import Plan
from domain.signs import Sign, commitment_sign
from models import Tx, reading
from models.queries import commitments as rows
from services import excel
from services._scope import paths_of, units_of
from services.counting.figures import COMMITMENT
from services.counting.form_texts import labels_of
from services.plans.launched import Home, chosen_home, home
from services.plans.versions import edition_of, elements_with

PUBLICATION_FORM = "public_commitment"
PAGE = 50
KINDS: Mapping[str, tuple[str, str, bool | None]] = {  # title, level, whether departments (None: whatever they are)
    "county": ("各县（区、市）", "county", False),
    "county_department": ("县级部门", "county", True),
    "department": ("市直单位", "city", None),
    "enterprise": ("企业", "enterprise", None),
}


@dataclass(frozen=True, kw_only=True)
class Text:
    """The commitment's words as the annex prints them."""

    title: str
    annex: str
    preamble: str
    clauses: tuple[tuple[int, str], ...]
    publication: str


def text_of(plan: Plan) -> Text | None:
    """The annex that is signed publicly; None if the plan has none."""
    mechanism = (plan.raw.get("mechanisms") or {}).get("public_commitment") or {}
    form = (plan.raw.get("forms") or {}).get(mechanism.get("form"))
    if not form:
        return None
    return Text(
        title=str(form["name"]),
        annex=str(form.get("clause") or ""),
        preamble=str(form.get("preamble_text") or ""),
        clauses=tuple((int(clause["n"]), str(clause["text"])) for clause in form.get("clauses") or ()),
        publication="、".join(form.get("publication") or ()),
    )


def commitment_sign_off(plan: Plan) -> str:
    """The plan's sign-off under which commitments are signed."""
    found = (key for key, entry in (plan.raw.get("sign_offs") or {}).items() if entry.get("kind") == "signature_public")
    return next(found, "")


# -- the list ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Tally:
    """A kind of units: how many owe a commitment, how many have signed, how many are late."""

    kind: str
    title: str
    owed: int
    signed: int
    late: int

    @property
    def percent(self) -> int:
        return round(100 * self.signed / self.owed) if self.owed else 0


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asked to see."""

    kind: str = "county"
    text: str = ""
    state: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """A unit's commitment with those who have to sign it: one principal, or the party's and the government's."""

    row: Any
    signers: tuple[Any, ...]

    @property
    def signed_at(self) -> datetime | None:
        """When it was complete: the last signature, once all are there."""
        moments = [signer.signed_at for signer in self.signers]
        return max(moments) if moments and all(moments) else None

    @property
    def due_at(self) -> datetime | None:
        """Until when the first of those who have not signed must."""
        owing = [signer.due_at for signer in self.signers if not signer.signed_at] or [s.due_at for s in self.signers]
        return min((moment for moment in owing if moment), default=None)

    @property
    def progress(self) -> str:
        """How many of several have signed, while some have not."""
        done = sum(signer.signed_at is not None for signer in self.signers)
        return f"已签 {done}/{len(self.signers)}" if 0 < done < len(self.signers) else ""

    def sign(self, now: datetime) -> Sign:
        """How it stands."""
        asked_in_time = any(not arrived_late(s.due_at, s.opened_at) for s in self.signers if not s.signed_at)
        return commitment_sign(self.signed_at, self.due_at if asked_in_time else None, now)


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """A page of the list."""

    campaign: str
    tallies: tuple[Tally, ...]
    kind: str
    lines: tuple[tuple[Commitment, Sign], ...]
    next_after: str


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """Commitments of the newest running campaign as far as the actor sees them; None while nothing is launched."""
    paths, leads = paths_of(actor), units_of(actor)
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return None
        tallies = tallies_of(tx, found, paths, leads, now)
        kind = _kind(filters, tallies)
        lines, signers = _found(tx, found, actor, filters, kind, filters.after, PAGE + 1)
        return ListPage(
            campaign=found.short_title,
            tallies=tallies,
            kind=kind,
            lines=tuple((paper, paper.sign(now)) for paper in _papers(lines[:PAGE], signers)),
            next_after=lines[PAGE - 1].code if len(lines) > PAGE else "",
        )


def _kind(filters: Filters, tallies: Sequence[Tally]) -> str:
    return filters.kind if filters.kind in KINDS else next((t.kind for t in tallies if t.owed), "county")


def _found(
    tx: Tx, found: Home, actor: Actor, filters: Filters, kind: str, after: str, limit: int
) -> tuple[list[Any], dict[str, list[Any]]]:
    """Commitments of a kind of units, and instance id -> who signs there."""
    elements = elements_with(tx, found.edition, COMMITMENT)
    lines = rows.page(
        tx,
        found.row.id,
        elements,
        paths=paths_of(actor),
        leads=units_of(actor),
        level=KINDS[kind][1],
        department=KINDS[kind][2],
        text=filters.text.strip(),
        state=filters.state if filters.state in ("signed", "unsigned") else "",
        after=after,
        limit=limit,
    )
    return lines, rows.signers(tx, [row.instance_id for row in lines], elements)


HEAD = ("单位", "状态", "岗位", "承诺人", "签署时间", "截止时间")


def sheet(actor: Actor, filters: Filters, now: datetime) -> excel.Sheet:
    """Commitments of a kind of units as a table, a row a signer; an empty one while nothing is launched."""
    with reading() as tx:
        found = chosen_home(tx, actor)
        if found is None:
            return excel.Sheet(title="承诺书签署情况", head=HEAD, rows=())
        kind = _kind(filters, tallies_of(tx, found, paths_of(actor), units_of(actor), now))
        papers = _papers(*_found(tx, found, actor, filters, kind, "", excel.LIMIT + 1))
    return excel.Sheet(
        title=f"{KINDS[kind][0]}安全承诺书签署情况",
        subtitle=found.short_title,
        head=HEAD,
        rows=(cells for paper in papers for cells in _cells(paper, now)),
    )


def _cells(paper: Commitment, now: datetime) -> list[tuple[Any, ...]]:
    word = paper.sign(now).word
    return [
        (paper.row.unit, word, signer.post, signer.person, signer.signed_at, excel.limit(signer.due_at))
        for signer in paper.signers
    ]


def tallies_of(
    tx: Tx, found: Home, paths: Sequence[str] | None, leads: Sequence[str], now: datetime
) -> tuple[Tally, ...]:
    """How many of each kind of units have signed."""
    counted = rows.counts(tx, found.row.id, elements_with(tx, found.edition, COMMITMENT), paths, leads, now)
    return tuple(_tally(kind, counted) for kind in KINDS)


def signs_of_units(tx: Tx, found: Home, now: datetime) -> dict[str, Sign]:
    """unit id -> how its commitment stands, of all units but enterprises."""
    owed = rows.by_unit(tx, found.row.id, elements_with(tx, found.edition, COMMITMENT))
    return {row.unit_id: commitment_sign(row.signed_at, row.due_at, now) for row in owed}


def _papers(lines: Sequence[Any], signers: Mapping[str, Sequence[Any]]) -> list[Commitment]:
    return [Commitment(row=row, signers=tuple(signers.get(row.instance_id, ()))) for row in lines]


def _tally(kind: str, counted: Sequence[Any]) -> Tally:
    title, level, department = KINDS[kind]
    own = [row for row in counted if row.level == level]
    found = [row for row in own if department in (None, row.kind == rows.DEPARTMENT)]
    return Tally(
        kind=kind,
        title=title,
        owed=sum(row.owed for row in found),
        signed=sum(row.signed for row in found),
        late=sum(row.late for row in found),
    )


# -- one commitment ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class CommitmentPage:
    """One commitment."""

    row: Any
    paper: Commitment
    campaign: str
    sign: Sign
    text: Text
    publication: tuple[tuple[str, str], ...]
    published_at: datetime | None


def one(actor: Actor, task_id: str, now: datetime) -> CommitmentPage:
    """A commitment of a unit the actor sees."""
    with reading() as tx:
        row = rows.commitment(tx, task_id)
        if row is not None and not (actor.sees(row.path) or row.sector_unit_id in units_of(actor)):
            raise Forbidden("该承诺书不在您的数据范围内。")
        return _page(tx, row, now)


def public(task_id: str, now: datetime) -> CommitmentPage:
    """A signed commitment for everyone (六（五）: 公开承诺，接受社会监督); without every signature it is not found."""
    with reading() as tx:
        found = _page(tx, rows.commitment(tx, task_id), now)
    if found.paper.signed_at is None:
        raise NotFound("没有找到这份承诺书，可能尚未签署。")
    return found


def _page(tx: Tx, row: Any, now: datetime) -> CommitmentPage:
    found = home(tx, row.campaign_id) if row is not None and row.campaign_id else None
    elements = elements_with(tx, found.edition, COMMITMENT) if found else []
    if found is None or (row.process_version_id, row.element) not in elements:
        raise NotFound("没有找到这份承诺书。")
    text = text_of(found.plan)
    if text is None:
        raise NotFound("方案中没有承诺书。")
    (paper,) = _papers([row], rows.signers(tx, [row.instance_id], elements))
    made_public = rows.publication(tx, row.instance_id, PUBLICATION_FORM)
    return CommitmentPage(
        row=row,
        paper=paper,
        campaign=found.short_title,
        sign=paper.sign(now),
        text=text,
        publication=_publication(tx, row, made_public),
        published_at=made_public.submitted_at if made_public else None,
    )


def _publication(tx: Tx, row: Any, made_public: Any) -> tuple[tuple[str, str], ...]:
    if made_public is None or not isinstance(made_public.data, Mapping):
        return ()
    labels = labels_of(edition_of(tx, row.version_id).forms.get(PUBLICATION_FORM, {}))
    texts = ((title, labels.text(key, made_public.data.get(key))) for key, title in labels.titles.items())
    return tuple((title, text) for title, text in texts if text)
