"""What one advance has changed so far. What is opened and withdrawn in the same advance leaves no trace."""

from __future__ import annotations

from typing import Any

from engine.contract import Action, ChildStart, Opened, Passed, Raised, TimerSet, Wait


class Changes:
    """The lists of an Advance while they are written."""

    def __init__(self) -> None:
        self.opened: dict[str, Opened] = {}
        self.closed: list[str] = []
        self.timers: dict[str, TimerSet] = {}
        self.timers_gone: list[str] = []
        self.waits: dict[str, Wait] = {}
        self.waits_gone: list[str] = []
        self.children: dict[str, ChildStart] = {}
        self.children_gone: list[str] = []
        self.actions: dict[str, Action] = {}
        self.actions_gone: list[str] = []
        self.raised: list[Raised] = []
        self.passed: list[Passed] = []

    def element_passed(self, element: str) -> None:
        """An element is finished."""
        self.passed.append(Passed(element=element, kind="element"))

    def flow_passed(self, flow: str) -> None:
        """A sequence flow was taken."""
        self.passed.append(Passed(element=flow, kind="flow"))

    def task_closed(self, ref: str) -> None:
        """A user task is no longer open."""
        _gone(ref, self.opened, self.closed)

    def timer_gone(self, ref: str) -> None:
        """A timer fired or is not needed any more."""
        _gone(ref, self.timers, self.timers_gone)

    def wait_gone(self, ref: str) -> None:
        """A message or signal came or is not waited for any more."""
        _gone(ref, self.waits, self.waits_gone)

    def child_gone(self, ref: str) -> None:
        """A call is finished or interrupted."""
        _gone(ref, self.children, self.children_gone)

    def action_gone(self, ref: str) -> None:
        """An action is done or not wanted any more."""
        _gone(ref, self.actions, self.actions_gone)


def _gone(ref: str, new: dict[str, Any], gone: list[str]) -> None:
    if new.pop(ref, None) is None:
        gone.append(ref)
