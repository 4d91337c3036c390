"""联络人 (附件7): the table of a campaign's liaisons, of all units one sees or of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.authority import Actor
from domain.errors import NotFound
from models import Tx, reading
from models.queries import campaigns as campaign_rows
from models.queries import liaisons as rows
from services import excel
from services._scope import demand, paths_of
from services.counting.form_texts import Labels, labels_of
from services.plans.launched import Home, home
from services.plans.versions import elements_with

FORM = "liaison"  # the shared form in which a unit names its liaison
ANNEX = "f_liaison"
UNIT = "unit"


@dataclass(frozen=True, kw_only=True)
class Table:
    """The annex: a row a unit, empty cells where nobody is named yet."""

    campaign_id: str
    campaign: str
    title: str
    annex: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    unit: str = ""  # the only one asked for
    missing: int = 0
    whole_city: bool = True


def table(actor: Actor, campaign_id: str, unit_id: str = "") -> Table:
    """The liaisons as far as the actor sees their units; of one unit only where it lies in the scope."""
    with reading() as tx:
        found = home(tx, campaign_id)
        form = (found.plan.raw.get("forms") or {}).get(ANNEX)
        if form is None:
            raise NotFound("方案中没有联络人表。")
        unit = _unit(tx, actor, unit_id) if unit_id else None
        asked = rows.named(
            tx, campaign_id, elements_with(tx, found.edition, FORM), FORM, paths_of(actor), unit_id or None
        )
    return _table(found, form, {row.id: row for row in asked}, unit, whole_city=paths_of(actor) is None)


def _unit(tx: Tx, actor: Actor, unit_id: str) -> Any:
    unit = campaign_rows.unit(tx, unit_id)
    if unit is None:
        raise NotFound("没有找到该单位。")
    demand(actor, unit.path)
    return unit


def _table(found: Home, form: Mapping[str, Any], named: Mapping[str, Any], unit: Any, *, whole_city: bool) -> Table:
    columns = [(str(field["id"]), str(field["label"])) for field in form["fields"]]
    labels = labels_of(found.edition.forms.get(FORM, {}))
    return Table(
        campaign_id=found.row.id,
        campaign=found.short_title,
        title=str(form["name"]),
        annex=str(form.get("clause") or ""),
        head=("序号", *(label for _, label in columns)),
        lines=tuple(_line(n, row, columns, labels) for n, row in enumerate(named.values(), 1)),
        unit=unit.short_name if unit else "",
        missing=sum(row.data is None for row in named.values()),
        whole_city=whole_city,
    )


def _line(n: int, row: Any, columns: list[tuple[str, str]], labels: Labels) -> tuple[str, ...]:
    data = row.data if isinstance(row.data, Mapping) else {}
    return (str(n), *(row.short_name if key == UNIT else labels.text(key, data.get(key)) for key, _ in columns))


def sheet(actor: Actor, campaign_id: str, unit_id: str = "") -> excel.Sheet:
    """The same as a file."""
    shown = table(actor, campaign_id, unit_id)
    lines = [(int(line[0]), *line[1:]) for line in shown.lines]
    return excel.Sheet(title=shown.title, subtitle=shown.unit, head=shown.head, rows=lines)
