"""The rules of a field's `validate` object and of its options, with the meaning the viewer gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from catalog.forms.schema import CHOICES, ONE_OF, Component, feel_of
from catalog.forms.values import decimal_of, same, written

BOUNDS = ("min", "max", "minLength", "maxLength")
# What JavaScript's trim takes away.
_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
_BLANKS += "\u202f\u205f\u3000\ufeff"
_EMAIL_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+", re.ASCII)
_HOST_LABEL = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_PHONE = re.compile(r"(\+|00)[1-9][0-9]{5,22}")
Bounds = Mapping[str, Any]
Rule = Callable[[Component, Any, Bounds], str | None]


def fault_of(component: Component, value: Any, bounds: Bounds) -> str | None:
    """The first rule that the value breaks, as a sentence; patterns are looked at elsewhere, in one go."""
    for rule in (_required, _number, _least, _most, _shortest, _longest, _kind):
        sentence = rule(component, value, bounds)
        if sentence:
            return sentence
    return None


def static_bounds(component: Component) -> dict[str, Any]:
    """The bounds that are plain values; those written in FEEL come from its evaluation."""
    rules = component.rules
    return {name: rules[name] for name in BOUNDS if rules.get(name) is not None}


def pattern_of(component: Component) -> str | None:
    """Its pattern, if any."""
    pattern = component.rules.get("pattern")
    return pattern if isinstance(pattern, str) and pattern else None


def pattern_sentence(component: Component) -> str:
    """What to say when the pattern does not match."""
    own = component.rules.get("patternErrorMessage")
    return own if isinstance(own, str) and own else f"“{component.label}”格式不正确"


def length_of(text: str) -> int:
    """Length as JavaScript counts it: trimmed, in units of UTF-16."""
    return len(text.strip(_BLANKS).encode("utf-16-le", "surrogatepass")) // 2


def option_values(component: Component, context: Mapping[str, Any], evaluated: Any) -> list[Any]:
    """The values one may choose. The order of the sources is the viewer's: a key of the data, a list, FEEL."""
    raw = component.raw
    source: Any = evaluated
    if raw.get("valuesKey") is not None:
        source = context.get(str(raw["valuesKey"]))
    elif raw.get("values") is not None:
        source = raw["values"]
    return [value for value in map(_option_value, source if isinstance(source, list) else []) if value is not None]


def choice_fault(component: Component, value: Any, options: Sequence[Any]) -> str | None:
    """A choice outside the options."""
    if component.type not in CHOICES or value in (None, ""):
        return None
    chosen = [value] if component.type in ONE_OF else value
    if all(any(same(each, option) for option in options) for each in chosen):
        return None
    return f"“{component.label}”不在可选范围内"


def _option_value(option: Any) -> Any:
    if isinstance(option, Mapping):
        return option.get("value")
    return option if isinstance(option, str | int | float | bool) else None


def _required(component: Component, value: Any, bounds: Bounds) -> str | None:
    if not component.rules.get("required"):
        return None
    if component.type == "checkbox":
        return None if value is True else f"请勾选“{component.label}”"
    if value is None or value == "" or value == []:
        verb = "选择" if component.type in CHOICES or component.type == "datetime" else "填写"
        return f"请{verb}“{component.label}”"
    return None


def _number(component: Component, value: Any, bounds: Bounds) -> str | None:
    number = decimal_of(value)
    if component.type != "number" or not number:
        return None
    digits = decimal_of(component.raw.get("decimalDigits"))
    if digits is not None and digits >= 0 and _decimals(number) > digits:
        whole = f"“{component.label}”应为整数"
        return whole if digits == 0 else f"“{component.label}”最多保留 {written(digits)} 位小数"
    step = decimal_of(component.raw.get("increment"))
    if step and number % step != 0:
        return f"“{component.label}”应为 {written(step)} 的整数倍"
    return None


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _least(component: Component, value: Any, bounds: Bounds) -> str | None:
    bound, number = _bound(component, value, bounds, "min")
    if bound is None or number is None or number >= bound:
        return None
    return f"“{component.label}”不得小于 {written(bound)}"


def _most(component: Component, value: Any, bounds: Bounds) -> str | None:
    bound, number = _bound(component, value, bounds, "max")
    if bound is None or number is None or number <= bound:
        return None
    return f"“{component.label}”不得大于 {written(bound)}"


def _bound(component: Component, value: Any, bounds: Bounds, name: str) -> tuple[Decimal | None, Decimal | None]:
    if component.type != "number":
        return None, None
    return decimal_of(bounds.get(name)), decimal_of(value)


def _shortest(component: Component, value: Any, bounds: Bounds) -> str | None:
    bound = decimal_of(bounds.get("minLength"))
    if bound is None or not isinstance(value, str) or not value or length_of(value) >= bound:
        return None
    return f"“{component.label}”至少 {written(bound)} 个字"


def _longest(component: Component, value: Any, bounds: Bounds) -> str | None:
    bound = decimal_of(bounds.get("maxLength"))
    if bound is None or not isinstance(value, str) or not value or length_of(value) <= bound:
        return None
    return f"“{component.label}”最多 {written(bound)} 个字"


def _kind(component: Component, value: Any, bounds: Bounds) -> str | None:
    kind = component.rules.get("validationType")
    if not isinstance(value, str) or not value:
        return None
    if kind == "email" and not _is_email(value):
        return f"“{component.label}”应为有效的电子邮箱"
    if kind == "phone" and not _PHONE.fullmatch(value):
        return f"“{component.label}”应为带国家代码的电话号码，例如 +8613800000000"
    return None


def _is_email(text: str) -> bool:
    local, at, host = text.partition("@")
    return bool(at and _EMAIL_LOCAL.fullmatch(local)) and all(_HOST_LABEL.fullmatch(each) for each in host.split("."))


def feel_bounds(component: Component) -> dict[str, str]:
    """The bounds written in FEEL: name -> expression."""
    rules = component.rules
    found = {name: feel_of(rules.get(name)) for name in BOUNDS}
    return {name: source for name, source in found.items() if source is not None}
