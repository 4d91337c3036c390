"""The only room that knows SpiffWorkflow: a diagram is checked once, an instance is advanced by one command at a time.

`compile_process(xml, ...)` and `load(spec)` prepare, `advance(process, state, command, context)` runs, `due_again`
counts timers by another calendar. The diagram is read by our own gate and not by the library's parser,
which accepts elements that its run time gets wrong; what runs are the library's workflow, tasks and specs, with the
behaviour of each element in sub-classes of ours.
"""

from __future__ import annotations

from engine.advance import advance
from engine.gate import check, compile_process
from engine.process import Process, load
from engine.recount import due_again, may_count

__all__ = ["Process", "advance", "check", "compile_process", "due_again", "load", "may_count"]
