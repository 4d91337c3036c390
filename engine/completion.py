"""The completion condition of a call over units, evaluated on its counter by the host."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import FUNCTIONS, BadExpression, Evaluator, parse

_PURE = {name: function for name, function in (("len", len), ("min", min), ("max", max)) if name in FUNCTIONS}


def is_complete(condition: str, figures: Mapping[str, int]) -> bool:
    """Whether the condition holds for done, total, failed and cancelled; one that cannot be computed does not hold."""
    try:
        return bool(Evaluator(_PURE, figures)._eval(parse(condition)))
    except (BadExpression, TypeError, ArithmeticError):
        return False
