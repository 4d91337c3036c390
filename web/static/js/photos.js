// Photos: each is sent by itself as soon as it is chosen or taken, so that many large ones fit; without this script the
// form sends them together.
const form = document.querySelector("[data-photos]");
const state = form.querySelector("[data-photo-state]");
form.querySelector("[data-photo-send]").hidden = true;
form.querySelector("[data-photo-choice]").hidden = false;

function line(text, kind) {
  const item = document.createElement("p");
  item.className = `upload-line is-${kind}`;
  item.textContent = text;
  state.append(item);
  return item;
}

async function send(file) {
  const limit = Number(form.dataset.limit);
  if (file.size > limit * 1024 * 1024) {
    line(`“${file.name}”超过 ${limit} MB，没有上传。`, "bad");
    return false;
  }
  const shown = line(`正在上传“${file.name}”……`, "busy");
  const body = new FormData(form);
  body.delete("photos");
  body.append("photos", file, file.name || "photo.jpg");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || "没有成功，请稍后再试。");
    shown.remove();
    return true;
  } catch (error) {
    shown.className = "upload-line is-bad";
    shown.textContent = `“${file.name}”没有上传：${error instanceof TypeError ? "网络不通" : error.message}`;
    return false;
  }
}

for (const field of form.querySelectorAll('input[type="file"]')) {
  field.addEventListener("change", async () => {
    state.replaceChildren();
    let all = true;
    for (const file of [...field.files]) all = (await send(file)) && all;
    field.value = "";
    if (all) {
      window.location.hash = "photos";
      window.location.reload();
    } else {
      line("其余的已上传，刷新页面后可以看到。", "busy");
    }
  });
}
