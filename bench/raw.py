"""The library alone: the same approval in memory, with its stock parser, workflow and script engine.

Runs in a process of its own (`python -m bench.raw`): our engine, once imported, forbids the library to run expressions.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

INSTANCES = 100
COMPLETIONS = 4
FORM = {"subject": "更换防护栏", "amount": 3, "reason": "三处防护栏锈蚀，已设警戒线，拟于本周内更换并复查。"}
DECISIONS = (FORM, {"outcome": "reject"}, FORM, {"outcome": "approve"})


ROOT = Path(__file__).resolve().parent.parent
DIAGRAM = ROOT / "bench" / "bench-city" / "approval.bpmn"
WARM_UP = 20


def w1_cpu_ms() -> float:
    """CPU milliseconds a completion: start and four completions, divided by four."""
    done = subprocess.run([sys.executable, "-m", "bench.raw"], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure(instances: int = INSTANCES) -> float:
    """The figure, in this process."""
    spec = _spec()
    for _ in range(WARM_UP):
        _run(spec)
    began = time.process_time()
    for _ in range(instances):
        _run(spec)
    return (time.process_time() - began) * 1000 / (instances * COMPLETIONS)


def _spec() -> Any:
    parser = BpmnParser()
    parser.add_bpmn_file(str(DIAGRAM))
    return parser.get_spec("approval")


def _run(spec: Any) -> None:
    workflow = BpmnWorkflow(spec)
    workflow.do_engine_steps()
    for decision in DECISIONS:
        (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
        task.data.update(decision)
        task.run()
        workflow.do_engine_steps()
    assert workflow.is_completed()


if __name__ == "__main__":
    print(measure())
