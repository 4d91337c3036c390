"""`docs/bpmn-support.md`, written from the table: `python -m tests.engine.conformance.page`."""

from __future__ import annotations

from pathlib import Path

from engine import check
from tests.engine.conformance import (  # noqa: F401  (they fill the table)
    activities,
    gateways,
    happenings,
    others,
    repetitions,
    throwing,
)
from tests.engine.conformance.table import ROWS, Row
from tests.engine.host import ACTIONS, PLAN

PAGE = Path(__file__).resolve().parents[3] / "docs" / "bpmn-support.md"
INTRODUCTION = """# 流程图支持哪些 BPMN 元素

由 `python -m tests.engine.conformance.page` 生成，与测试用同一张表：每一行都有一张流程图，
“支持”的由测试实际运行证明，“拒绝”的在发布时给出所列的一句话。“归一”指 SpiffWorkflow 3.2.0 本身出错、
只支持一部分或不接受，由本系统按 BPMN 的含义补足。“库”一列是该库的原样表现：
OK 正常，CAV 有条件，SIL 接受但悄悄做错，ERR 报错。
"""


def page() -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    for group in dict.fromkeys(row.group for row in ROWS):
        lines += [f"## {group}", "", "| 元素 | 库 | 本系统 | 说明 |", "|---|---|---|---|"]
        lines += [
            f"| {row.element} | {row.library} | {row.ours} | {_remark(row)} |" for row in ROWS if row.group == group
        ]
        lines.append("")
    return "\n".join(lines)


def _remark(row: Row) -> str:
    if row.ours != "拒绝":
        return row.note
    found = check(row.diagram(), plan=PLAN, actions=ACTIONS, called=["child"])
    return next(finding.sentence for finding in found if finding.rule == row.rule).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
