"""The server's check against the viewer's own: the same answers, the same fields in fault, the same fields sent."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from catalog.forms import answers, validate
from tests.catalog.form_samples import EVERYTHING, FORMS, list_paths, mutated

ROOT = Path(__file__).resolve().parents[2]
SETS = 24
BUILD = """
import { build } from "vite";
await build({
  configFile: false, publicDir: false, logLevel: "error",
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: process.argv[2],
    lib: {
      entry: "node_modules/@bpmn-io/form-js-viewer/dist/index.es.js",
      formats: ["iife"], name: "FormViewer", fileName: () => "viewer.js",
    },
  },
});
"""
LOOK = """
async ([schema, context, sets]) => {
  // dates and computed fields write into the form's data after they are drawn
  const slow = /"(expression|datetime)"/.test(JSON.stringify(schema));
  const rounds = schema.components.filter((each) => each.type === "expression").length + 1;
  const later = (done) => (slow ? requestAnimationFrame(() => setTimeout(done, 5)) : setTimeout(done));
  const drawn = () => new Promise(later);
  const look = async (data) => {
    const box = document.createElement("div");
    document.body.append(box);
    const form = new FormViewer.Form({ container: box });
    await form.importSchema(schema, context);
    await drawn();
    form._setState({ data: form._getInitializedFieldData({ ...context, ...JSON.parse(JSON.stringify(data)) }) });
    for (let round = 0; round < rounds; round += 1) {
      await drawn();
      // the viewer computes one field a change of the person; here every round stands for a change
      form.get("expressionLoopPreventer").reset();
      form._setState({});
    }
    await drawn();
    const errors = form.validate();
    const faults = [];
    const sent = [];
    for (const instance of form.get("formFieldInstanceRegistry").getAllKeyed()) {
      const path = instance.valuePath.join(".");
      let node = errors[instance.id];
      for (const index of Object.values(instance.indexes ?? {})) node = node?.[index];
      if (Array.isArray(node) && node.some((each) => typeof each === "string")) faults.push(path);
      if (!form.get("formFieldRegistry").get(instance.id).disabled) sent.push(path);
    }
    const seen = { faults: faults.sort(), sent: sent.sort(), data: form._getSubmitData() };
    form.destroy();
    box.remove();
    return seen;
  };
  const seen = [];
  for (let start = 0; start < sets.length; start += 8) {
    seen.push(...(await Promise.all(sets.slice(start, start + 8).map(look))));
  }
  return seen;
}
"""


@pytest.fixture(scope="module")
def viewer(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page that has the form viewer."""
    folder = tmp_path_factory.mktemp("viewer")
    # modules are looked up from where the script stands
    here = ROOT / "node_modules" / ".cache"
    here.mkdir(exist_ok=True)
    placed = here / f"{folder.name}-build.mjs"
    placed.write_text(BUILD)
    try:
        subprocess.run(["node", str(placed), str(folder)], cwd=ROOT, check=True)
    finally:
        placed.unlink()
    page = browser.new_page()
    page.set_content("<!doctype html><body></body>")
    page.add_script_tag(path=str(folder / "viewer.js"))
    yield page
    page.close()


CASES = {**FORMS, "everything": EVERYTHING}
CONTEXTS: dict[str, dict[str, Any]] = {
    "stage_gate_sign_off": {"criteria": [{"name": "报送率", "met": "否"}], "unmet_criteria": 1},
    "shortage_review": {"negative_cases": 1},
    "everything": {"places": ["城关镇", {"value": 7, "label": "七"}], "level": 3},
}


@pytest.mark.parametrize("key", sorted(CASES))
def test_same_verdict_as_the_viewer(viewer: Page, key: str) -> None:
    schema, context = CASES[key], CONTEXTS.get(key.split(":")[-1], {})
    rng = Random(key)
    sets: list[dict[str, Any]] = [{}]
    for _ in range(SETS * (2 if key == "everything" else 1)):
        good = answers(schema, rng, context=context)
        sets.append(mutated(schema, good, rng, context))
    for data, seen in zip(sets, viewer.evaluate(LOOK, [schema, context, sets]), strict=True):
        checked = validate(schema, data, context=context)
        about = json.dumps(data, ensure_ascii=False)
        assert sorted(checked.errors) == seen["faults"], about
        assert sorted(leaves(checked.data)) == seen["sent"], about
        if not checked.errors:
            assert without_empty_lists(checked.data) == seen["data"], about


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Paths of the fields in checked data: choices and computed values are leaves, rows are not."""
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}.{index}")
    elif path and not (value == [] and path.split(".")[-1] in LISTS) and value != {}:
        yield path


LISTS = set().union(*(list_paths(schema) for schema in CASES.values()))


def without_empty_lists(value: Any) -> Any:
    """The viewer sends no list without rows, nor rows without fields; we keep them."""
    if isinstance(value, dict):
        # what is a list in one form may be a number in another
        empty = {key for key, inner in value.items() if key in LISTS and isinstance(inner, list) and not any(inner)}
        return {key: without_empty_lists(inner) for key, inner in value.items() if key not in empty}
    return [without_empty_lists(each) for each in value] if isinstance(value, list) else value
