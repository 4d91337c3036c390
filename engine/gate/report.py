"""The findings of one check, and how a sentence names an element."""

from __future__ import annotations

from domain.errors import Finding

KINDS = {
    "process": "流程",
    "startEvent": "开始事件",
    "endEvent": "结束事件",
    "intermediateCatchEvent": "中间捕获事件",
    "intermediateThrowEvent": "中间抛出事件",
    "boundaryEvent": "边界事件",
    "task": "任务",
    "userTask": "用户任务",
    "manualTask": "手工任务",
    "serviceTask": "服务任务",
    "sendTask": "发送任务",
    "receiveTask": "接收任务",
    "scriptTask": "脚本任务",
    "businessRuleTask": "业务规则任务",
    "callActivity": "调用活动",
    "subProcess": "子流程",
    "transaction": "事务子流程",
    "adHocSubProcess": "即席子流程",
    "exclusiveGateway": "排他网关",
    "inclusiveGateway": "包容网关",
    "parallelGateway": "并行网关",
    "eventBasedGateway": "事件网关",
    "complexGateway": "复杂网关",
    "sequenceFlow": "连线",
}


class Report:
    """Findings in the order in which they were made; the same one is kept once."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._seen: set[tuple[str, str, str]] = set()

    def refuse(self, rule: str, element: str, sentence: str) -> None:
        """A reason not to publish."""
        self._add(Finding(rule, sentence, element=element))

    def hint(self, rule: str, element: str, sentence: str) -> None:
        """Something worth knowing that does not stand in the way."""
        self._add(Finding(rule, sentence, element=element, severity="hint"))

    def _add(self, finding: Finding) -> None:
        key = (finding.rule, finding.element, finding.sentence)
        if key not in self._seen:
            self._seen.add(key)
            self.findings.append(finding)

    @property
    def errors(self) -> list[Finding]:
        """The findings that refuse the diagram."""
        return [finding for finding in self.findings if finding.severity == "error"]


def label(kind: str, name: str, ident: str) -> str:
    """`用户任务“填报”（fill）`."""
    word = KINDS.get(kind, "元素")
    shown = " ".join(name.split())[:40]
    return f"{word}“{shown}”（{ident[:60]}）" if shown else f"{word}（{ident[:60]}）"
