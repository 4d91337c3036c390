"""Made-up answers that a form accepts: what the rehearsal and the demo city fill in. The same draw, the same answers.

A field may say what is usual in its custom property `samples`: texts (or values of options) divided by `|`, numbers as
`0..12`, dates as days from today `-3..0`; a list says how many rows it has in `rows`. In a row that the host has filled
`samples_from` names the entry that holds the usual answer. Without them the answers are valid but dull.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from catalog.forms.check import bounds_at, errors_of, result_of, settle
from catalog.forms.rules import length_of, option_values, pattern_of, static_bounds
from catalog.forms.schema import CHOICES, ONE_OF, TEXTS, Component, Path, Schema, tree
from catalog.forms.sheet import get_in, lay, set_in
from catalog.forms.values import MAX_TEXT, decimal_of, plain, written
from domain.errors import DomainError

MAX_REPAIRS = 12
TODAY = date(2022, 1, 5)
FILLED = 0.6  # how often an optional field is answered
_FILLER = "按照方案要求逐项落实，责任到人，限期完成。"


class Unanswerable(DomainError):
    """表单无法自动填写，推演不能继续。"""


def answers(
    schema: Schema, rng: Random, *, context: Mapping[str, Any] | None = None, today: date = TODAY, **hints: Any
) -> dict[str, Any]:
    """Valid answers. A hint gives a field's value by its key, for a list its rows or their number: `cases=1`.

    A list that the host has filled (`context`) keeps its rows where no hint says otherwise.
    """
    root = tree(schema)
    draw = _Draw(rng=rng, today=today, hints=hints, context=context or {})
    given: dict[str, Any] = {}
    for child in root.children:
        draw.fill(given, child, ())
    for repair in range(MAX_REPAIRS):
        sheet = lay(root, given, context or {})
        settled = settle(sheet)
        faults = errors_of(sheet, settled)
        if not faults:
            return result_of(sheet, settled)
        for index, place in enumerate(sheet.places):
            if place.name in faults and place.component.keyed and not draw.hinted(place.path):
                options = option_values(place.component, sheet.context, settled.found.get((index, "options")))
                value = draw.value(place.component, bounds_at(sheet, settled, index), options)
                optional = not place.component.rules.get("required")
                # bounds that contradict each other leave only the empty answer
                set_in(given, place.path, None if optional and repair > MAX_REPAIRS // 2 else value)
    raise Unanswerable(f"表单“{schema.get('name', schema.get('id', ''))}”无法自动填写：{'；'.join(faults.values())}")


class _Draw:
    """The dice, and what is known in advance."""

    def __init__(self, *, rng: Random, today: date, hints: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.rng = rng
        self.today = today
        self.hints = hints
        self.context = context

    def hinted(self, path: Path) -> bool:
        """Whether the caller fixed the value."""
        return ".".join(map(str, path)) in self.hints

    def fill(self, given: dict[str, Any], component: Component, base: Path) -> None:
        """Answer a component, as far as it can be answered without evaluating anything."""
        path = base + component.path
        if component.repeats:
            self._fill_rows(given, component, path)
        elif component.keyed:
            known = get_in(given, path)
            set_in(given, path, known if known is not None else self._first(given, component, path))
        else:
            for child in component.children:
                self.fill(given, child, path)

    def _first(self, given: Mapping[str, Any], component: Component, path: Path) -> Any:
        if self.hinted(path):
            return self.hints[".".join(map(str, path))]
        # An answer that may be left out is left out now and then; the draw is made in any case, to keep the order.
        skipped = self.rng.random() > FILLED and not component.rules.get("required")
        beside = self._beside(given, component, path)
        if beside is not None:
            return beside
        value = self.value(component, static_bounds(component), option_values(component, {}, None))
        return None if skipped else value

    def _beside(self, given: Mapping[str, Any], component: Component, path: Path) -> Any:
        """What the host put into the same row as the usual answer."""
        name = component.hints.get("samples_from")
        return get_in(given, (*path[:-1], name)) if isinstance(name, str) else None

    def _fill_rows(self, given: dict[str, Any], component: Component, path: Path) -> None:
        wanted = self.hints.get(".".join(map(str, path)), get_in(self.context, path))
        if not isinstance(wanted, list):
            low, high = _span(component.hints.get("rows"), (0, 2))
            count = self.rng.randint(int(low), int(high))
            wanted = [{} for _ in range(count if wanted is None else int(wanted))]
        set_in(given, path, [dict(row) for row in wanted])
        for index in range(len(wanted)):
            for child in component.children:
                self.fill(given, child, (*path, index))

    def value(self, component: Component, bounds: Mapping[str, Any], options: list[Any]) -> Any:
        """A value of the field's type within its bounds."""
        if component.type in TEXTS:
            return self._text(component, bounds)
        if component.type in CHOICES:
            return self._choice(component, options)
        if component.type == "number":
            return self._number(component, bounds)
        if component.type == "datetime":
            return self._moment(component)
        return True if component.type == "checkbox" else None

    def _text(self, component: Component, bounds: Mapping[str, Any]) -> str:
        least = int(decimal_of(bounds.get("minLength")) or 0)
        most = int(decimal_of(bounds.get("maxLength")) or MAX_TEXT)
        samples = component.hints.get("samples")
        usual = samples.split("|") if isinstance(samples, str) and samples else []
        text = str(self.rng.choice(usual)) if usual else _plain_text(component)
        while length_of(text) < least:
            text += _FILLER
        return text if pattern_of(component) else text[: max(most, 1)]

    def _choice(self, component: Component, options: list[Any]) -> Any:
        if not options:
            return None if component.type in ONE_OF else []
        if component.type in ONE_OF:
            usual = str(component.hints.get("samples") or "").split("|")
            return self.rng.choice([one for one in options if one in usual] or options)
        return self.rng.sample(options, self.rng.randint(1, min(3, len(options))))

    def _number(self, component: Component, bounds: Mapping[str, Any]) -> int | float | str:
        step = decimal_of(component.raw.get("increment")) or _step(component)
        least = decimal_of(bounds.get("min"))
        most = decimal_of(bounds.get("max"))
        low, high = _span(component.hints.get("samples"), None) or _around(least, most)
        low = max(low, least) if least is not None else low
        high = min(high, most) if most is not None else high
        if high < low:
            low = high = most if most is not None else low
        first, last = -(-low // step), high // step
        number = step * self.rng.randint(int(first), max(int(first), int(last)))
        return written(number) if component.raw.get("serializeToString") else plain(number)

    def _moment(self, component: Component) -> str:
        low, high = _span(component.hints.get("samples"), (Decimal(-3), Decimal(0)))
        day = self.today + timedelta(days=self.rng.randint(int(low), int(high)))
        clock = f"{self.rng.randint(8, 17):02d}:{self.rng.choice((0, 15, 30, 45)):02d}"
        subtype = component.raw.get("subtype", "date")
        if subtype == "time":
            return clock
        return day.isoformat() if subtype == "date" else f"{day.isoformat()}T{clock}+08:00"


def _plain_text(component: Component) -> str:
    kind = component.rules.get("validationType")
    if kind == "email":
        return "office@example.cn"
    return "+8613800000000" if kind == "phone" else f"{component.label}：已落实"


def _step(component: Component) -> Decimal:
    digits = decimal_of(component.raw.get("decimalDigits"))
    return Decimal(1).scaleb(-int(digits)) if digits is not None and 0 <= digits <= 6 else Decimal("0.01")


def _around(least: Decimal | None, most: Decimal | None) -> tuple[Decimal, Decimal]:
    """Small numbers, near the bound there is."""
    if least is None and most is not None:
        return min(Decimal(0), most), most
    low = least if least is not None else Decimal(0)
    return low, low + 20


def _span(text: Any, otherwise: Any) -> Any:
    """`low..high` as two numbers, or `otherwise`."""
    low, dots, high = text.partition("..") if isinstance(text, str) else ("", "", "")
    least, most = decimal_of(low), decimal_of(high)
    return (least, most) if dots and least is not None and most is not None and least <= most else otherwise
