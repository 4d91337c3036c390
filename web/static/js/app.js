// What every page can do: the menu on a phone, closing a sentence, going back, menus that close by themselves.
const nav = document.getElementById("nav");
const button = document.querySelector("[data-toggle-nav]");

function showNav(open) {
  document.body.classList.toggle("nav-open", open);
  button.setAttribute("aria-expanded", String(open));
}

if (nav && button) {
  button.addEventListener("click", () => showNav(!document.body.classList.contains("nav-open")));
  document.addEventListener("click", (event) => {
    if (!nav.contains(event.target) && !button.contains(event.target)) showNav(false);
  });
}

// Which groups of the menu stand open is remembered by this browser; the server draws them so on the next page.
for (const group of document.querySelectorAll("details[data-group]")) {
  group.querySelector("summary").addEventListener("click", () => window.setTimeout(rememberGroups));
}
function rememberGroups() {
  const open = [...document.querySelectorAll("details[data-group][open]")].map((group) => group.dataset.group);
  document.cookie = `nav=${open.join(".")}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest(".said, .notice")?.remove();
  if (event.target.closest("[data-back]")) window.history.back();
  if (event.target.closest("[data-print]")) window.print();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (button && document.body.classList.contains("nav-open")) {
    showNav(false);
    button.focus();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.again !== undefined) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf-token"]').content;
});
// Refusals carry a sentence for the person: show them where the answer was to go.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// Pictures open in a window of their own.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-picture]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const dialog = document.createElement("dialog");
  dialog.className = "picture";
  const image = document.createElement("img");
  image.src = link.href;
  image.alt = "";
  const close = document.createElement("button");
  close.className = "btn picture-close";
  close.textContent = "关闭";
  dialog.append(image, close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  document.body.append(dialog);
  dialog.showModal();
});
