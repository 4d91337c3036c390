// The task page without its form: files, tasks that have no form.
const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

async function sentenceOf(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return "没有成功，请稍后再试。";
  }
}

// -- files ----------------------------------------------------------------------------------------------------------
const list = document.querySelector("[data-files]");
const upload = document.querySelector("[data-upload]");

async function refreshFiles() {
  const answer = await fetch(list.dataset.src, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  list.innerHTML = await answer.text();
  document.dispatchEvent(new CustomEvent("files:changed"));
}

function line(text, kind) {
  const item = document.createElement("p");
  item.className = `upload-line is-${kind}`;
  item.textContent = text;
  upload.querySelector("[data-upload-state]").append(item);
  return item;
}

async function sendFile(file) {
  const limit = Number(upload.dataset.limit);
  if (file.size > limit * 1024 * 1024) {
    line(`“${file.name}”超过 ${limit} MB，没有上传。`, "bad");
    return;
  }
  const state = line(`正在上传“${file.name}”……`, "busy");
  const body = new FormData();
  body.append("file", file);
  try {
    const answer = await fetch(upload.action, { method: "POST", body, headers: { "X-CSRF-Token": csrf(), Accept: "application/json" } });
    if (!answer.ok) throw new Error(await sentenceOf(answer));
    state.remove();
    await refreshFiles();
  } catch (error) {
    state.className = "upload-line is-bad";
    state.textContent = `“${file.name}”没有上传：${error instanceof TypeError ? "网络不通" : error.message}`;
  }
}

async function sendFiles(files) {
  upload.querySelector("[data-upload-state]").replaceChildren();
  for (const file of files) await sendFile(file);
}

if (upload) {
  const field = upload.querySelector('input[type="file"]');
  field.addEventListener("change", async () => {
    await sendFiles([...field.files]);
    field.value = "";
  });
  upload.addEventListener("submit", (event) => event.preventDefault());
  const box = upload.querySelector(".upload-box");
  for (const name of ["dragover", "dragleave", "drop"]) {
    box.addEventListener(name, (event) => {
      event.preventDefault();
      box.classList.toggle("is-over", name === "dragover");
      if (name === "drop") sendFiles([...event.dataTransfer.files]);
    });
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-remove-file]");
  if (!form) return;
  event.preventDefault();
  if (!window.confirm(`删除附件“${form.dataset.name}”？`)) return;
  const answer = await fetch(form.action, { method: "POST", headers: { "X-CSRF-Token": csrf(), Accept: "application/json" } });
  if (answer.ok) await refreshFiles();
  else line(await sentenceOf(answer), "bad");
});

// -- a task that asks for nothing but its completion --------------------------------------------------------------------
const plain = document.querySelector("[data-plain-task]");
if (plain) {
  const refusal = document.querySelector("[data-refusal]");
  const opinion = document.querySelector("[data-opinion]");
  const password = document.querySelector("[data-password]");
  const buttons = [...document.querySelectorAll("[data-submit-task]")];
  const key = String(Date.now()) + Math.random().toString(16).slice(2);
  const say = (text) => {
    refusal.hidden = false;
    refusal.textContent = text;
  };
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const text = opinion?.value.trim() ?? "";
      if (button.dataset.needsOpinion !== undefined && !text) {
        say("请填写意见，说明理由。");
        opinion?.focus();
        return;
      }
      for (const each of buttons) each.disabled = true;
      const body = JSON.stringify({ answers: {}, outcome: button.dataset.outcome || null, opinion: text, version: Number(plain.dataset.version), password: password?.value ?? "" });
      const headers = { "X-CSRF-Token": csrf(), Accept: "application/json", "Content-Type": "application/json", "Idempotency-Key": key };
      try {
        const answer = await fetch(plain.dataset.submit, { method: "POST", body, headers });
        if (!answer.ok) throw new Error(await sentenceOf(answer));
        window.location.assign((await answer.json()).next);
      } catch (error) {
        say(error instanceof TypeError ? "网络不通，没有提交成功，请稍后再试。" : error.message);
        for (const each of buttons) each.disabled = false;
      }
    });
  }
}
