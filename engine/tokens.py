"""A running instance as the library's workflow and tasks, kept to what is alive.

The library predicts the whole future of a diagram as a tree and keeps all of the past in it. Here a task is a token:
it appears when a flow is taken and is dropped when its element is finished, so the state is as large as what is open,
a rework loop costs nothing and joins count tokens on flows, as BPMN says. What was passed is told to the host instead.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskFilter, TaskState

from domain.errors import Overrun
from engine.changes import Changes
from engine.contract import Context, EngineFault, Scalar
from engine.expressions import BadExpression, Language
from engine.guard import ScriptEngine

if TYPE_CHECKING:
    from engine.nodes import Node
    from engine.process import Process

MAX_STEPS = 20_000
MAX_SECONDS = 2.0
MAX_TOKENS = 10_000
PHASES = {TaskState.FUTURE: "enter", TaskState.READY: "run", TaskState.STARTED: "proceed"}


class Stuck(Exception):
    """The instance cannot go on; the text is the Chinese sentence of the incident."""


class Exhausted(Stuck):
    """The step has grown beyond its limits: nothing more of it is begun."""


class Token(Task):
    """A task of the library with a short id of ours, without its log lines and its copies of data.

    `owner` is the activity of a boundary event, the loop of a repeated activity or the gateway of an awaited event;
    `flow` the sequence flow it came by; `info` what its element has to remember.
    """

    workflow: TokenScope
    task_spec: Node

    def __init__(self, workflow: TokenScope, spec: Any, ref: str, state: int = TaskState.FUTURE) -> None:
        super().__init__(workflow, spec, state=state, id=ref)
        self.flow: str | None = None
        self.owner: str | None = None
        self.removed = False
        self.done = False  # a container whose inside is finished: what is left is to leave it
        self.told = False  # the host knows that something is open here and must hear when it is not
        self.taken: tuple[Any, ...] = ()
        self.caught: list[Any] = []

    @property
    def info(self) -> dict[str, Any]:
        """The library's internal data."""
        return cast(dict[str, Any], self.internal_data)

    def _set_state(self, value: int) -> None:
        self._state = value

    def cancel(self) -> None:
        """Withdraw the token with all that hangs on it, whatever state it is in."""
        if not self.removed:
            self._state = TaskState.CANCELLED
            self.task_spec._on_cancel(self)


class TokenScope:
    """What the process and its sub-processes have in common: a set of tokens."""

    tasks: dict[str, Token]
    task_tree: Token
    top_workflow: Instance
    spec: Any
    script_engine: ScriptEngine
    depth: int
    closed = False

    def plant(self, data: Mapping[str, Any]) -> None:
        """The start of the scope; its data are the loop items that everything in the scope sees."""
        self.task_tree = Token(self, self.spec.start, "0", TaskState.COMPLETED)
        self.task_tree.data = data
        self.tasks.clear()

    def spawn(
        self, element: str, data: Mapping[str, Any], *, flow: str | None = None, owner: str | None = None
    ) -> Token:
        """A new token at an element; it is entered when its turn comes."""
        top = self.top_workflow
        token = Token(self, self.spec.task_specs[element], top.next_ref())
        token.data, token.flow, token.owner = data, flow, owner
        top.index[token.id] = token
        top.agenda.append(token)
        return token

    def _remove_task(self, task_id: str) -> None:
        token = self.tasks.pop(task_id)
        token.removed = True
        del self.top_workflow.index[task_id]

    def _task_completed_notify(self, task: Token) -> None:
        """The library would search the whole tree for work here; ours is on the agenda already."""

    def owned(self, token: Token) -> list[Token]:
        """The tokens that belong to `token`: boundaries, repetitions, awaited events."""
        return [other for other in self.tasks.values() if other.owner == token.id]

    def get_tasks_iterator(self, _: Any = None, **wanted: Any) -> Iterator[Token]:
        """As the library's, over the tokens: there is no tree to walk."""
        matches = TaskFilter(**wanted).matches
        return iter([token for token in self.tasks.values() if matches(token)])

    def is_completed(self) -> bool:
        """A scope is finished when it has no token left."""
        return not self.tasks

    def cancel(self, *_: Any, **__: Any) -> list[Token]:
        """Withdraw every token."""
        self.closed = True
        tokens = list(self.tasks.values())
        for token in tokens:
            token.cancel()
        return tokens


class SubScope(TokenScope, BpmnSubWorkflow):
    """The inside of a sub-process that is running."""

    def __init__(self, spec: Any, host: Token) -> None:
        self.host = host
        super().__init__(spec, host.id, host.workflow.top_workflow, deserializing=True)
        self.plant(host.data)

    def _calculate_depth(self) -> int:
        return self.host.workflow.depth + 1

    @property
    def parent_workflow(self) -> TokenScope:
        """The scope that the sub-process stands in."""
        return self.host.workflow


class Instance(TokenScope, BpmnWorkflow):
    """One process instance between two rests."""

    subprocesses: dict[str, SubScope]

    def __init__(self, process: Process) -> None:
        self.process = process
        self.index: dict[str, Token] = {}
        self.agenda: deque[Token] = deque()
        self.counter = 0
        self.ended = False
        super().__init__(process.specs[process.key], script_engine=ScriptEngine(), deserializing=True)
        self.plant({})

    def next_ref(self) -> str:
        """References are numbers in the order of creation: the same history gives the same references."""
        self.counter += 1
        return str(self.counter)

    # -- one advance ---------------------------------------------------------------------------------------------------
    def begin(self, context: Context) -> None:
        """Bind the moment, the plan and the variables, and take up what an earlier fault left undone."""
        self.context = context
        self.variables: dict[str, Scalar] = {**self.process.defaults, **context.variables}
        self.language = Language(context, self.variables)
        self.script_engine.environment.language = self.language
        self.changes = Changes()
        self.steps = 0
        self.until = time.monotonic() + MAX_SECONDS
        self.agenda.clear()
        self.agenda.extend(token for token in self.tokens() if token.task_spec.is_due(token))

    def tokens(self) -> Iterator[Token]:
        """Every token of every scope, oldest first."""
        return iter(sorted(self.index.values(), key=lambda token: int(token.id)))

    def run(self) -> None:
        """Step until nothing moves by itself; a fault holds its own branch only."""
        while not self.ended:
            while self.agenda:
                token = self.agenda.popleft()
                if not token.removed and not self.step(token):
                    return  # begun again with the next command
            if not self.process.watched or not self._wake():
                return

    def do_engine_steps(self, *_: Any, **__: Any) -> None:
        """The library's own stepper walks a tree that is not there; whoever calls it gets ours."""
        self.run()

    def step(self, token: Token) -> bool:
        """Enter or run one token; False if nothing more may be begun."""
        scope, state = token.workflow, token._state
        try:
            self._count()
            if state == TaskState.FUTURE:
                token.task_spec._update(token)
            elif state == TaskState.READY:
                token.run()
            elif state == TaskState.STARTED:
                token.task_spec.proceed(token)
        except Overrun:
            raise
        except Exception as error:  # whatever an element meets becomes an incident, never a lost request
            self.fail(token, error, "leave" if token.done else PHASES[state])
            return not isinstance(error, Exhausted)
        self.settle(scope)
        return True

    def _count(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exhausted(f"流程一次推进超过 {MAX_STEPS} 步，可能有没有出口的环路")
        if len(self.index) > MAX_TOKENS:
            raise Exhausted(f"流程同时进行的环节超过 {MAX_TOKENS} 个")
        if self.steps % 64 == 0 and time.monotonic() > self.until:
            raise Overrun

    def settle(self, scope: TokenScope) -> None:
        """Finish a scope that has no token left."""
        if scope.tasks or scope.closed:
            return
        scope.closed = True
        if isinstance(scope, SubScope):
            self.subprocesses.pop(scope.host.id, None)
            self.finish(scope.host)
        else:
            self.ended = True

    def finish(self, token: Token) -> None:
        """The inside of a container is finished: it is left when its turn comes."""
        token.done = True
        token._set_state(TaskState.READY)
        self.agenda.append(token)

    def fail(self, token: Token, error: Exception, phase: str) -> None:
        """The token stands in error until somebody retries or moves it."""
        if phase == "enter":
            token.task_spec.withdraw(token)  # a retry tells the host anew
        foreseen = isinstance(error, (Stuck, BadExpression))
        sentence = str(error) if foreseen else "流程引擎内部出错，请联系系统管理员"
        detail = type(error).__name__ if foreseen else f"{type(error).__name__}: {error}"[:300]
        token.info["fault"] = [phase, sentence, detail]
        token._set_state(TaskState.ERROR)

    def _wake(self) -> bool:
        """At rest, look again at what depends on everything else: inclusive joins and conditions."""
        for token in list(self.tokens()):
            if token.removed or token._state != TaskState.WAITING:
                continue
            try:
                token.task_spec.look_again(token)
            except BadExpression as error:
                self.fail(token, error, "enter")
        return bool(self.agenda)

    @property
    def faults(self) -> tuple[EngineFault, ...]:
        """The faults that stand, the oldest token first."""
        return tuple(_fault_of(token) for token in self.tokens() if token._state == TaskState.ERROR)


def _fault_of(token: Token) -> EngineFault:
    _, sentence, detail = token.info["fault"]
    return EngineFault(element=token.task_spec.bpmn_id, ref=token.id, sentence=sentence, detail=detail)
