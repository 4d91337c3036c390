"""Loop characteristics of an activity; on a call activity they are the host's and say only of whom or what."""

from __future__ import annotations

from lxml import etree

from engine.gate.draft import ACTIVITIES, DraftNode, child_text, children, own
from engine.gate.report import Report
from engine.gate.vocabulary import check_element
from engine.loops import MAX_REPETITIONS
from engine.model import Loop

MANY = ("over", "measures", "campaigns")  # what a call activity starts many children by


def read_loop(node: DraftNode, report: Report) -> None:
    """Fill a node's loop."""
    found = children(node.xml, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
    if not found:
        return
    if node.kind not in ACTIVITIES or len(found) > 1:
        report.refuse("loop:place", node.id, f"{node.label}不能有这样的循环设置")
        return
    loop = found[0]
    check_element(loop, report)
    if loop.tag.endswith("standardLoopCharacteristics"):
        node.loop = _standard(node, loop, report)
    elif node.kind == "callActivity":
        _check_call(node, loop, report)
    else:
        node.loop = _multi_instance(node, loop, report)


def _standard(node: DraftNode, loop: etree._Element, report: Report) -> Loop | None:
    if node.kind == "callActivity":
        report.refuse("loop:call", node.id, f"{node.label}不能循环调用，请用多实例并指明 bihuan:over")
        return None
    condition = child_text(loop, "loopCondition") or None
    limit = loop.get("loopMaximum")
    maximum = int(limit) if limit and limit.isascii() and limit.isdecimal() and len(limit) < 6 else None
    if limit is not None and not (maximum and maximum <= MAX_REPETITIONS):
        report.refuse("loop:maximum", node.id, f"{node.label}的循环次数须为 1 到 {MAX_REPETITIONS}")
    if condition is None and limit is None:
        report.refuse("loop:endless", node.id, f"{node.label}的循环没有条件，也没有最多次数")
    before = loop.get("testBefore", "false") == "true"
    return Loop(kind="standard", condition=condition, maximum=maximum, test_before=before)


def _check_call(node: DraftNode, loop: etree._Element, report: Report) -> None:
    named = [name for name in MANY if own(loop, name) is not None]
    if not named:
        sentence = (
            f"{node.label}是多实例调用，须用 bihuan:over 指明方案中的单位组，"
            "或用 bihuan:measures 指明措施清单，或用 bihuan:campaigns 启动下级行动"
        )
        report.refuse("loop:over", node.id, sentence)
    elif len(named) > 1:
        both = "、".join(f"bihuan:{name}" for name in named)
        report.refuse("loop:over", node.id, f"{node.label}的 {both} 只能写一个")
    elif named == ["measures"] and loop.get("isSequential") == "true":
        report.refuse("loop:sequential", node.id, f"{node.label}下达措施清单，各件同时进行，不能设为逐个办理")
    for name in ("loopCardinality", "loopDataInputRef", "completionCondition", "loopDataOutputRef"):
        if children(loop, name):
            report.refuse(
                "loop:call", node.id, f"{node.label}分发给多个单位，不用 {name}；完成条件写 bihuan:completion"
            )


def _multi_instance(node: DraftNode, loop: etree._Element, report: Report) -> Loop | None:
    count, items = child_text(loop, "loopCardinality"), child_text(loop, "loopDataInputRef")
    if any(own(loop, name) is not None for name in (*MANY, "completion")):
        sentence = (
            f"{node.label}不是调用活动，不能用 {'、'.join(f'bihuan:{name}' for name in MANY)} 和 bihuan:completion"
        )
        report.refuse("loop:over", node.id, sentence)
    if bool(count) == bool(items):
        report.refuse("loop:source", node.id, f"{node.label}的多实例须写且只写一项：次数（loopCardinality）或集合")
        return None
    if children(loop, "loopDataOutputRef", "outputDataItem"):
        sentence = f"{node.label}的多实例输出集合不支持：流程变量只存单个值，请用声明的输出"
        report.refuse("loop:output", node.id, sentence)
    for name in ("complexBehaviorDefinition", "oneBehaviorEventRef", "noneBehaviorEventRef"):
        if children(loop, name):
            report.refuse("loop:behavior", node.id, f"{node.label}的多实例不支持 {name}")
    if count.isascii() and count.isdecimal() and (len(count) > 6 or int(count) > MAX_REPETITIONS):
        report.refuse("loop:count", node.id, f"{node.label}的多实例超过 {MAX_REPETITIONS} 个，请改用调用活动按单位分发")
    return Loop(
        kind="sequential" if loop.get("isSequential") == "true" else "parallel",
        count=count or None,
        items=items or None,
        item=_item(node, loop, report),
        condition=child_text(loop, "completionCondition") or None,
    )


def _item(node: DraftNode, loop: etree._Element, report: Report) -> str | None:
    for item in children(loop, "inputDataItem"):
        name = (item.get("name") or item.get("id") or "").strip()
        if name.isidentifier():
            return name
        report.refuse("loop:item", node.id, f"{node.label}的循环项名称“{name[:40]}”不能作变量名")
    return None
