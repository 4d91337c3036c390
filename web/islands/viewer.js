// A diagram with what happened on it. <div data-island="viewer" data-src="address of the JSON">; the JSON holds
// xml, tokens {element: n}, badges {element: {total, done, failed}}, passed [ids], failed [ids], notes, links.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";
import { due, moment } from "./lib/moments.js";

const WORDS = { done: "已完成", current: "进行中", failed: "异常", ahead: "未到" };
const SHOWN = new Set([
  "bpmn:UserTask",
  "bpmn:Task",
  "bpmn:ServiceTask",
  "bpmn:CallActivity",
  "bpmn:SubProcess",
  "bpmn:BusinessRuleTask",
  "bpmn:SendTask",
  "bpmn:ReceiveTask",
]);

/** Draw one diagram into `box`; returns the viewer. */
export async function draw(box, data) {
  box.replaceChildren();
  const canvasBox = make("div", "viewer-canvas");
  box.append(canvasBox);
  const viewer = new NavigatedViewer({ container: canvasBox });
  await viewer.importXML(data.xml);
  const states = statesOf(viewer, data);
  mark(viewer, states, data);
  addBadges(viewer, data);
  box.append(tools(viewer), legend());
  box.append(outline(viewer, states, data));
  tips(box, viewer, states, data);
  links(viewer, data.links ?? {});
  fit(viewer);
  new ResizeObserver(() => viewer.get("canvas").resized()).observe(canvasBox);
  return viewer;
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function fit(viewer) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  // a margin, so that counters above the highest step are seen
  canvas.zoom(Math.min(1, canvas.zoom() * 0.92), "auto");
}

/** element id -> done | current | failed | ahead, for nodes and flows. */
function statesOf(viewer, data) {
  const passed = new Set(data.passed);
  const failed = new Set(data.failed);
  const found = new Map();
  for (const element of viewer.get("elementRegistry").getAll()) {
    const id = element.id;
    if (element.type === "label" || element.type === "bpmn:Process") continue;
    if (failed.has(id)) found.set(id, "failed");
    else if (data.tokens[id]) found.set(id, "current");
    else if (passed.has(id)) found.set(id, "done");
    else found.set(id, "ahead");
  }
  return found;
}

function mark(viewer, states, data) {
  const canvas = viewer.get("canvas");
  for (const [id, state] of states) canvas.addMarker(id, `is-${state}`);
  for (const id of data.passed) {
    if (states.has(id)) canvas.addMarker(id, "was-passed");
  }
}

function addBadges(viewer, data) {
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  const put = (id, html) => registry.get(id) && overlays.add(id, { position: { top: -12, right: 16 }, html });
  for (const [id, badge] of Object.entries(data.badges)) {
    const failed = badge.failed ? `，异常 ${badge.failed}` : "";
    put(id, make("div", `viewer-badge${badge.failed ? " is-bad" : ""}`, `${badge.done}/${badge.total ?? "…"}${failed}`));
  }
  for (const [id, count] of Object.entries(data.tokens)) {
    const word = registry.get(id)?.type.endsWith("Event") ? "等待中" : "办理中";
    if (!data.badges[id]) put(id, make("div", "viewer-badge is-token", count > 1 ? `${word} ${count}` : word));
  }
}

function tools(viewer) {
  const bar = make("div", "viewer-tools");
  const canvas = viewer.get("canvas");
  const step = (factor) => canvas.zoom(Math.min(4, Math.max(0.2, canvas.zoom() * factor)), "auto");
  const add = (text, label, act) => {
    const button = make("button", "btn btn-sm viewer-tool", text);
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    bar.append(button);
  };
  add("＋", "放大", () => step(1.25));
  add("－", "缩小", () => step(0.8));
  add("适应", "适应窗口", () => fit(viewer));
  add("原大", "原始大小", () => canvas.zoom(1, "auto"));
  return bar;
}

function legend() {
  const list = make("ul", "viewer-legend");
  for (const state of ["done", "current", "ahead", "failed"]) {
    const item = make("li", "", WORDS[state]);
    item.prepend(make("span", `viewer-swatch swatch-${state}`));
    list.append(item);
  }
  return list;
}

/** The same in words, for keyboard and screen reader. */
function outline(viewer, states, data) {
  const details = make("details", "viewer-outline");
  details.append(make("summary", "", "文字版：逐步列出"));
  const list = make("ol");
  const nodes = viewer.get("elementRegistry").filter((element) => SHOWN.has(element.type) && element.businessObject.name);
  nodes.sort((a, b) => a.x - b.x || a.y - b.y);
  for (const node of nodes) {
    const badge = data.badges[node.id];
    const count = badge ? `，${badge.done}/${badge.total ?? "…"} 完成` : "";
    const item = make("li", "", `${node.businessObject.name}：${WORDS[states.get(node.id)]}${count}`);
    const notes = data.notes?.[node.id] ?? [];
    if (notes.length) {
      const inner = make("ul");
      for (const note of notes) inner.append(make("li", "", told(note)));
      item.append(inner);
    }
    list.append(item);
  }
  details.append(list);
  return details;
}

function told(note) {
  const who = [note.unit, note.post, note.person].filter(Boolean).join(" · ");
  if (note.status === "done") return `${who}，${moment(note.completed_at)} 办结`;
  if (note.status === "withdrawn") return `${who}，已收回`;
  return `${who}，办理中，截止 ${due(note.due_at)}`;
}

function tips(box, viewer, states, data) {
  const tip = make("div", "viewer-tip");
  tip.hidden = true;
  box.append(tip);
  viewer.on("element.hover", ({ element, gfx }) => {
    const name = element.businessObject?.name;
    if (!states.has(element.id) || !name || element.waypoints) return;
    tip.replaceChildren(make("strong", "", name), make("span", "viewer-tip-state", WORDS[states.get(element.id)]));
    for (const note of data.notes?.[element.id] ?? []) tip.append(make("p", "", told(note)));
    const place = gfx.getBoundingClientRect();
    const frame = box.getBoundingClientRect();
    tip.hidden = false;
    tip.style.left = `${Math.max(4, Math.min(place.left - frame.left, frame.width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${place.bottom - frame.top + 6}px`;
  });
  viewer.on("element.out", () => { tip.hidden = true; });
}

function links(viewer, addresses) {
  const canvas = viewer.get("canvas");
  for (const id of Object.keys(addresses)) {
    if (viewer.get("elementRegistry").get(id)) canvas.addMarker(id, "has-link");
  }
  viewer.on("element.click", ({ element }) => {
    if (addresses[element.id]) window.location.assign(addresses[element.id]);
    else viewer.get("canvas").getContainer().dispatchEvent(new CustomEvent("viewer:pick", { bubbles: true, detail: element.id }));
  });
}

async function begin(box) {
  if (box.dataset.begun) return;
  box.dataset.begun = "yes";
  try {
    const answer = await fetch(box.dataset.src, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const data = await answer.json();
    if (!answer.ok) throw new Error(data.error);
    box.viewer = await draw(box, data);
    box.dataset.drawn = "yes";
  } catch (error) {
    box.replaceChildren(make("p", "viewer-failed", `流程图没有显示出来：${error.message || "请刷新页面再试"}`));
  }
}

// A diagram behind a closed fold or tab has no size yet: draw it when it can be seen.
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) begin(entry.target);
  }
});
for (const box of document.querySelectorAll('[data-island="viewer"]')) watcher.observe(box);
