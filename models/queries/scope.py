"""The data scope as a condition: a unit's tree is a range of paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from models.directory import Unit

# behind every path that begins with the prefix, in the order of bytes
_AFTER = "\uffff"


def behind(path: str) -> str:
    """The first path that lies behind this one's tree."""
    return path + _AFTER


def inside(paths: Sequence[str] | None, column: Any = Unit.path) -> ColumnElement[bool]:
    """Whether a unit's path lies in one of these trees; None = everywhere."""
    if paths is None:
        return true()
    if not paths:
        return false()
    return or_(*(and_(column >= path, column < behind(path)) for path in paths))


def like(text: str) -> str:
    """A LIKE pattern for text anywhere, with the escape character `!`."""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def overdue(task: Any, now: Any) -> ColumnElement[bool]:
    """Whether a task's limit has passed in somebody's hands; one that arrived late is nobody's fault."""
    return and_(task.due_at < now, task.due_at > task.opened_at)


def called(text: str) -> ColumnElement[bool]:
    """Whether the text is in a unit's name, its short name or another name that notices give it."""
    columns = (Unit.name, Unit.short_name, Unit.other_names)
    return or_(*(column.like(like(text), escape="!") for column in columns))
