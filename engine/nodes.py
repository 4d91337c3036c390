"""What the elements of a diagram do: our task specs, on the library's life of a task.

A token is entered (`_update`), becomes ready, is run and is left. `begin` says whether an element is done at once or
waits; what it waits for is told in the changes, and `Instance.finish` or a command ends the wait.
"""

from __future__ import annotations

from typing import Any, cast

from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin, UserTaskMixin
from SpiffWorkflow.util.task import TaskState

from domain.deadlines import deadline
from domain.errors import Invalid
from engine import model
from engine.contract import Action, ChildPlan, ChildStart, Element, Opened, Scalar
from engine.expressions import BadExpression, shown
from engine.tokens import Instance, Stuck, SubScope, Token
from engine.values import to_scalar


class Node(BpmnSpecMixin):
    """A flow node. By itself it passes at once: plain and manual tasks, start events, gateways that only merge."""

    def __init__(
        self, wf_spec: Any, name: str, *, node: model.Node, element: Element, body: bool = False, **_: Any
    ) -> None:
        super().__init__(wf_spec, name, bpmn_name=element.name)
        self.bpmn_id = node.id
        self.node = node
        self.element = element
        self.body = body  # what a loop repeats; flows and boundaries are the loop's
        self.flows = () if body else node.flows
        self.boundaries = () if body else node.boundaries
        self.conditional = any(flow.condition is not None or flow.id == node.default for flow in self.flows)

    # -- the library's life of a task ----------------------------------------------------------------------------------
    def test(self) -> None:
        """The diagram was checked when it was published."""

    def _predict(self, *_: Any, **__: Any) -> None:
        """Nothing is predicted."""

    def _update_hook(self, token: Token) -> bool:
        if self.boundaries:
            armed = {other.task_spec.bpmn_id for other in token.workflow.owned(token)}  # by an entry that then failed
            for boundary in self.boundaries:
                if boundary not in armed:
                    token.workflow.spawn(boundary, token.data, owner=token.id)
        return True

    def _on_ready_hook(self, token: Token) -> None:
        token.workflow.top_workflow.agenda.append(token)

    def _run_hook(self, token: Token) -> bool | None:
        if not token.done and not self.begin(token):
            return None
        token.taken = self.take(token)
        return True

    def _on_complete_hook(self, token: Token) -> None:
        if token.removed:  # it withdrew itself while it ran: an end, an error, an interrupting escalation
            return
        scope, changes = token.workflow, token.workflow.top_workflow.changes
        if not self.body:
            changes.element_passed(self.bpmn_id)
        for flow in token.taken:
            if flow.drawn:
                changes.flow_passed(flow.id)
            scope.spawn(flow.target, token.data, flow=flow.id)
        self._drop(token)
        if self.body:
            loop = scope.tasks[str(token.owner)]
            loop.task_spec.returned(loop)

    def _on_cancel(self, token: Token) -> None:
        self.withdraw(token)
        self._drop(token)

    def withdraw(self, token: Token) -> None:
        """Take back what the host was told of, once."""
        if token.told:
            token.told = False
            self.withdrawn(token)

    def _drop(self, token: Token) -> None:
        scope = token.workflow
        scope._remove_task(token.id)
        if self.boundaries:
            for boundary in scope.owned(token):
                boundary.cancel()

    # -- what sub-classes say ------------------------------------------------------------------------------------------
    def begin(self, token: Token) -> bool:
        """Do the element's work; False if it has to wait."""
        return True

    def withdrawn(self, token: Token) -> None:
        """Tell that what the element waited for is not wanted any more."""

    def take(self, token: Token) -> tuple[model.Flow, ...]:
        """The flows to take: those without condition, those whose condition holds, or else the default."""
        if not self.conditional:
            return self.flows
        chosen = tuple(flow for flow in self.flows if flow.id != self.node.default and holds(flow, token))
        if not any(flow.condition is not None for flow in chosen):
            chosen += tuple(flow for flow in self.flows if flow.id == self.node.default)
        if not chosen:
            raise Stuck(f"{named(self.element)}的各个去向条件都不成立，又没有默认去向")
        return chosen

    def is_due(self, token: Token) -> bool:
        """Whether a token found in a stored state is still to be stepped."""
        return bool(token._state & (TaskState.FUTURE | TaskState.READY))

    def look_again(self, token: Token) -> None:
        """At rest: see whether something waited for has become true."""

    def proceed(self, token: Token) -> None:
        """Go on with an element that is running: only loops do."""


def holds(flow: model.Flow, token: Token) -> bool:
    """Whether the condition of a flow is true; an answer not given yet counts as no."""
    if flow.condition is None:
        return True
    return truth(flow.condition, token)


def truth(condition: str, token: Token) -> bool:
    """A condition's value, which must be yes or no."""
    value = token.workflow.script_engine.evaluate(token, condition)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise BadExpression(f"条件“{shown(condition)}”的结果不是“是”或“否”")


def named(element: Element) -> str:
    """An element as a sentence names it."""
    return f"“{element.name}”（{element.id}）" if element.name else f"“{element.id}”"


def _unit_value(rule: str, token: Token) -> Scalar:
    """The value of NAME for a unit rule `var:NAME`."""
    if not rule.startswith("var:"):
        return None
    value = {**token.workflow.top_workflow.variables, **token.data}.get(rule.removeprefix("var:"))
    if value is None:
        raise BadExpression(f"变量“{rule.removeprefix('var:')}”还没有值，无法确定承办单位")
    return to_scalar(value)


class UserTask(UserTaskMixin, Node):
    """Work for a person: it stays ready until it is completed."""

    def _on_ready_hook(self, token: Token) -> None:
        top: Instance = token.workflow.top_workflow
        rule = self.element.assignment.unit if self.element.assignment else ""
        top.changes.opened[token.id] = Opened(
            ref=token.id,
            element=self.bpmn_id,
            due_at=self._due(top),
            unit_value=_unit_value(rule, token),
            item=token.data.get("loopItem"),
        )
        token.told = True

    def _due(self, top: Instance) -> Any:
        if self.element.deadline is None:
            return None
        try:
            return deadline(
                top.context.plan, top.context.calendar, self.element.deadline, top.variables, top.context.now
            )
        except (Invalid, ValueError, KeyError) as error:
            raise Stuck(f"{named(self.element)}的时限无法计算：{error}") from None

    def withdrawn(self, token: Token) -> None:
        token.workflow.top_workflow.changes.task_closed(token.id)

    def is_due(self, token: Token) -> bool:
        return token._state == TaskState.FUTURE or (token._state == TaskState.READY and token.done)


class ServiceTask(Node):
    """Work for the host: it is told and waits for the results."""

    def begin(self, token: Token) -> bool:
        evaluate = token.workflow.script_engine.evaluate
        arguments = {name: to_scalar(evaluate(token, source)) for name, source in self.element.arguments.items()}
        action = Action(ref=token.id, element=self.bpmn_id, name=self.element.action or "", arguments=arguments)
        token.workflow.top_workflow.changes.actions[token.id] = action
        token.told = True
        return False

    def withdrawn(self, token: Token) -> None:
        token.workflow.top_workflow.changes.action_gone(token.id)


class CallActivity(Node):
    """One waiting token, however many children the host starts for it."""

    @property
    def plan(self) -> ChildPlan:
        """What the host has to start."""
        return cast(ChildPlan, self.element.child)

    def begin(self, token: Token) -> bool:
        evaluate = token.workflow.script_engine.evaluate
        inputs = {name: to_scalar(evaluate(token, source)) for name, source in self.plan.inputs.items()}
        unit = _unit_value(self.plan.unit, token)
        start = ChildStart(ref=token.id, element=self.bpmn_id, plan=self.plan, inputs=inputs, unit_value=unit)
        token.workflow.top_workflow.changes.children[token.id] = start
        token.told = True
        return False

    def withdrawn(self, token: Token) -> None:
        token.workflow.top_workflow.changes.child_gone(token.id)


class SubProcess(Node):
    """A scope of its own: its start tokens are set, and it is left when none is alive any more."""

    def begin(self, token: Token) -> bool:
        top: Instance = token.workflow.top_workflow
        spec = top.process.specs[self.node.scope]
        scope = SubScope(spec, token)
        top.subprocesses[token.id] = scope
        for element in spec.starts:
            scope.spawn(element, token.data)
        token.told = True
        return False

    def withdrawn(self, token: Token) -> None:
        scope = token.workflow.top_workflow.subprocesses.pop(token.id, None)
        if scope is not None:
            scope.cancel()


class ExclusiveGateway(Node):
    """The first flow whose condition holds, in the order of the diagram, else the default."""

    def take(self, token: Token) -> tuple[model.Flow, ...]:
        for flow in self.flows:
            if flow.id != self.node.default and holds(flow, token):
                return (flow,)
        for flow in self.flows:
            if flow.id == self.node.default:
                return (flow,)
        if not self.flows:
            return ()
        raise Stuck(f"{named(self.element)}的各个去向条件都不成立，又没有默认去向")


class Join(Node):
    """A gateway that may have to wait for tokens on its other incoming flows."""

    def _update_hook(self, token: Token) -> bool:
        if len(self.node.incoming) < 2:
            return True
        token._set_state(TaskState.WAITING)
        return False

    def _arrived(self, token: Token) -> dict[str, Token]:
        """The oldest waiting token on each incoming flow."""
        first: dict[str, Token] = {}
        for other in token.workflow.tasks.values():
            if other.task_spec is self and other._state == TaskState.WAITING and other.flow is not None:
                first.setdefault(other.flow, other)
        return first

    def _merge(self, arrived: dict[str, Token]) -> None:
        """One token goes on for all that arrived."""
        last, *others = sorted(arrived.values(), key=lambda token: -int(token.id))
        for other in others:
            other.workflow._remove_task(other.id)
        last._ready()


class ParallelGateway(Join):
    """Waits for one token on every incoming flow; surplus tokens stay for the next round."""

    def _update_hook(self, token: Token) -> bool:
        if super()._update_hook(token):
            return True
        arrived = self._arrived(token)
        if len(arrived) == len(self.node.incoming):
            self._merge(arrived)
        return False


class InclusiveGateway(Join):
    """Waits while a token elsewhere can still reach a flow on which none has arrived."""

    def look_again(self, token: Token) -> None:
        arrived = self._arrived(token)
        empty = [flow for flow in self.node.incoming if flow not in arrived]
        reach = self._wf_spec.reach(self.bpmn_id)
        for other in token.workflow.tasks.values():
            place = other.task_spec.bpmn_id
            if other.task_spec is self or (other.owner and other.task_spec.node.attached_to):
                continue  # an armed boundary event is no token; its activity is
            if any(place in reach[flow] for flow in empty) and not any(place in reach[flow] for flow in arrived):
                return
        self._merge(arrived)
