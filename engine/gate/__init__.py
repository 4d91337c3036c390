"""The publish gate: a diagram comes in as text and leaves as a checked process, or with all its findings."""

from __future__ import annotations

from engine.gate.publish import check, compile_process

__all__ = ["check", "compile_process"]
