// The form of a task: filled in, kept as a draft while one types, checked here and by the server, sent once.
import { Form } from "@bpmn-io/form-js-viewer";
import flatpickr from "flatpickr";
import { Mandarin } from "flatpickr/dist/l10n/zh.js";
import "@bpmn-io/form-js-viewer/dist/assets/form-js.css";
import "@bpmn-io/form-js-viewer/dist/assets/flatpickr/light.css";
import "./form.css";
import { commandKey, send } from "./lib/http.js";
import { moment } from "./lib/moments.js";
import { translate } from "./lib/words.js";

flatpickr.localize({ ...Mandarin, firstDayOfWeek: 1 });

const DRAFT_AFTER = 1500;
const chinese = { translate: ["value", translate] };

/** Show a schema with data in `box`; read-only where asked. */
export async function show(box, schema, data, readOnly) {
  const form = new Form({ container: box, additionalModules: [chinese], properties: { readOnly } });
  await form.importSchema(schema, data);
  form.on("changed", 500, () => requestAnimationFrame(() => polish(box)));
  requestAnimationFrame(() => polish(box));
  askBeforeRemoving(box);
  return form;
}

// The few words that form-js does not hand to its translate service.
function polish(box) {
  for (const input of box.querySelectorAll('input[placeholder="Search"]')) input.placeholder = translate("Search");
  for (const input of box.querySelectorAll('input[placeholder="yyyy/mm/dd"]')) input.placeholder = "年/月/日";
  for (const input of box.querySelectorAll('input[placeholder="hh:mm"]')) input.placeholder = "时:分";
  for (const button of box.querySelectorAll(".fjs-repeat-row-remove")) {
    const number = /\d+$/.exec(button.getAttribute("aria-label"))?.[0];
    if (number) button.setAttribute("aria-label", `删除第${number}项`);
  }
}

/** Asked before an item with everything typed into it is gone. */
function askBeforeRemoving(box) {
  box.addEventListener("click", (event) => {
    const button = event.target.closest(".fjs-repeat-row-remove");
    if (button && !window.confirm("删除这一项？其中填写的内容会一起删除。")) {
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
}

/** The values of the form's own fields, without the facts that were only shown. */
function values(form) {
  return JSON.parse(JSON.stringify(form._getSubmitData()));
}

class Task {
  constructor(root, form) {
    this.root = root;
    this.form = form;
    this.key = commandKey();
    this.saved = "";
    this.touched = false;
    this.opinion = document.querySelector("[data-opinion]");
    this.state = document.querySelector("[data-draft-state]");
    this.refusal = document.querySelector("[data-refusal]");
    this.password = document.querySelector("[data-password]");
    this.buttons = [...document.querySelectorAll("[data-submit-task]")];
  }

  begin() {
    // What the form fills in by itself when it opens is nobody's draft.
    for (const name of ["pointerdown", "keydown", "input", "paste"]) {
      this.root.addEventListener(name, () => this.touch(), { capture: true });
    }
    this.form.on("changed", () => this.plan());
    for (const button of this.buttons) button.addEventListener("click", () => this.submit(button));
    document.addEventListener("visibilitychange", () => document.hidden && this.save(true));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && this.buttons.length === 1) this.submit(this.buttons[0]);
    });
    document.addEventListener("files:changed", () => this.refuse(""));
    window.addEventListener("beforeunload", (event) => {
      if (!this.leaving && this.unsaved()) event.preventDefault();
    });
  }

  // -- draft ------------------------------------------------------------------------------------------------------
  touch() {
    if (this.touched) return;
    this.touched = true;
    this.saved = JSON.stringify(values(this.form));
  }

  unsaved() {
    return this.touched && JSON.stringify(values(this.form)) !== this.saved;
  }

  plan() {
    clearTimeout(this.timer);
    if (!this.unsaved()) return;
    this.key = commandKey();
    this.say("正在编辑……");
    this.timer = setTimeout(() => this.save(false), DRAFT_AFTER);
  }

  async save(leaving) {
    clearTimeout(this.timer);
    const data = values(this.form);
    const text = JSON.stringify(data);
    if (!this.unsaved() || this.sending || this.leaving) return;
    const answer = await send("PUT", this.root.dataset.draft, { data }, { keepalive: leaving && text.length < 60000 });
    if (answer.ok) {
      this.saved = text;
      this.say(`草稿已自动保存 ${moment(answer.data.saved_at).split(" ")[1]}`);
    } else {
      this.say(`草稿没有保存：${sentence(answer)}`, true);
    }
  }

  say(text, bad = false) {
    this.state.textContent = text;
    this.state.classList.toggle("is-bad", bad);
  }

  // -- submit -----------------------------------------------------------------------------------------------------
  async submit(button) {
    if (this.sending) return;
    this.refuse("");
    const { data, errors } = this.form.submit();
    if (Object.keys(errors).length) {
      this.refuse("有内容未填写或填写有误，请按红色提示修改。");
      this.toFirstError();
      return;
    }
    const outcome = button.dataset.outcome || null;
    const opinion = this.opinion ? this.opinion.value.trim() : data.opinion || data.unmet_reason || "";
    if (button.dataset.needsOpinion !== undefined && !opinion) {
      this.needOpinion();
      return;
    }
    this.busy(true, button);
    const body = { answers: data, outcome, opinion, version: Number(this.root.dataset.version) };
    if (this.password) body.password = this.password.value;
    const answer = await send("POST", this.root.dataset.submit, body, { key: this.key });
    if (answer.ok) {
      this.leaving = true;
      window.location.assign(answer.data.next);
      return;
    }
    this.busy(false, button);
    this.refused(answer);
  }

  needOpinion() {
    this.refuse("请填写意见，说明理由。");
    (this.opinion ?? this.root.querySelector('textarea[id$="opinion"], textarea'))?.focus();
  }

  busy(on, button) {
    this.sending = on;
    for (const each of this.buttons) each.disabled = on;
    button.classList.toggle("is-sending", on);
  }

  refused(answer) {
    const fields = answer.data.fields ?? {};
    const shown = this.showErrors(fields);
    if (fields.attachments) this.toAttachments(shown);
    // a key that was refused may be used again only for the same content
    this.key = commandKey();
    this.refuse(sentence(answer), Object.entries(fields).filter(([path]) => !shown.has(path)).map(([, text]) => text));
    if (shown.size && !fields.attachments) this.toFirstError();
    if (answer.status === 409) this.offerReload();
    if (answer.status === 401) this.offerLogin();
  }

  toAttachments(shown) {
    shown.add("attachments");
    document.getElementById("attachments")?.scrollIntoView({ block: "center" });
  }

  refuse(text, more = []) {
    this.refusal.hidden = !text;
    this.refusal.replaceChildren();
    if (!text) return;
    const line = document.createElement("p");
    line.textContent = text;
    this.refusal.append(line);
    for (const item of more.filter((each) => each !== text)) {
      const extra = document.createElement("p");
      extra.textContent = item;
      this.refusal.append(extra);
    }
    this.refusal.scrollIntoView({ block: "nearest" });
  }

  offerReload() {
    this.offer("查看最新情况", window.location.href);
  }

  offerLogin() {
    this.offer("在新窗口登录，然后回到这里再次提交", "/login", true);
  }

  offer(text, address, elsewhere = false) {
    const link = document.createElement("a");
    link.textContent = text;
    link.href = address;
    if (elsewhere) link.target = "_blank";
    else link.addEventListener("click", () => { this.leaving = true; });
    this.refusal.append(link);
  }

  /** The server's sentences at their fields; returns the paths that found their field. */
  showErrors(fields) {
    const shown = new Set();
    const errors = {};
    const registry = this.form.get("formFieldRegistry");
    for (const instance of this.form.get("formFieldInstanceRegistry").getAllKeyed()) {
      const path = instance.valuePath.join(".");
      if (!fields[path]) continue;
      let place = errors;
      const steps = [registry.get(instance.id).id, ...Object.values(instance.indexes ?? {})];
      for (const step of steps.slice(0, -1)) place = place[step] ??= {};
      place[steps.at(-1)] = [fields[path]];
      shown.add(path);
    }
    if (shown.size) this.form._setState({ errors });
    return shown;
  }

  toFirstError() {
    requestAnimationFrame(() => {
      const field = this.root.querySelector(".fjs-has-errors");
      field?.scrollIntoView({ block: "center" });
      field?.querySelector("input, textarea, select, [tabindex]")?.focus({ preventScroll: true });
    });
  }
}

function sentence(answer) {
  if (answer.status === 401) return "登录已过期。您填写的内容仍在页面上。";
  return answer.data.error || "没有提交成功，请稍后再试。";
}

async function begin(root) {
  const { schema, data, context, readonly } = root.dataset;
  const readOnly = readonly !== undefined;
  const box = root.querySelector("[data-form-box]");
  const form = await show(box, JSON.parse(schema), { ...JSON.parse(context), ...JSON.parse(data) }, readOnly);
  root.form = form;
  if (!readOnly) new Task(root, form).begin();
  root.dataset.drawn = "yes";
}

for (const root of document.querySelectorAll('[data-island="form"]')) begin(root);
