"""Statements as Excel files: the overview of a report's periods."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.authority import Actor
from domain.workdays import BEIJING
from services import excel, statements


def overview(actor: Actor, choice: statements.Choice, now: datetime) -> excel.Sheet:
    """Units by periods, each cell in words."""
    found = statements.overview(actor, choice, now)
    if found is None:
        return excel.Sheet(title="报送情况", head=("组别", "单位"), rows=())
    return excel.Sheet(
        title=f"{found.report_name}报送情况",
        subtitle=f"{found.campaign}　{found.rule_text}",
        head=("组别", "单位", *(_weeks(column) for column in found.columns)),
        rows=[
            (title, line.unit, *(cell.sign.word if cell else "不须报送" for cell in line.cells))
            for title, lines in found.groups
            for line in lines
        ],
    )


def _weeks(column: statements.Column) -> str:
    last = column.ends_at - timedelta(microseconds=1)
    return f"{column.starts_at.astimezone(BEIJING):%Y-%m-%d} 至 {last.astimezone(BEIJING):%Y-%m-%d}"
