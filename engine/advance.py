"""`advance(process, state, command, context) -> Advance`: one command on one instance, run to rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from SpiffWorkflow.util.task import TaskState

from domain.errors import Conflict, Invalid
from engine.codec import WARN_FROM, dump, restore
from engine.contract import (
    ActionDone,
    Advance,
    ChildDone,
    ChildRaised,
    Command,
    Complete,
    Context,
    Deliver,
    Element,
    Move,
    Retry,
    Scalar,
    Start,
    Tick,
)
from engine.events import Boundary, Catch, attached_catcher, catch, catcher_of, deliver, raise_out
from engine.nodes import CallActivity, ServiceTask, UserTask, named
from engine.process import Process
from engine.tokens import Instance, Stuck, Token
from engine.values import fits, refuse_bad_scalars

COUNTS = ("total", "done", "failed", "cancelled")


def advance(process: Process, state: str | None, command: Command, context: Context) -> Advance:
    """Run one command. Raises Conflict or Invalid where nothing may change; everything else is in the Advance."""
    if (state is None) != isinstance(command, Start):
        raise ValueError("a new instance takes Start, and only Start")
    return carry_out(Instance(process) if state is None else restore(process, state), command, context)


def carry_out(instance: Instance, command: Command, context: Context) -> Advance:
    """The same on an instance in memory. It may be kept and used again: a stored state holds all there is."""
    if context.now.tzinfo is None:
        raise ValueError("context.now must be aware")
    instance.begin(context)
    COMMANDS[type(command)](instance, command)
    instance.run()
    changes, state = instance.changes, dump(instance)
    return Advance(
        state=state,
        variables=instance.variables,
        opened=tuple(changes.opened.values()),
        closed=tuple(changes.closed),
        timers=tuple(changes.timers.values()),
        timers_gone=tuple(changes.timers_gone),
        waits=tuple(changes.waits.values()),
        waits_gone=tuple(changes.waits_gone),
        children=tuple(changes.children.values()),
        children_gone=tuple(changes.children_gone),
        actions=tuple(changes.actions.values()),
        raised=tuple(changes.raised),
        passed=tuple(changes.passed),
        ended=instance.ended,
        faults=instance.faults,
        state_size_warning=len(state) > WARN_FROM,
    )


# -- commands ----------------------------------------------------------------------------------------------------------
def _start(instance: Instance, _: Start) -> None:
    refuse_bad_scalars(instance.context.variables)
    for element in instance.spec.starts:
        instance.spawn(element, {})


def _complete(instance: Instance, command: Complete) -> None:
    token = instance.index.get(command.ref)
    if token is None or token._state != TaskState.READY or not isinstance(token.task_spec, UserTask) or token.done:
        raise Conflict
    _refuse_bad_decisions(token.task_spec.element, command.decisions)
    instance.variables.update(command.decisions)
    token.task_spec.withdraw(token)
    instance.finish(token)


def _refuse_bad_decisions(element: Element, decisions: Mapping[str, Any]) -> None:
    refuse_bad_scalars(decisions)
    types = {output.variable: output.type for output in element.outputs}
    values: dict[str, list[str]] = {}
    for outcome in element.outcomes:
        values.setdefault(outcome.variable, []).append(outcome.value)
    for name, value in decisions.items():
        if name in values and (value in values[name] or (value is None and name in types)):
            continue
        if name not in types:
            raise Invalid(f"{named(element)}没有声明“{name}”的这个取值", fields={name: "取值不在所列选项中"})
        if not fits(value, types[name]):
            raise Invalid(f"{named(element)}的“{name}”类型不对", fields={name: f"类型须为 {types[name]}"})
    missing = [name for name in values if name not in decisions]
    if missing:
        raise Invalid(f"请选择{named(element)}的办理结果", fields=dict.fromkeys(missing, "请选择"))


def _tick(instance: Instance, command: Tick) -> None:
    ref, _, place = command.ref.partition(".")
    token = instance.index.get(ref)
    if token is None or token._state != TaskState.WAITING or not isinstance(token.task_spec, Catch):
        return
    spec, number = token.task_spec, int(place) if place.isdecimal() else 0
    triggers = spec.node.triggers
    known = number < len(triggers) and triggers[number].kind == "timer" and spec.ref(token, number) == command.ref
    if known and number not in token.info.get("seen", ()):
        spec.fire(token, number)


def _deliver(instance: Instance, command: Deliver) -> None:
    refuse_bad_scalars(command.payload)
    kinds = ("message", "signal") if command.kind is None else (command.kind,)
    taken = sum(deliver(instance, kind, command.name, command.ref) for kind in kinds)
    if taken:
        _set_declared(instance, command.payload)


def _set_declared(instance: Instance, values: Mapping[str, Scalar]) -> None:
    """What comes from outside is known under declared names only."""
    declared = instance.process.defaults
    instance.variables.update({name: value for name, value in values.items() if name in declared})


def _child_done(instance: Instance, command: ChildDone) -> None:
    token = _waiting(instance, command.ref, CallActivity)
    if token is None:
        return
    refuse_bad_scalars(command.outputs)
    plan = cast(CallActivity, token.task_spec).plan
    if plan.many:
        counts = {f"{token.task_spec.bpmn_id}_{name}": command.outputs.get(name, 0) for name in COUNTS}
        instance.variables.update(counts)
    else:
        instance.variables.update({variable: command.outputs.get(variable) for variable in plan.returns})
    token.task_spec.withdraw(token)
    instance.finish(token)


def _action_done(instance: Instance, command: ActionDone) -> None:
    token = _waiting(instance, command.ref, ServiceTask)
    if token is None:
        return
    refuse_bad_scalars(command.results)
    results = token.task_spec.element.results
    instance.variables.update({variable: command.results.get(key) for variable, key in results.items()})
    token.told = False
    instance.finish(token)


def _waiting(instance: Instance, ref: str, kind: type) -> Token | None:
    token = instance.index.get(ref)
    if token is None or token._state != TaskState.STARTED or not isinstance(token.task_spec, kind):
        return None  # late: it was interrupted or answered before
    return token


def _child_raised(instance: Instance, command: ChildRaised) -> None:
    token = _waiting(instance, command.ref, CallActivity)
    if token is None:
        return
    catcher = attached_catcher(token, command.kind, command.code)
    catcher = catcher or catcher_of(token.workflow, command.kind, command.code)
    if catcher is not None:
        catch(catcher)
        return
    raise_out(token, command.kind, command.code)
    if command.kind == "error":
        sentence = f"{named(token.task_spec.element)}下的流程抛出错误“{command.code}”，没有被任何边界事件捕获"
        instance.fail(token, Stuck(sentence), "child")


# -- administrators ----------------------------------------------------------------------------------------------------
def _move(instance: Instance, command: Move) -> None:
    token = instance.index.get(command.ref)
    if token is None:
        raise Conflict
    scope = token.workflow
    if command.to is None:
        _withdraw(token)
    else:
        if isinstance(token.task_spec, Boundary) and token.owner:
            raise Invalid("边界事件只能撤销，不能移动")
        if not _may_enter(scope, command.to):
            raise Invalid("只能移到同一层流程中的任务、子流程、事件或分支网关")
        scope.spawn(command.to, scope.task_tree.data)
        for other in _one_with(token):
            other.cancel()
    instance.settle(scope)


def _withdraw(token: Token) -> None:
    """Without it things go on as if it were done: a repetition counts, the other awaited events stay."""
    loop = token.workflow.tasks.get(str(token.owner)) if token.task_spec.body else None
    token.cancel()
    if loop is not None:
        loop.task_spec.returned(loop)


def _one_with(token: Token) -> list[Token]:
    """What is the same token for a reader of the diagram: all repetitions, all events behind one gateway."""
    scope = token.workflow
    if token.task_spec.body:
        return [scope.tasks[str(token.owner)]]
    return [other for other in scope.tasks.values() if other.owner == token.owner] if token.owner else [token]


def _may_enter(scope: Any, element: str) -> bool:
    node = scope.spec.nodes.get(element)
    if node is None or node.attached_to or node.kind == "startEvent":
        return False
    return node.kind not in ("parallelGateway", "inclusiveGateway") or len(node.incoming) < 2


def _retry(instance: Instance, command: Retry) -> None:
    token = instance.index.get(command.ref)
    if token is None or token._state != TaskState.ERROR:
        raise Conflict
    phase = token.info.pop("fault")[0]
    if phase == "child":  # its group of children is known under the old reference
        token.workflow.spawn(token.task_spec.bpmn_id, token.data)
        token.cancel()
        return
    token._set_state(AGAIN[phase])
    instance.agenda.append(token)


AGAIN = {
    "enter": TaskState.FUTURE,
    "run": TaskState.READY,
    "leave": TaskState.READY,
    "proceed": TaskState.STARTED,
}
COMMANDS: dict[type, Any] = {
    Start: _start,
    Complete: _complete,
    Tick: _tick,
    Deliver: _deliver,
    ChildDone: _child_done,
    ChildRaised: _child_raised,
    ActionDone: _action_done,
    Move: _move,
    Retry: _retry,
}
