// Keys for lists and appeals: nothing here is needed to do the work, it only makes it quicker.
const rows = [...document.querySelectorAll("[data-row]")];
let at = -1;

function move(step) {
  if (rows.length === 0) return;
  at = Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[at].focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => rows[at]?.closest("tr").querySelector("[data-pick]")?.click(),
  c: () => (rows[at]?.closest("tr") ?? document).querySelector("[data-claim]")?.click(),
  g: () => document.querySelector("[data-list]")?.click(),
  n: () => document.querySelector("[data-next]")?.click(),
  d: () => document.querySelector("[data-decide] select")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const row of rows) row.addEventListener("focus", () => (at = rows.indexOf(row)));

document.addEventListener("click", (event) => {
  const text = event.target.closest("[data-insert]")?.dataset.insert;
  const field = document.querySelector("[data-motivation]");
  if (text === undefined || !field) return;
  field.value = [field.value.trim(), text].filter(Boolean).join("\n\n");
  field.focus();
});
