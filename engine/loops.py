"""Activities repeated inside the instance: several at once, one after the other, or while a condition holds."""

from __future__ import annotations

from typing import Any, cast

from SpiffWorkflow.util.task import TaskState

from engine import model
from engine.expressions import BadExpression
from engine.nodes import Node, named, truth
from engine.tokens import Instance, Stuck, Token
from engine.values import is_scalar

MAX_REPETITIONS = 2_000


class Loop(Node):
    """The frame of a repeated activity: flows and boundary events are its own, the work is done by its body."""

    def __init__(self, wf_spec: Any, name: str, *, node: model.Node, **given: Any) -> None:
        super().__init__(wf_spec, name, node=node, **given)
        self.loop = cast(model.Loop, node.loop)

    def begin(self, token: Token) -> bool:
        loop = self.loop
        token.info.update(done=0, next=0)
        if loop.kind == "standard":
            if loop.test_before and not self._goes_on(token):
                return True
            self._repeat(token)
            token.told = True
            return False
        items = self._items(token)
        token.info["total"] = len(items)
        if not items:
            return True
        if loop.kind == "sequential":
            if loop.items:
                token.info["items"] = items
            self._repeat(token)
        else:
            for item in items:
                self._repeat(token, item)
        token.told = True
        return False

    def _items(self, token: Token) -> list[Any]:
        loop = self.loop
        value = token.workflow.script_engine.evaluate(token, loop.items or loop.count or "0")
        if loop.items:
            if not isinstance(value, list) or not all(is_scalar(item) for item in value):
                raise BadExpression(f"{named(self.element)}的多实例集合须为数或文字的列表")
            items = value
        else:
            if type(value) is not int or value < 0:
                raise BadExpression(f"{named(self.element)}的多实例次数须为不小于零的整数")
            items = list(range(min(value, MAX_REPETITIONS + 1)))
        if len(items) > MAX_REPETITIONS:
            raise Stuck(f"{named(self.element)}的多实例超过 {MAX_REPETITIONS} 个，请改用调用活动按单位分发")
        return items

    def _repeat(self, token: Token, item: Any = None) -> None:
        loop, place = self.loop, token.info["next"]
        token.info["next"] = place + 1
        if loop.kind != "parallel":
            item = token.info["items"][place] if "items" in token.info else place
        data = {**token.data, "loopCounter": place, "loopItem": item}
        if loop.item:
            data[loop.item] = item
        token.workflow.spawn(f"{self.bpmn_id}#", data, owner=token.id)

    def returned(self, token: Token) -> None:
        """One repetition is finished; what follows from it is the frame's own step."""
        token.info["done"] += 1
        token.info["back"] = True
        if token._state == TaskState.STARTED:
            token.workflow.top_workflow.agenda.append(token)

    def proceed(self, token: Token) -> None:
        loop = self.loop
        if not token.info.get("back"):
            return  # two came back before the frame's turn
        top: Instance = token.workflow.top_workflow
        if loop.kind == "standard":
            if self._goes_on(token):
                self._repeat(token)
            else:
                top.finish(token)
        elif token.info["done"] == token.info["total"] or self._complete(token):
            self._stop(token)
            top.finish(token)
        elif loop.kind == "sequential":
            self._repeat(token)
        del token.info["back"]

    def is_due(self, token: Token) -> bool:
        return super().is_due(token) or (token._state == TaskState.STARTED and "back" in token.info)

    def _goes_on(self, token: Token) -> bool:
        loop = self.loop
        if token.info["done"] >= MAX_REPETITIONS:
            raise Stuck(f"{named(self.element)}已重复 {MAX_REPETITIONS} 次")
        if loop.maximum is not None and token.info["done"] >= loop.maximum:
            return False
        return loop.condition is None or self._holds(loop.condition, token)

    def _complete(self, token: Token) -> bool:
        return self.loop.condition is not None and self._holds(self.loop.condition, token)

    def _holds(self, condition: str, token: Token) -> bool:
        """A loop's condition also sees how far it has come."""
        plain, done, total = token.data, token.info["done"], token.info.get("total", 0)
        token.data = {**plain, **counters(done, total), "loopCounter": done}
        try:
            return truth(condition, token)
        finally:
            token.data = plain

    def _stop(self, token: Token) -> None:
        for body in token.workflow.owned(token):
            if body.task_spec.body:
                body.cancel()

    def withdrawn(self, token: Token) -> None:
        self._stop(token)


def counters(done: int, total: int) -> dict[str, int]:
    """The names that a completion condition sees: ours, and those of other engines."""
    return {
        "done": done,
        "total": total,
        "nrOfInstances": total,
        "nrOfCompletedInstances": done,
        "nrOfActiveInstances": total - done,
    }
