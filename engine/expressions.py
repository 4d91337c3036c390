"""The one expression language: conditions, timers, loops, inputs and arguments (docs/diagrams.md).

simpleeval walks the tree; what it is allowed to meet is decided here, before the first evaluation.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import simpleeval

from domain.deadlines import deadline, moment_of
from domain.errors import DomainError
from domain.workdays import after
from engine.contract import Context

MAX_SOURCE = 2_000
MAX_NODES = 200
MAX_DEPTH = 64
MAX_RESULT = 10_000  # characters of a text, elements of a list
MAX_INTEGER_BITS = 256
MAX_COUNTED = 3_660  # units that after() counts

FUNCTIONS = {  # name -> (fewest, most) arguments
    "deadline": (1, 1),
    "stage_start": (1, 1),
    "stage_end": (1, 1),
    "after": (2, 3),
    "quota": (1, 1),
    "setting": (1, 1),
    "len": (1, 1),
    "min": (1, 20),
    "max": (1, 20),
}
PLAN_FUNCTIONS = {
    "deadline": "deadlines",
    "stage_start": "stages",
    "stage_end": "stages",
    "quota": "quotas",
    "setting": "settings",
}
UNITS = ("hour", "calendar_day", "working_day", "month")


class BadExpression(Exception):
    """An expression that cannot be read or evaluated; the text is a Chinese sentence."""


class Unset(BadExpression):
    """An expression that reads a variable nobody has set yet."""


# -- reading -----------------------------------------------------------------------------------------------------------
NODES = (
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.UnaryOp,
    ast.BinOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Call,
    ast.List,
    ast.Tuple,
    ast.Attribute,
    ast.And,
    ast.Or,
)


@lru_cache(maxsize=4096)
def parse(source: str) -> ast.expr:
    """The checked tree of an expression; raises BadExpression with the reason."""
    text = " ".join(source.split("\n")).strip()
    if not text:
        raise BadExpression("表达式为空")
    if len(source) > MAX_SOURCE:
        raise BadExpression(f"表达式超过 {MAX_SOURCE} 个字符")
    if "\\" in text or "#" in text:
        raise BadExpression("表达式不能含反斜线和 # 号")
    if text.startswith(("${", "=")):
        raise BadExpression("表达式直接书写，不用 ${…} 包起来，也不以等号开头")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadExpression(f"表达式“{shown(source)}”写法有误") from None
    _refuse_bad_nodes(tree, source)
    return tree


def _refuse_bad_nodes(tree: ast.expr, source: str) -> None:
    seen, level = 0, [tree]
    for _ in range(MAX_DEPTH):
        following: list[Any] = []
        for node in level:
            _refuse_bad_node(node, source)
            seen += 1
            following += ast.iter_child_nodes(node)
        if seen > MAX_NODES:
            raise BadExpression(f"表达式“{shown(source)}”过长，请拆成几个")
        if not following:
            return
        level = following
    raise BadExpression(f"表达式“{shown(source)}”嵌套过深")


def _refuse_bad_node(node: ast.AST, source: str) -> None:
    allowed = isinstance(node, NODES) or type(node) in OPERATORS
    if isinstance(node, ast.Call):
        allowed = isinstance(node.func, ast.Name) and not node.keywords
        if isinstance(node.func, ast.Name):
            _refuse_bad_call(node.func.id, len(node.args))
    elif isinstance(node, ast.Attribute):
        allowed = not node.attr.startswith("_")
    elif isinstance(node, ast.Constant):
        allowed = node.value is None or type(node.value) in (str, int, float, bool)
        allowed = allowed and not (isinstance(node.value, int) and node.value.bit_length() > MAX_INTEGER_BITS)
    elif isinstance(node, ast.Name):
        allowed = "__" not in node.id
    if not allowed:
        raise BadExpression(f"表达式“{shown(source)}”用了不允许的写法（{type(node).__name__}）")


def _refuse_bad_call(name: str, given: int) -> None:
    if name not in FUNCTIONS:
        raise BadExpression(f"没有名为“{name}”的函数")
    fewest, most = FUNCTIONS[name]
    if not fewest <= given <= most:
        raise BadExpression(f"函数“{name}”的参数个数不对")


def shown(source: str) -> str:
    """An expression as a sentence quotes it."""
    text = " ".join(source.split())
    return text if len(text) <= 60 else text[:59] + "…"


def names_in(tree: ast.expr) -> set[str]:
    """The variables an expression reads."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


# -- evaluating --------------------------------------------------------------------------------------------------------
def _number(value: Any) -> Any:
    if not isinstance(value, (int, float)):
        raise TypeError("not a number")
    return value


def _checked(value: Any) -> Any:
    """A result that is not too large to go on with."""
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        raise BadExpression("表达式的结果过大")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadExpression("表达式的结果过大")
    if isinstance(value, (str, list, tuple)) and len(value) > MAX_RESULT:
        raise BadExpression(f"表达式的结果超过 {MAX_RESULT} 个字符或元素")
    return value


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return _checked(left + right)
    if isinstance(left, list) and isinstance(right, list):
        return _checked(left + right)
    return _checked(_number(left) + _number(right))


def _arithmetic(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: _checked(function(_number(left), _number(right)))


def _contains(left: Any, right: Any) -> bool:
    if not isinstance(right, (str, list, tuple)):
        raise TypeError("not a text or list")
    return left in right


OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _add,
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.USub: lambda value: -_number(value),
    ast.UAdd: lambda value: +_number(value),
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: _contains,
    ast.NotIn: lambda left, right: not _contains(left, right),
}


class Evaluator(simpleeval.SimpleEval):
    """simpleeval without its attribute access, methods, powers, shifts, slices and formatted texts.

    `names` are the visible variables; a declared one that nobody has set yet is None.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]], names: Mapping[str, Any]) -> None:
        # the base class's own set-up would build tables that this language does not have
        self.operators = OPERATORS
        self.functions = functions
        self.names = names
        self.nodes = {
            ast.Constant: self._eval_constant,
            ast.Name: self._eval_name,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.BoolOp: self._eval_boolop,
            ast.Compare: self._eval_compare,
            ast.IfExp: self._eval_ifexp,
            ast.Call: self._eval_call,
            ast.List: self._eval_elements,
            ast.Tuple: self._eval_elements,
            ast.Attribute: self._eval_attribute,
        }

    def _eval_name(self, node: ast.Name) -> Any:
        try:
            return self.names[node.id]
        except KeyError:
            raise BadExpression(f"没有名为“{node.id}”的变量") from None

    def _eval_attribute(self, node: ast.Attribute) -> Any:
        holder = self._eval(node.value)
        if isinstance(holder, Mapping) and node.attr in holder:
            return holder[node.attr]
        raise BadExpression(f"没有名为“{node.attr}”的项")

    def _eval_elements(self, node: ast.List | ast.Tuple) -> list[Any]:
        return [self._eval(element) for element in node.elts]


class Language:
    """The language bound to one advance: its plan, calendar, moment and variables."""

    def __init__(self, context: Context, variables: Mapping[str, Any]) -> None:
        self._context = context
        self._variables = variables
        self._functions: dict[str, Callable[..., Any]] = {
            "deadline": self._deadline,
            "stage_start": self._stage_start,
            "stage_end": self._stage_end,
            "after": self._after,
            "quota": lambda name: _entry(context.plan.quotas, name, "指标").value,
            "setting": lambda name: _entry(context.plan.settings, name, "设置项"),
            "len": len,
            "min": min,
            "max": max,
        }

    def value(self, source: str, local: Mapping[str, Any]) -> Any:
        """The value of an expression; `local` (loop items) hides variables of the same name."""
        tree = parse(source)
        names = {**self._variables, **local} if local else self._variables
        try:
            return _checked(Evaluator(self._functions, names)._eval(tree))
        except BadExpression:
            raise
        except DomainError as error:
            raise BadExpression(error.message) from None
        except (TypeError, ValueError, ArithmeticError, RecursionError, simpleeval.InvalidExpression) as error:
            raise _why(source, names, tree, error) from None

    def _deadline(self, name: str) -> datetime:
        return deadline(self._context.plan, self._context.calendar, name, self._variables, self._context.now)

    def _stage_start(self, name: str) -> datetime:
        return _entry(self._context.plan.stages, name, "阶段").starts_at or self._context.plan.starts_at

    def _stage_end(self, name: str) -> datetime:
        end: datetime = _entry(self._context.plan.stages, name, "阶段").ends_at
        return end

    def _after(self, n: int, unit: str, start: Any = None) -> datetime:
        if type(n) is not int or abs(n) > MAX_COUNTED:
            raise BadExpression(f"after 的天数须为整数，且不超过 {MAX_COUNTED}")
        if unit not in UNITS:
            raise BadExpression(f"after 的单位只能是 {'、'.join(UNITS)}")
        moment = self._context.now if start is None else as_moment(start)
        return after(self._context.calendar, moment, n, unit)


def as_moment(value: Any) -> datetime:
    """A moment from an expression's value: a moment, or an ISO text (a bare date or hour is Beijing's)."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str):
        raise BadExpression("表达式没有给出时间")
    try:
        return moment_of({"": value}, "")
    except ValueError:
        raise BadExpression(f"“{shown(value)}”不是时间") from None


def _entry(entries: Mapping[str, Any], name: Any, what: str) -> Any:
    if not isinstance(name, str) or name not in entries:
        raise BadExpression(f"方案中没有名为“{name}”的{what}")
    return entries[name]


def _why(source: str, names: Mapping[str, Any], tree: ast.expr, error: Exception) -> BadExpression:
    empty = sorted(name for name in names_in(tree) if names.get(name) is None)
    if empty and isinstance(error, TypeError):
        return Unset(f"表达式“{shown(source)}”无法计算：变量 {'、'.join(empty)} 尚未填写")
    return BadExpression(f"表达式“{shown(source)}”无法计算（{type(error).__name__}）")
