"""A task's form checked before its command begins: a form's formulas run in V8, and nobody waits for them in the queue.

A form without formulas is checked inside, at once: that takes less time than to read its task twice.

What was checked is held against the locked rows afterwards. Whoever may not complete the task has nothing checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from catalog.forms import Checked, has_formulas, validate
from domain.authority import Actor
from engine.contract import Element
from models import Tx, reading
from models.queries import running
from services.counting.form_context import context_of
from services.plans.versions import CampaignFacts, Edition, Version
from services.running import instances

_NO_FORM = Checked(data={}, errors={})


class Moved(Exception):
    """The task is not any more what was looked at, or has formulas and was not looked at: look again."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An open task as it was read, and what its form says to the answers."""

    row: Any
    home: Version
    facts: CampaignFacts
    element: Element
    context: Mapping[str, Any]
    form: Mapping[str, Any] | None
    checked: Checked = _NO_FORM

    @property
    def step(self) -> tuple[Any, ...]:
        """The step, and the version whose form counts."""
        return self.row.version, self.row.ref, self.row.element, self.row.process_version_id


def look(actor: Actor, task_id: str, answers: Mapping[str, Any], version: int | None) -> Seen | None:
    """Read the task and check the answers; None where the command will be refused before any form counts."""
    with reading() as tx:
        row = running.see_task(tx, task_id)
        if row is None or row.status != "open" or row.instance_status not in instances.LIVE:
            return None
        if actor.post(row.post_id) is None or version not in (None, row.version):
            return None
        seen = _read(tx, row, row.element, row._asdict())
    # the connection is given back: the formulas may take their time
    return _with_answers(seen, answers)


def at_once(tx: Tx, task: Mapping[str, Any], instance: Mapping[str, Any], answers: Mapping[str, Any]) -> Seen:
    """The same for a locked task whose form holds no formulas; Moved where it does."""
    home, _ = instances.home(tx, instance)
    form = home.elements[task["element"]].form
    # before its figures are counted: they would be counted again at the look
    if form is not None and _formulas(home.edition, form):
        raise Moved
    return _with_answers(_read(tx, None, task["element"], instance), answers)


def _read(tx: Tx, row: Any, element_id: str, instance: Mapping[str, Any]) -> Seen:
    home, facts = instances.home(tx, instance)
    element = home.elements[element_id]
    context = context_of(tx, element, facts, instance["variables"])
    form = home.form(element.form) if element.form is not None else None
    return Seen(row=row, home=home, facts=facts, element=element, context=context, form=form)


def _with_answers(seen: Seen, answers: Mapping[str, Any]) -> Seen:
    if seen.form is None:
        return seen
    return replace(seen, checked=validate(seen.form, dict(answers), context=seen.context))


@lru_cache(maxsize=256)
def _formulas(edition: Edition, form: str) -> bool:
    return has_formulas(edition.forms[form])


def must_stand(tx: Tx, seen: Seen, task: Mapping[str, Any], instance: Mapping[str, Any]) -> None:
    """What was checked is what is locked now, or Moved; a gate's criteria are counted again, it is they that count."""
    step = (task["version"], task["ref"], task["element"], instance["process_version_id"])
    if seen.step != step:
        raise Moved
    moved = instance["version"] != seen.row.instance_version
    if (moved or seen.element.stage) and _context(tx, seen, instance) != seen.context:
        raise Moved


def _context(tx: Tx, seen: Seen, instance: Mapping[str, Any]) -> Mapping[str, Any]:
    return context_of(tx, seen.element, seen.facts, instance["variables"])
