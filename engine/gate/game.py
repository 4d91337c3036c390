"""A bounded token game on each scope: joins that wait for ever, and merges that run what follows twice.

Only one enabled element is moved at a time, and over its own alternatives only, so parallel branches add up instead of
multiplying; merges move last, so that two tokens that can meet in front of one do meet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations

from engine.gate.draft import Draft, DraftNode, DraftScope
from engine.gate.graph import before_flows, successors
from engine.gate.normalise import starts_of
from engine.gate.report import Report

MAX_STATES = 20_000
MAX_SUBSETS = 4

State = tuple[tuple[str, int], ...]  # place -> tokens on it


@dataclass
class Game:
    """The places and moves of one scope.

    A gateway that waits has a place for each incoming flow, everything else one place: by which flow a token came to a
    task makes no difference, and what makes no difference is not played twice.
    """

    scope: DraftScope
    place: dict[str, str] = field(default_factory=dict)  # flow -> the place it leads to
    into: dict[str, list[str]] = field(default_factory=dict)  # node -> its places
    owner: dict[str, DraftNode] = field(default_factory=dict)  # place -> its node
    merges: set[str] = field(default_factory=set)  # nodes where several flows meet without waiting
    depth: dict[str, int] = field(default_factory=dict)  # node -> steps from the start
    before: dict[str, dict[str, set[str]]] = field(default_factory=dict)  # inclusive join -> place -> nodes before
    stuck: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for node in self.scope.nodes.values():
            waits = _synchronises(node) and len(node.incoming) > 1
            for flow in node.incoming:
                self.place[flow.id] = flow.id if waits else f"at {node.id}"
            self.into[node.id] = [flow.id for flow in node.incoming] if waits else [f"at {node.id}"]
            self.owner.update(dict.fromkeys(self.into[node.id], node))
            if waits and node.kind == "inclusiveGateway":
                self.before[node.id] = before_flows(self.scope, node)
            elif not waits and len(node.incoming) > 1:
                self.merges.add(node.id)
        self._measure()

    def _measure(self) -> None:
        level, steps = [node.id for node in starts_of(self.scope)], 0
        while level:
            self.depth.update(dict.fromkeys(level, steps))
            steps += 1
            following = {target for ident in level for target in successors(self.scope.nodes[ident])}
            level = sorted(following - self.depth.keys())

    def explore(self) -> bool:
        """Play every choice; False where there are too many to look at."""
        first = _state(Counter(f"at {node.id}" for node in starts_of(self.scope)))
        seen, left = {first}, [first]
        while left:
            if len(seen) > MAX_STATES:
                return False
            for state in self._following(left.pop()):
                if state not in seen:
                    seen.add(state)
                    left.append(state)
        return True

    def _following(self, state: State) -> list[State]:
        tokens = Counter(dict(state))
        if not tokens:
            return []
        node = self._next(tokens)
        if node is None:
            self.stuck.update(self.owner[place].id for place in tokens)
            return []
        taken = self._taken(node, tokens)
        if node.id not in self.before and len(self.into[node.id]) == 1 and sum(taken.values()) > 1:
            self.doubled.add(node.id)
            if node.outgoing:
                return []  # what follows from a doubled run says nothing new
        if _clears(node):
            return [()]
        rest = tokens - taken
        return [_state(rest + Counter(self.place[flow] for flow in flows)) for flows in _alternatives(node)]

    def _next(self, tokens: Counter[str]) -> DraftNode | None:
        """The element to move: something that does not merge, else a merge, else an inclusive join.

        The farthest from the start goes first: a branch is played to its end before the next one is begun.
        """
        nodes = {self.owner[place].id: self.owner[place] for place in tokens}
        merges, inclusive = [], []
        for node in sorted(nodes.values(), key=lambda node: (-self.depth.get(node.id, 0), node.id)):
            if node.id in self.before:
                inclusive.append(node)
            elif len(self.into[node.id]) > 1:
                if all(tokens[place] for place in self.into[node.id]):
                    return node
            elif node.id in self.merges:
                merges.append(node)
            else:
                return node
        return merges[0] if merges else next((node for node in inclusive if self._may_join(node, tokens)), None)

    def _may_join(self, node: DraftNode, tokens: Counter[str]) -> bool:
        reach = self.before[node.id]
        arrived = [place for place in self.into[node.id] if tokens[place]]
        empty = [place for place in self.into[node.id] if not tokens[place]]
        for place in tokens:
            at = self.owner[place].id
            if at != node.id and any(at in reach[e] for e in empty) and not any(at in reach[a] for a in arrived):
                return False
        return True

    def _taken(self, node: DraftNode, tokens: Counter[str]) -> Counter[str]:
        """A join takes one token from each flow, anything else whatever is there."""
        several = len(self.into[node.id]) > 1
        return Counter({place: 1 if several else tokens[place] for place in self.into[node.id] if tokens[place]})


def _synchronises(node: DraftNode) -> bool:
    return node.kind in ("parallelGateway", "inclusiveGateway")


def _clears(node: DraftNode) -> bool:
    """Ends that take every other token of the scope with them."""
    return node.kind == "endEvent" and any(t.kind in ("terminate", "error", "cancel") for t in node.triggers)


def _state(tokens: Counter[str]) -> State:
    # more than two tokens on a flow are no different from two
    return tuple(sorted((place, min(count, 2)) for place, count in tokens.items() if count))


def _alternatives(node: DraftNode) -> list[list[str]]:
    ways = _ways_out(node)
    boundaries = node.scope.boundaries(node.id)
    ways += [[flow.id for flow in b.outgoing] for b in boundaries if b.interrupting]
    beside = [flow.id for b in boundaries if not b.interrupting for flow in b.outgoing]
    return ways + ([way + beside for way in ways] if beside else [])


def _ways_out(node: DraftNode) -> list[list[str]]:
    flows = [flow.id for flow in node.outgoing]
    if node.kind in ("exclusiveGateway", "eventBasedGateway"):
        return [[flow] for flow in flows] or [[]]
    chosen = [flow.id for flow in node.outgoing if flow.condition is not None and flow.id != node.default]
    if not chosen:
        return [flows]
    always = [flow.id for flow in node.outgoing if flow.condition is None and flow.id != node.default]
    ways = [always + list(some) for some in _subsets(chosen)]
    if node.default:
        ways.append([*always, node.default])
    elif always:
        ways.append(always)
    return ways


def _subsets(flows: list[str]) -> list[tuple[str, ...]]:
    sizes = range(1, len(flows) + 1) if len(flows) <= MAX_SUBSETS else (1, len(flows))
    return [some for size in sizes for some in combinations(flows, size)]


def check_tokens(draft: Draft, report: Report) -> None:
    """Play the game on every scope."""
    for scope in draft.scopes():
        game = Game(scope)
        complete = game.explore()
        for ident in sorted(game.stuck):
            node = scope.nodes[ident]
            sentence = f"{node.label}可能永远等不齐：进入它的分支不是总会全部走到（如排他分支接并行汇合），或者互相等待"
            report.refuse("tokens:deadlock", ident, sentence)
        for ident in sorted(game.doubled):
            _report_double(scope.nodes[ident], report)
        if not complete:
            report.hint("tokens:bound", scope.id, f"{scope.label}的分支组合过多，没有全部推演，请人工核对汇合网关")


def _report_double(node: DraftNode, report: Report) -> None:
    if node.kind == "exclusiveGateway":
        sentence = f"{node.label}会被同时进行的分支各经过一次，后面的步骤会重复执行：并行分支请用并行网关汇合"
        report.refuse("tokens:double", node.id, sentence)
    elif node.kind != "endEvent" or node.triggers:
        report.hint(
            "tokens:double", node.id, f"{node.label}会被同时进行的分支各执行一次；只要一次的，请先用并行网关汇合"
        )
