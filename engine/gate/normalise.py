"""What BPMN lets a modeller leave out or abbreviate is written out here, so that one meaning is left."""

from __future__ import annotations

from engine.gate.draft import Draft, DraftFlow, DraftNode, DraftScope
from engine.gate.report import Report


def normalise(draft: Draft, report: Report) -> None:
    """Links become flows; what else is abbreviated is read by `starts_of` and the run time as BPMN means it."""
    for scope in draft.scopes():
        _join_links(scope, report)


def _join_links(scope: DraftScope, report: Report) -> None:
    throws: dict[str, list[DraftNode]] = {}
    catches: dict[str, list[DraftNode]] = {}
    for node in scope.nodes.values():
        if node.link:
            side = throws if node.kind == "intermediateThrowEvent" else catches
            side.setdefault(node.link, []).append(node)
    for name, sources in throws.items():
        targets = catches.get(name, [])
        if len(targets) != 1:
            many = "有多个" if targets else "没有"
            report.refuse("link:target", sources[0].id, f"链接“{name[:40]}”在同一层里{many}捕获事件，须恰好一个")
            continue
        for source in sources:
            if source.outgoing:
                report.refuse("link:flow", source.id, f"{source.label}是链接的出口，不能再有连线离开")
            scope.connect(DraftFlow(f"{source.id}>{targets[0].id}", source.id, targets[0].id, drawn=False))
    for name, targets in catches.items():
        if name not in throws:
            report.refuse("link:source", targets[0].id, f"链接“{name[:40]}”没有抛出事件，{targets[0].label}永远到不了")


def starts_of(scope: DraftScope) -> list[DraftNode]:
    """The nodes that get a token when the scope starts: its start event, or in a sub-process without one every head."""
    events = [node for node in scope.nodes.values() if node.kind == "startEvent"]
    if events or scope.parent is None:
        return events
    return [node for node in scope.nodes.values() if not node.incoming and not node.attached_to]
