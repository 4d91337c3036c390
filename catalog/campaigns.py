"""A campaign folder -> a checked definition: plan, diagrams and forms that fit together, or Refused with all faults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import engine
from catalog.folder import MAX_DIAGRAM, MAX_PLAN, files_of, read, read_form, read_text
from catalog.forms import check_form
from catalog.links import link_findings
from catalog.plans import dump, parse_plan
from catalog.programmes import PLAN_FILE, family_findings, key_of, list_campaigns, parent_of
from catalog.steps import in_words_of, step_findings
from domain.errors import Finding, NotFound, Refused
from domain.plan import Plan
from engine.contract import ActionSignature, CompiledProcess

T = TypeVar("T")
FORMS_FOLDER = "forms"
UNITS_FOLDER = "units"  # beside the shared diagrams


@dataclass(frozen=True, kw_only=True)
class CampaignDefinition:
    """What a campaign folder says, checked: this is what publication freezes."""

    key: str
    plan: Plan
    plan_json: str  # `catalog.plans.plan_of` gives the plan back
    processes: Mapping[str, CompiledProcess]
    forms: Mapping[str, Mapping[str, Any]]
    digest: str  # changes with the plan, a diagram (its drawing too) or a form


def load_campaign(
    folder: Path, shared: Path, forms: Path, *, actions: Mapping[str, ActionSignature] | None = None
) -> CampaignDefinition:
    """The definition in `folder`, with the shared diagrams and forms it reaches; raises Refused with every fault."""
    plan = _plan(folder, shared.parent / UNITS_FOLDER)
    found = _Faults()
    found.add(found.catch("", lambda: family_findings(folder, plan)) or [])
    library = found.catch("", lambda: _library(folder, shared)) or {}
    form_files = found.catch("", lambda: _form_files(folder, forms)) or {}
    own = [key for key, path in library.items() if path.parent == folder]
    wanted = _wanted(found, plan, library, own)
    processes = _compiled(found, library, wanted, plan, actions or {})
    schemas = _forms(found, processes, form_files)
    found.add(link_findings(plan, processes, schemas))
    found.add(step_findings(plan, library if found.findings else processes))
    found.refuse()
    return _definition(key_of(folder), plan, processes, schemas)


class _Faults:
    """Findings of all files, in order, so that one refusal names everything."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, findings: Iterable[Finding]) -> None:
        self.findings.extend(findings)

    def catch(self, name: str, step: Callable[[], T]) -> T | None:
        """The step's result, or None with its faults kept, each under the name of its file."""
        try:
            return step()
        except Refused as refused:
            for finding in refused.findings:
                sentence = f"{name}：{finding.sentence}" if name else finding.sentence
                self.findings.append(
                    Finding(finding.rule, sentence, element=finding.element, severity=finding.severity)
                )
        return None

    def refuse(self) -> None:
        errors = {finding.sentence: finding for finding in self.findings if finding.severity == "error"}
        if errors:
            raise Refused(list(errors.values()))


def _plan(folder: Path, directories: Path) -> Plan:
    """Without a plan nothing else can be checked, so its faults come alone."""
    if folder.is_symlink() or not folder.is_dir() or not (folder / PLAN_FILE).exists():
        raise NotFound(f"没有名为“{folder.name}”的行动方案")
    plan = parse_plan(read_text(folder / PLAN_FILE, MAX_PLAN), directories)
    if plan.id != key_of(folder):
        raise Refused([Finding("folder.key", f"方案 id“{plan.id}”应与文件夹名“{key_of(folder)}”一致", element="id")])
    return plan


def _library(folder: Path, shared: Path) -> dict[str, Path]:
    """process id -> file; the folder's own diagram wins over its programme's, and that over a shared one."""
    parent = parent_of(folder)
    above = files_of(parent, ".bpmn") if parent else {}
    return {**files_of(shared, ".bpmn"), **above, **files_of(folder, ".bpmn")}


def _form_files(folder: Path, forms: Path) -> dict[str, Path]:
    """form key -> file, in the same order."""
    parent = parent_of(folder)
    above = files_of(parent / FORMS_FOLDER, ".json") if parent else {}
    return {**files_of(forms, ".json"), **above, **files_of(folder / FORMS_FOLDER, ".json")}


def _wanted(found: _Faults, plan: Plan, library: Mapping[str, Path], own: list[str]) -> list[str]:
    """The folder's diagrams, its root and those its plan names; the default root must be the folder's own.

    A programme's folder is its children's library too: of its diagrams it takes those that it uses itself.
    """
    named = [*plan.raw.get("diagrams", []), *(entry.process for entry in plan.standing.values())]
    lacking = [key for key in named if key not in library]
    found.add([Finding("folder.process", f"方案列出的流程“{key}”没有流程图", element=key) for key in lacking])
    root = plan.root
    if root not in (library if "root" in plan.raw else own):
        found.add([Finding("folder.process", f"缺少主流程 {root}.bpmn", element=root)])
    scheduled = [report.process for report in plan.reports.values() if report.process and not report.later]
    used = [key for key in own if key in scheduled] if plan.children else own
    return [key for key in dict.fromkeys([*used, root, *named]) if key in library]


def _compiled(
    found: _Faults,
    library: Mapping[str, Path],
    wanted: list[str],
    plan: Plan,
    actions: Mapping[str, ActionSignature],
) -> dict[str, CompiledProcess]:
    """These diagrams and those they call, each through the engine's gate."""
    processes: dict[str, CompiledProcess] = {}
    waiting = list(wanted)
    seen = set(waiting)
    while waiting:
        key = waiting.pop(0)
        path = library[key]
        process = found.catch(path.name, partial(_compile, path, plan, library, actions))
        if process is None:
            continue
        if process.key != key:
            sentence = f"{path.name}：流程 id“{process.key}”应与文件名一致"
            found.add([Finding("folder.process", sentence, element=process.key)])
        processes[key] = process
        called = [name for name in process.called if name in library and name not in seen]
        seen.update(called)
        waiting.extend(called)
    return processes


def _compile(
    path: Path, plan: Plan, library: Mapping[str, Path], actions: Mapping[str, ActionSignature]
) -> CompiledProcess:
    xml = in_words_of(plan, path.stem, read(path, MAX_DIAGRAM))
    return engine.compile_process(xml, plan=plan, actions=actions, called=library.keys())


def _forms(
    found: _Faults, processes: Mapping[str, CompiledProcess], files: Mapping[str, Path]
) -> dict[str, Mapping[str, Any]]:
    """The forms that the diagrams use, checked; one that fails is there, but empty: it has no fields to look up."""
    used = {element.form for process in processes.values() for element in process.elements.values() if element.form}
    return {key: found.catch(files[key].name, partial(_form, files[key])) or {} for key in sorted(used & files.keys())}


def _form(path: Path) -> Mapping[str, Any]:
    form = read_form(path)
    findings = check_form(form)
    if any(finding.severity == "error" for finding in findings):
        raise Refused(findings)
    return form


def _definition(
    key: str, plan: Plan, processes: Mapping[str, CompiledProcess], forms: Mapping[str, Mapping[str, Any]]
) -> CampaignDefinition:
    plan_json = dump(plan)
    parts = [plan_json]
    parts += [f"{name}\n{process.digest}\n{process.xml}" for name, process in sorted(processes.items())]
    parts += [f"{name}\n{json.dumps(form, ensure_ascii=False)}" for name, form in sorted(forms.items())]
    digest = hashlib.sha256("\x00".join(parts).encode()).hexdigest()
    return CampaignDefinition(key=key, plan=plan, plan_json=plan_json, processes=processes, forms=forms, digest=digest)


__all__ = ["CampaignDefinition", "list_campaigns", "load_campaign"]
