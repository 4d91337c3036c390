// The list by keyboard: j and k move, Enter opens, / searches. Filters apply as soon as they are chosen.
const rows = [...document.querySelectorAll("[data-row]")];
let current = -1;

function choose(index) {
  if (!rows.length) return;
  current = Math.max(0, Math.min(rows.length - 1, index));
  rows[current].querySelector("a").focus();
  rows[current].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "j") choose(current + 1);
  else if (event.key === "k") choose(current - 1);
  else if (event.key === "/") document.querySelector("[data-search]")?.focus();
  else return;
  event.preventDefault();
});

for (const [index, row] of rows.entries()) {
  row.addEventListener("focusin", () => { current = index; });
  row.addEventListener("click", (event) => {
    if (!event.target.closest("a, button") && !window.getSelection().toString()) row.querySelector("a").click();
  });
}

for (const field of document.querySelectorAll("[data-submit]")) {
  field.addEventListener("change", () => field.form.submit());
}
