"""Commitments (annex 2): who has signed, one commitment as a page to print, and what the public may see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.authority import Actor
from domain.errors import Forbidden, NotFound
from domain.plan import Plan
from domain.signs import Sign, commitment_sign
from models import Tx, reading
from models.queries import commitments as rows
from services._scope import paths_of, units_of
from services.form_texts import labels_of
from services.stage_bar import Home, chosen_home, home
from services.versions import edition_of, process_of

FORM = "commitment"  # the shared form that is signed
PUBLICATION_FORM = "public_commitment"
PAGE = 50
KINDS = {
    "county": ("各县（区、市）", ("county",)),
    "department": ("市直单位", ("city",)),
    "enterprise": ("企业", ("enterprise",)),
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


def elements_of(tx: Tx, found: Home) -> list[tuple[str, str]]:
    """(process version, element) of every task that signs a commitment."""
    versions = [process_of(tx, found.edition, key) for key in found.edition.processes]
    return [(v.id, element.id) for v in versions for element in v.elements.values() if element.form == FORM]


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
class ListPage:
    """A page of the list."""

    campaign: str
    tallies: tuple[Tally, ...]
    kind: str
    lines: tuple[tuple[Any, Sign], ...]
    next_after: str


def page(actor: Actor, filters: Filters, now: datetime) -> ListPage | None:
    """Commitments of the newest running campaign as far as the actor sees them; None while nothing is launched."""
    paths, leads = paths_of(actor), units_of(actor)
    with reading() as tx:
        found = chosen_home(tx, None)
        if found is None:
            return None
        elements = elements_of(tx, found)
        tallies = tallies_of(tx, found, paths, leads, now)
        kind = filters.kind if filters.kind in KINDS else next((t.kind for t in tallies if t.owed), "county")
        lines = rows.page(
            tx,
            found.row.id,
            elements,
            paths=paths,
            leads=leads,
            levels=KINDS[kind][1],
            text=filters.text.strip(),
            state=filters.state if filters.state in ("signed", "unsigned") else "",
            after=filters.after,
            limit=PAGE + 1,
        )
        return ListPage(
            campaign=found.short_title,
            tallies=tallies,
            kind=kind,
            lines=tuple((row, commitment_sign(row.signed_at, row.due_at, now)) for row in lines[:PAGE]),
            next_after=lines[PAGE - 1].code if len(lines) > PAGE else "",
        )


def tallies_of(
    tx: Tx, found: Home, paths: Sequence[str] | None, leads: Sequence[str], now: datetime
) -> tuple[Tally, ...]:
    """How many of each kind of units have signed."""
    counted = {row.level: row for row in rows.counts(tx, found.row.id, elements_of(tx, found), paths, leads, now)}
    return tuple(_tally(kind, counted) for kind in KINDS)


def signs_of_units(tx: Tx, found: Home, now: datetime) -> dict[str, Sign]:
    """unit id -> how its commitment stands, of all units but enterprises."""
    owed = rows.by_unit(tx, found.row.id, elements_of(tx, found))
    return {row.unit_id: commitment_sign(row.signed_at, row.due_at, now) for row in owed}


def _tally(kind: str, counted: Mapping[str, Any]) -> Tally:
    title, levels = KINDS[kind]
    found = [counted[level] for level in levels if level in counted]
    return Tally(
        kind=kind,
        title=title,
        owed=sum(row.owed for row in found),
        signed=sum(row.signed for row in found),
        late=sum(row.late or 0 for row in found),
    )


# -- one commitment ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class CommitmentPage:
    """One commitment."""

    row: Any
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
    """A signed commitment for everyone (六（五）: 公开承诺，接受社会监督); an unsigned one is not found."""
    with reading() as tx:
        row = rows.commitment(tx, task_id)
        if row is None or row.signed_at is None:
            raise NotFound("没有找到这份承诺书，可能尚未签署。")
        return _page(tx, row, now)


def _page(tx: Tx, row: Any, now: datetime) -> CommitmentPage:
    if row is None or not _is_commitment(tx, row):
        raise NotFound("没有找到这份承诺书。")
    found = home(tx, row.campaign_id)
    text = text_of(found.plan)
    if text is None:
        raise NotFound("方案中没有承诺书。")
    made_public = rows.publication(tx, row.instance_id, PUBLICATION_FORM)
    return CommitmentPage(
        row=row,
        campaign=found.short_title,
        sign=commitment_sign(row.signed_at, row.due_at, now),
        text=text,
        publication=_publication(tx, row, made_public),
        published_at=made_public.submitted_at if made_public else None,
    )


def _is_commitment(tx: Tx, row: Any) -> bool:
    edition = edition_of(tx, row.version_id)
    key = next((key for key, version_id in edition.processes.items() if version_id == row.process_version_id), None)
    return key is not None and process_of(tx, edition, key).elements[row.element].form == FORM


def _publication(tx: Tx, row: Any, made_public: Any) -> tuple[tuple[str, str], ...]:
    if made_public is None or not isinstance(made_public.data, Mapping):
        return ()
    labels = labels_of(edition_of(tx, row.version_id).forms.get(PUBLICATION_FORM, {}))
    texts = ((title, labels.text(key, made_public.data.get(key))) for key, title in labels.titles.items())
    return tuple((title, text) for title, text in texts if text)
