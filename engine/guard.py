"""A process-wide switch: no text of a diagram ever reaches exec, eval, a shell or pickle through the library.

Importing this module (whatever touches the library does) replaces the library's executing environment for the whole
process. The environment below is the only one our instances have.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import (
    BasePythonScriptEngineEnvironment,
    TaskDataEnvironment,
)
from SpiffWorkflow.bpmn.serializer.migration import version_1_2
from SpiffWorkflow.serializer import dict as dictionary
from SpiffWorkflow.specs.Execute import Execute
from SpiffWorkflow.specs.Transform import Transform

from engine.expressions import Language

# The library collects a whole state for every log line unless its loggers are quiet themselves.
QUIET = ("spiff", "spiff.task", "spiff.workflow", "spiff.data", "spiff.serializer")


class CodeRefused(Exception):
    """Somebody asked the library to run Python code."""


def refuse(*_: Any, **__: Any) -> NoReturn:
    """Stands where the library would have run code."""
    raise CodeRefused("code in diagrams is never run")


class Environment(BasePythonScriptEngineEnvironment):
    """Evaluates with our language, executes nothing, calls no service by itself."""

    language: Language

    def evaluate(
        self, expression: str, context: Mapping[str, Any], external_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of an expression; without an advance around it there is nothing to evaluate with."""
        language = getattr(self, "language", None) or refuse()
        return language.value(expression, {**(external_context or {}), **context})

    execute = refuse
    call_service = refuse


class ScriptEngine(PythonScriptEngine):
    """The library's script engine with our environment and nothing else."""

    def __init__(self, language: Language | None = None) -> None:
        super().__init__(Environment())
        if language is not None:
            self.environment.language = language

    def evaluate(self, task: Any, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """As the library's, but the reason of a failure stays the sentence that our language gave."""
        return self.environment.evaluate(expression, task.data, external_context)

    execute = refuse
    call_service = refuse


class _NoPickle:
    HIGHEST_PROTOCOL = 0
    loads = dumps = staticmethod(refuse)


def install() -> None:
    """Close every route of the library to exec and eval, and quieten its loggers."""
    TaskDataEnvironment.evaluate = refuse
    TaskDataEnvironment.execute = refuse
    Transform._update_hook = refuse  # exec
    Execute._start = refuse  # subprocess
    dictionary.pickle = _NoPickle  # the old serialiser unpickles
    version_1_2.eval = refuse  # found as a global of that module, before the builtin
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


install()
