"""The Makefile's help and the sentences for a machine that lacks something."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

DOORS = {"setup", "run", "test", "check", "bench", "soak", "demo-reset", "backup", "restore", "help"}


def test_make_alone_lists_the_doors() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"make ([a-z-]+)  ", shown)) == DOORS


@pytest.mark.parametrize(
    ("need", "program", "answer", "sentence"),
    [
        ("python", "python3.11", "exit 1", "需要 Python 3.11 或更新的版本"),
        ("node", "node", "exit 1", "需要 Node.js 20.19 或更新的版本"),
    ],
)
def test_what_is_missing_or_too_old_is_named(
    tmp_path: Path, need: str, program: str, answer: str, sentence: str
) -> None:
    too_old = tmp_path / program
    too_old.write_text(f"#!/bin/sh\n{answer}\n")
    too_old.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / "scripts" / "need", need, program], env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_this_machine_has_what_is_needed() -> None:
    for arguments in (["python", sys.executable], ["node"]):
        subprocess.run([ROOT / "scripts" / "need", *arguments], check=True)


def test_a_wrong_chromium_is_named() -> None:
    environ = os.environ | {"CHROMIUM": "/nowhere/chromium"}
    done = subprocess.run([ROOT / "scripts" / "system-packages"], env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "/nowhere/chromium" in done.stderr
