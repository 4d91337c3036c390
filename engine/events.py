"""Catching, throwing and attached events, and the gateway that waits for the first of several."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from SpiffWorkflow.util.task import TaskState

from engine import model
from engine.contract import Raised, TimerSet, Wait
from engine.expressions import Unset
from engine.nodes import Node, named, truth
from engine.timers import Armed, arm, rearm
from engine.tokens import Instance, Stuck, SubScope, Token, TokenScope


class Uncaught(Stuck):
    """An error that nothing in the instance catches."""


class Catch(Node):
    """Waits for a message, a signal, a moment or a condition; for any of several, or for all of them."""

    def _update_hook(self, token: Token) -> bool:
        super()._update_hook(token)
        if not self.node.triggers:
            return True  # the catching side of a link
        # what can fail is done before the host is told of anything
        plans = [self._plan(token, trigger) for trigger in self.node.triggers]
        token._set_state(TaskState.WAITING)
        token.told = True
        for place, (trigger, armed) in enumerate(zip(self.node.triggers, plans, strict=True)):
            self._await(token, place, trigger, armed)
            if token._state != TaskState.WAITING:
                break  # a condition was true already
        return False

    def _plan(self, token: Token, trigger: model.Trigger) -> Armed | None:
        """What may fail of waiting: a timer's moment, a condition's value."""
        top: Instance = token.workflow.top_workflow
        if trigger.kind == "conditional":
            _holds_yet(trigger.expression, token)
        return arm(trigger, top.context, top.language, token.data) if trigger.kind == "timer" else None

    def _await(self, token: Token, place: int, trigger: model.Trigger, armed: Armed | None) -> None:
        ref, changes = self.ref(token, place), token.workflow.top_workflow.changes
        if armed is not None:
            self._set_timer(token, ref, armed, trigger)
        elif trigger.kind in ("message", "signal"):
            changes.waits[ref] = Wait(ref=ref, element=self.bpmn_id, kind=trigger.kind, name=trigger.name)
        elif trigger.kind == "conditional":
            self._check(token, place, trigger)

    def _set_timer(self, token: Token, ref: str, armed: Armed, trigger: model.Trigger) -> None:
        if trigger.timer == "cycle":
            token.info["round"] = [armed.start.isoformat(), armed.rnd]
        token.workflow.top_workflow.changes.timers[ref] = TimerSet(ref=ref, element=self.bpmn_id, due_at=armed.due_at)

    def _check(self, token: Token, place: int, trigger: model.Trigger) -> None:
        """A condition fires when it turns true, or is true on entry."""
        was, now = token.info.get("held", False), _holds_yet(trigger.expression, token)
        if was != now:
            token.info["held"] = now
        if now and not was:
            self.fire(token, place)

    def ref(self, token: Token, place: int) -> str:
        """Several triggers of one event have a reference each."""
        return token.id if len(self.node.triggers) == 1 else f"{token.id}.{place}"

    def look_again(self, token: Token) -> None:
        for place, trigger in enumerate(self.node.triggers):
            if trigger.kind == "conditional" and not token.removed and token._state == TaskState.WAITING:
                self._check(token, place, trigger)

    def awaits(self, token: Token, kind: str, name: str) -> int | None:
        """The place among the triggers of the one that is waited for, or None."""
        if token._state != TaskState.WAITING:
            return None
        for place, trigger in enumerate(self.node.triggers):
            if trigger.kind == kind and trigger.name == name and place not in token.info.get("seen", ()):
                return place
        return None

    def fire(self, token: Token, place: int) -> None:
        """One trigger has come."""
        if self.node.all_of:
            seen = token.info.setdefault("seen", [])
            seen.append(place)
            self._gone(token, [place])
            if len(seen) < len(self.node.triggers):
                return
        self.occur(token, place)

    def occur(self, token: Token, place: int) -> None:
        """The event has happened: what else was waited for is not any more."""
        self.withdraw(token)
        if token.owner:
            self._first_of_group(token)
        token._ready()

    def _first_of_group(self, token: Token) -> None:
        others = [other for other in token.workflow.tasks.values() if other.owner == token.owner and other is not token]
        token.workflow.top_workflow.changes.flow_passed(str(token.flow))
        token.owner = None
        for other in others:
            other.cancel()

    def withdrawn(self, token: Token) -> None:
        seen = token.info.get("seen", ())
        self._gone(token, [place for place in range(len(self.node.triggers)) if place not in seen])

    def _gone(self, token: Token, places: list[int]) -> None:
        changes = token.workflow.top_workflow.changes
        for place in places:
            kind, ref = self.node.triggers[place].kind, self.ref(token, place)
            if kind == "timer":
                changes.timer_gone(ref)
            elif kind in ("message", "signal"):
                changes.wait_gone(ref)


class Boundary(Catch):
    """An event attached to an activity: it ends the activity, or starts a path beside it and stays armed."""

    def occur(self, token: Token, place: int) -> None:
        scope = token.workflow
        if self.node.interrupting:
            self.withdraw(token)
            host, token.owner = scope.tasks[str(token.owner)], None
            token._ready()
            host.cancel()
            return
        path = scope.spawn(self.name, token.data)
        path._set_state(TaskState.READY)
        if self.node.triggers[place].kind == "timer":
            self._next_round(token, place)

    def _next_round(self, token: Token, place: int) -> None:
        """A timer that fired is gone; a cycle goes on under a new reference, so that a late tick finds nothing."""
        top: Instance = token.workflow.top_workflow
        trigger = self.node.triggers[place]
        top.changes.timer_gone(self.ref(token, place))
        armed = None
        if trigger.timer == "cycle":
            start, rnd = token.info["round"]
            armed = rearm(trigger, datetime.fromisoformat(start), rnd, top.context)
        owner, scope = token.owner, token.workflow
        scope._remove_task(token.id)
        if armed is not None:
            following = scope.spawn(self.name, token.data, owner=owner)
            top.agenda.remove(following)
            following._set_state(TaskState.WAITING)
            following.told = True
            self._set_timer(following, self.ref(following, place), armed, trigger)


def _holds_yet(condition: str, token: Token) -> bool:
    """A condition over variables that are still empty is one that does not hold yet."""
    try:
        return truth(condition, token)
    except Unset:
        return False


class EventGateway(Node):
    """Waits for the first of the events behind it."""

    def _on_complete_hook(self, token: Token) -> None:
        token.workflow.top_workflow.changes.element_passed(self.bpmn_id)
        for flow in token.taken:
            token.workflow.spawn(flow.target, token.data, flow=flow.id, owner=token.id)
        self._drop(token)


class Throw(Node):
    """A throwing event on the way, an end event or a send task."""

    def _run_hook(self, token: Token) -> bool | None:
        done = super()._run_hook(token)
        token.caught = [self._seek(token, trigger) for trigger in self.node.triggers]
        return done

    def _seek(self, token: Token, trigger: model.Trigger) -> Token | None:
        """Who catches an error, escalation or cancel event; known before anything is left."""
        if trigger.kind not in ("error", "escalation", "cancel"):
            return None
        catcher = catcher_of(token.workflow, trigger.kind, trigger.name)
        if catcher is None and trigger.kind == "error":
            raise_out(token, trigger.kind, trigger.name)
            raise Uncaught(f"{named(self.element)}抛出的错误“{trigger.name}”没有被任何边界事件捕获")
        return catcher

    def _on_complete_hook(self, token: Token) -> None:
        caught, scope = token.caught, token.workflow
        super()._on_complete_hook(token)
        for trigger, catcher in zip(self.node.triggers, caught, strict=False):
            self._throw(scope, token, trigger, catcher)

    def _throw(self, scope: TokenScope, token: Token, trigger: model.Trigger, catcher: Token | None) -> None:
        top: Instance = scope.top_workflow
        if trigger.kind == "terminate":
            for other in list(scope.tasks.values()):
                other.cancel()
        elif trigger.kind in ("message", "signal"):
            taken = deliver(top, trigger.kind, trigger.name)
            if not taken or trigger.kind == "signal":  # a signal is for everybody
                raise_out(token, trigger.kind, trigger.name)
        elif catcher is not None:
            catch(catcher)
        elif trigger.kind == "escalation":
            raise_out(token, trigger.kind, trigger.name)


def raise_out(token: Token, kind: str, name: str) -> None:
    """It goes beyond this instance: the host is told."""
    raised = Raised(kind=kind, name=name, element=token.task_spec.bpmn_id)
    token.workflow.top_workflow.changes.raised.append(raised)


def deliver(top: Instance, kind: str, name: str, ref: str | None = None) -> int:
    """Hand a signal to all that wait for it, a message to the one that has waited longest; how many took it."""
    taken = 0
    for token in list(top.tokens()):
        spec = token.task_spec
        if token.removed or not isinstance(spec, Catch):
            continue
        place = spec.awaits(token, kind, name)
        if place is None or ref not in (None, spec.ref(token, place)):
            continue
        spec.fire(token, place)
        taken += 1
        if kind == "message":
            break
    return taken


def catcher_of(scope: TokenScope, kind: str, code: str) -> Token | None:
    """The boundary event that catches what is thrown in a scope: the nearest activity around it, never a sibling."""
    while isinstance(scope, SubScope):
        catcher = attached_catcher(scope.host, kind, code)
        if catcher is not None or kind == "cancel":
            return catcher
        scope = scope.host.workflow
    return None


def attached_catcher(activity: Token, kind: str, code: str) -> Token | None:
    """The boundary event of one activity: that with the code first, then one that catches every code."""
    scope = activity.workflow
    if activity.task_spec.body:
        activity = scope.tasks[str(activity.owner)]
    fitting: dict[str, Token] = {}
    for token in scope.owned(activity):
        for trigger in token.task_spec.node.triggers:
            if trigger.kind == kind and token._state in (TaskState.FUTURE, TaskState.WAITING):
                fitting.setdefault(trigger.name, token)
    return fitting.get(code) or fitting.get("")


def catch(boundary: Token) -> None:
    """Let a boundary event happen for an error, an escalation or a cancel event."""
    spec = cast(Boundary, boundary.task_spec)
    kinds = [trigger.kind for trigger in spec.node.triggers]
    place = next(i for i, kind in enumerate(kinds) if kind in ("error", "escalation", "cancel"))
    spec.occur(boundary, place)
