"""From text to a published process: every check, in an order in which each can rely on those before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from domain.errors import Finding, Refused
from domain.plan import Plan
from engine.contract import ActionSignature, CompiledProcess, Element
from engine.gate.build import build
from engine.gate.draft import Draft
from engine.gate.elements import read_elements
from engine.gate.game import check_tokens
from engine.gate.names import check_completion, check_host, check_names, collect
from engine.gate.normalise import normalise
from engine.gate.outcomes import check_complete
from engine.gate.read import read
from engine.gate.report import Report
from engine.gate.shape import check_shape
from engine.intake import parse
from engine.model import Model, dump_model
from engine.process import digest_of


def compile_process(
    xml: bytes,
    *,
    plan: Plan | None = None,
    actions: Mapping[str, ActionSignature] | None = None,
    called: Collection[str] | None = None,
) -> CompiledProcess:
    """Check a diagram and make it storable; raises Refused with all findings at once.

    Without a plan its entries are not looked up, without `called` not the processes; actions are always looked up.
    """
    report, model = _examine(xml, plan, actions or {}, called)
    if model is None:
        raise Refused(report.errors)
    spec = dump_model(model)
    return CompiledProcess(
        key=model.key,
        name=model.name,
        spec=spec,
        digest=digest_of(spec),
        xml=_as_text(xml),
        elements=model.elements,
        called=model.called,
        schedule=model.schedule,
    )


def check(
    xml: bytes,
    *,
    plan: Plan | None = None,
    actions: Mapping[str, ActionSignature] | None = None,
    called: Collection[str] | None = None,
) -> list[Finding]:
    """All findings about a diagram, hints too, for a modeller."""
    try:
        return _examine(xml, plan, actions or {}, called)[0].findings
    except Refused as refused:
        return list(refused.findings)


def _examine(
    xml: bytes, plan: Plan | None, actions: Mapping[str, ActionSignature], called: Collection[str] | None
) -> tuple[Report, Model | None]:
    report = Report()
    draft = read(parse(xml), report)
    if draft is None:
        return report, None
    elements = read_elements(draft, report)
    normalise(draft, report)
    check_shape(draft, report)
    _check_meaning(draft, elements, plan, actions, called, report)
    if report.errors:
        return report, None
    check_tokens(draft, report)
    return report, None if report.errors else build(draft, elements, collect(draft, elements, actions, report))


def _check_meaning(
    draft: Draft,
    elements: dict[str, Element],
    plan: Plan | None,
    actions: Mapping[str, ActionSignature],
    called: Collection[str] | None,
    report: Report,
) -> None:
    names = collect(draft, elements, actions, report)
    check_names(draft, elements, names, plan, report)
    check_completion(elements, report)
    check_complete(draft, elements, names, report)
    check_host(draft, elements, plan, actions, called, report)


def _as_text(xml: bytes) -> str:
    """The diagram as drawn; one in another encoding is written out anew."""
    try:
        return xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        from lxml import etree

        return etree.tostring(parse(xml), encoding="unicode")
