"""How the diagrams look: everything is drawn, nothing lies on anything else, lines do not cross, words fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
DIAGRAMS = sorted((ROOT / "processes").rglob("*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAY = "{http://www.omg.org/spec/DD/20100524/DI}"
NODES = {
    "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "task", "userTask",
    "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity", "subProcess", "exclusiveGateway",
    "parallelGateway", "eventBasedGateway", "inclusiveGateway",
}  # fmt: skip
NAMED = {"task", "userTask", "serviceTask", "callActivity", "subProcess", "endEvent", "intermediateCatchEvent"}
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        """Whether they share more than a border."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def border(self, point: Point) -> bool:
        """Whether a point lies on the border."""
        x, y = point
        inside = self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height
        return inside and (x in (self.x, self.x + self.width) or y in (self.y, self.y + self.height))


class Drawing:
    """One diagram: its elements and what is drawn of them."""

    def __init__(self, path: Path) -> None:
        root = etree.parse(str(path)).getroot()
        process = root.find(f"{BPMN}process")
        self.process = process
        self.nodes = {each.get("id"): each for each in process.iter() if local(each) in NODES}
        self.flows = {each.get("id"): each for each in process.iter(f"{BPMN}sequenceFlow")}
        self.boxes = {each.get("bpmnElement"): box_of(each) for each in root.iter(f"{DI}BPMNShape")}
        self.lines = {each.get("bpmnElement"): points_of(each) for each in root.iter(f"{DI}BPMNEdge")}
        self.labels = {
            each.getparent().get("bpmnElement"): box_of(each)
            for each in root.iter(f"{DI}BPMNLabel")
            if each.find(f"{DC}Bounds") is not None
        }

    def segments(self) -> Iterator[tuple[str, Point, Point]]:
        """Every straight piece of every line."""
        for flow, points in self.lines.items():
            for start, end in pairwise(points):
                yield flow, start, end


def local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def box_of(element: etree._Element) -> Box:
    bounds = element.find(f"{DC}Bounds")
    return Box(*(float(bounds.get(name)) for name in ("x", "y", "width", "height")))


def points_of(element: etree._Element) -> list[Point]:
    return [(float(each.get("x")), float(each.get("y"))) for each in element.iter(f"{WAY}waypoint")]


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param)


def test_ids_are_verbs_in_english_and_names_are_chinese(drawing: Drawing) -> None:
    for name, node in {**drawing.nodes, **drawing.flows}.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name), name
        assert not node.get("name") or re.search(r"[\u4e00-\u9fff]", node.get("name")), name
    assert all(node.get("name") for node in drawing.nodes.values() if local(node) in NAMED)
    splits = [each for each in drawing.nodes.values() if local(each) == "exclusiveGateway" and each.get("default")]
    assert all(each.get("name") for each in splits)


def test_processes_and_tasks_are_explained(drawing: Drawing) -> None:
    tasks = [each for each in drawing.nodes.values() if local(each) in ("userTask", "callActivity")]
    for element in [drawing.process, *tasks]:
        words = element.findtext(f"{BPMN}documentation")
        assert words and words.strip().endswith("。"), element.get("id")


def test_everything_is_drawn_once(drawing: Drawing) -> None:
    assert set(drawing.boxes) == set(drawing.nodes)
    assert set(drawing.lines) == set(drawing.flows)


def test_nodes_keep_apart(drawing: Drawing) -> None:
    for one, other in combinations(drawing.boxes, 2):
        family = _inside(drawing, one, other) or _inside(drawing, other, one)
        if family:
            outer, inner = (one, other) if _inside(drawing, one, other) else (other, one)
            assert drawing.boxes[outer].holds(drawing.boxes[inner]), (outer, inner)
        elif not (_on_border(drawing, one, other) or _on_border(drawing, other, one)):
            assert not drawing.boxes[one].overlaps(drawing.boxes[other]), (one, other)


def _on_border(drawing: Drawing, host: str, event: str) -> bool:
    """A boundary event sits on the border of what it is attached to."""
    point = drawing.boxes[event]
    middle = (point.x + point.width / 2, point.y + point.height / 2)
    return drawing.nodes[event].get("attachedToRef") == host and drawing.boxes[host].border(middle)


def _inside(drawing: Drawing, outer: str, inner: str) -> bool:
    return drawing.nodes[outer] in drawing.nodes[inner].iterancestors()


def test_lines_are_square_and_end_at_their_nodes(drawing: Drawing) -> None:
    for name, points in drawing.lines.items():
        flow = drawing.flows[name]
        assert drawing.boxes[flow.get("sourceRef")].border(points[0]), name
        assert drawing.boxes[flow.get("targetRef")].border(points[-1]), name
        assert all(start[0] == end[0] or start[1] == end[1] for start, end in pairwise(points)), name


def test_lines_do_not_run_through_nodes(drawing: Drawing) -> None:
    for flow, start, end in drawing.segments():
        for name, box in drawing.boxes.items():
            around = any(
                drawing.nodes[name] in drawing.nodes[drawing.flows[flow].get(end_of)].iterancestors()
                for end_of in ("sourceRef", "targetRef")
            )
            assert around or not _slab(start, end, 0).overlaps(box), (flow, name)


def test_lines_do_not_cross(drawing: Drawing) -> None:
    for (one, a, b), (other, c, d) in combinations(drawing.segments(), 2):
        if one != other and (a[0] == b[0]) != (c[0] == d[0]):
            upright, level = ((a, b), (c, d)) if a[0] == b[0] else ((c, d), (a, b))
            x, y = upright[0][0], level[0][1]
            across = min(level[0][0], level[1][0]) < x < max(level[0][0], level[1][0])
            along = min(upright[0][1], upright[1][1]) < y < max(upright[0][1], upright[1][1])
            assert not (across and along), (one, other)


def test_labels_lie_on_nothing(drawing: Drawing) -> None:
    for name, label in drawing.labels.items():
        for flow, start, end in drawing.segments():
            assert not _slab(start, end, 0).overlaps(label), (name, flow)
        for node, box in drawing.boxes.items():
            around = box.holds(label) and local(drawing.nodes[node]) == "subProcess"
            assert around or not box.overlaps(label), (name, node)
    for one, other in combinations(drawing.labels, 2):
        assert not drawing.labels[one].overlaps(drawing.labels[other]), (one, other)


def _slab(start: Point, end: Point, half: float) -> Box:
    """A line as a thin box."""
    x, y = min(start[0], end[0]), min(start[1], end[1])
    return Box(x - half, y - half, abs(start[0] - end[0]) + 2 * half, abs(start[1] - end[1]) + 2 * half)


def test_the_way_goes_from_left_to_right(drawing: Drawing) -> None:
    """Only a way back from a gateway goes left: out of the gateway to the task of rework, and from there to a merge."""
    for name, flow in drawing.flows.items():
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        back = drawing.boxes[target].x <= drawing.boxes[source].x
        assert not back or "Gateway" in local(drawing.nodes[source]) + local(drawing.nodes[target]), name


def test_gateways_of_a_pair_stand_at_one_height(drawing: Drawing) -> None:
    forks = [name for name in drawing.nodes if name.startswith("fork_")]
    for fork in forks:
        join = fork.replace("fork_", "join_")
        assert drawing.boxes[fork].y == drawing.boxes[join].y, fork


MEASURE = """
async ([xml]) => {
  const viewer = new BpmnJS({ container: "#canvas" });
  const { warnings } = await viewer.importXML(xml);
  const tall = [];
  for (const shape of document.querySelectorAll("[data-element-id].djs-shape")) {
    const box = shape.querySelector(".djs-visual > rect");
    const words = shape.querySelector(".djs-visual > text");
    if (!box || !words || box.getBBox().height > 80) continue;
    const [inner, outer] = [words.getBBox(), box.getBBox()];
    if (inner.height > 32 || inner.width > outer.width - 8) tall.push(shape.dataset.elementId);
  }
  viewer.destroy();
  return { warnings: warnings.map((each) => each.message), tall };
}
"""


def test_the_viewer_draws_without_warning_and_names_fit(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1600, "height": 1200})
    page.set_content('<div id="canvas" style="width: 1500px; height: 1100px"></div>')
    page.add_script_tag(path=str(ROOT / "node_modules/bpmn-js/dist/bpmn-viewer.production.min.js"))
    for path in DIAGRAMS:
        seen = page.evaluate(MEASURE, [path.read_text(encoding="utf-8")])
        assert seen == {"warnings": [], "tall": []}, path.name
    page.close()
