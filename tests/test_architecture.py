"""The house rules that no reviewer should have to look for."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from config import ROOT

ROOMS = ("catalog", "domain", "engine", "models", "services", "web", "worker")
FRONT_DOORS = ("app.py", "config.py", "gunicorn.conf.py")
MAY_READ_THE_CLOCK = ("web/", "worker/", "models/ids.py")
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40
LONGEST_LINE_OF_OUR_OWN = 2000
LARGEST_FILE = 1_500_000
REASON = re.compile(r"#\s*long:\s*\S.{7,}")
CLOCKS = re.compile(
    r"\b(datetime|date|dt)\.(now|utcnow|today)$|\btime\.(time|time_ns)$|\bfunc\.(now|current_timestamp)$"
)
REGISTRIES = re.compile(
    r"npmjs|npmmirror|pypi\.|pythonhosted|mirrors?\.|registry=|\"resolved\"|(?<!emit-)index-url", re.I
)
# A program and a set of data files.
NOT_IMPORTED = ("gunicorn", "tzdata")
LOCKS_AND_CONFIGURATION = (
    "*.in",
    "*.npmrc",
    "*.toml",
    "*lock*",
    "*pip.conf",
    "*requirements*",
    ".ci/*",
    "Makefile",
    "package.json",
    "scripts/*",
    "vite.config.js",
)
INLINE = {
    "a style attribute": re.compile(r"<[^>{]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    # Data for a script is not a script.
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json[\"'])", re.IGNORECASE),
}


def tracked(*patterns: str) -> list[Path]:
    """The files that git knows or would take, deleted ones apart."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def name_of(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def product() -> list[Path]:
    """The modules that run in production."""
    return tracked(*FRONT_DOORS, *(f"{room}/*.py" for room in ROOMS))


def our_python() -> list[Path]:
    """Every module that people write; migrations are written by a tool and then left alone."""
    return [path for path in tracked("*.py") if not name_of(path).startswith("migrations/")]


def test_rooms_look_downward() -> None:
    check = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_place_commits() -> None:
    places = [
        f"{name_of(path)}:{number}"
        for path in product()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ".commit(" in line
    ]
    assert len(places) == 1, places
    assert places[0].startswith("models/")


def test_only_the_edge_reads_the_clock() -> None:
    found = [
        f"{name_of(path)}:{line}: {text}"
        for path in product()
        if not name_of(path).startswith(MAY_READ_THE_CLOCK)
        for line, text in _clock_readings(ast.parse(path.read_text()))
    ]
    assert not found, found


def _clock_readings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and CLOCKS.search(text := ast.unparse(node)):
            yield node.lineno, text
        if isinstance(node, ast.ImportFrom) and node.module == "time" and {"time", "time_ns"} & _names(node):
            yield node.lineno, ast.unparse(node)


def _names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def test_modules_are_small() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in our_python()}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_MODULE}


def test_functions_are_short_or_say_why() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}: {node.name}"
        for path in our_python()
        for node in _long_functions(path.read_text())
    ]
    assert not found, found


def _long_functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        signature = "\n".join(lines[node.lineno - 1 : node.body[0].lineno])
        if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION and not REASON.search(signature):
            yield node


def test_templates_hold_no_inline_style_or_script() -> None:
    found = [
        f"{name_of(path)}: {what}"
        for path in tracked("web/templates/*")
        for what, pattern in INLINE.items()
        if pattern.search(path.read_text())
    ]
    assert not found, found


def test_locks_and_configuration_name_no_registry() -> None:
    found = [
        f"{name_of(path)}:{number}"
        for path in tracked(*LOCKS_AND_CONFIGURATION)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if REGISTRIES.search(line)
    ]
    assert not found, found
    assert "://" not in "".join(path.read_text() for path in tracked("*requirements*", "package-lock.json"))


def test_every_requirement_is_imported() -> None:
    imported = {name for path in [*product(), *tracked("scripts/*.py", "migrations/*.py")] for name in _imports(path)}
    modules_of: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules_of.setdefault(distribution.lower(), set()).add(module)
    wanted = re.findall(r"^([\w-]+)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    idle = [name for name in wanted if not imported & modules_of.get(name.lower(), set())]
    assert [name for name in idle if name not in NOT_IMPORTED] == []


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_no_foreign_bundle_is_tracked() -> None:
    built = tracked("web/static/dist/*", "node_modules/*", "*.min.js", "*.min.css", "*.map")
    heavy = [path for path in tracked() if path.stat().st_size > LARGEST_FILE]
    minified = [path for path in tracked("*.js", "*.css") if _longest_line(path) > LONGEST_LINE_OF_OUR_OWN]
    assert not [name_of(path) for path in [*built, *heavy, *minified]]


def _longest_line(path: Path) -> int:
    return max((len(line) for line in path.read_text().splitlines()), default=0)
