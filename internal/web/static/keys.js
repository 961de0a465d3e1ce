// Single-key shortcuts. Each only presses what is visible on the page, none works
// inside a field, and all can be switched off (WCAG 2.1.4).
import { palette } from "./chooser.js";
import { act, peek, peeking, pick, picks, unpick } from "./desk.js";

const listKey = "brevdue-list";

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

// step moves to the next or previous letter: in a list the focus, on a letter the page.
function step(by) {
  const all = rows();
  if (all.length === 0) {
    document.querySelector(by > 0 ? "[data-neighbours] .next:not([hidden])" : "[data-neighbours] .prev:not([hidden])")?.click();
    return;
  }
  const at = all.indexOf(document.activeElement);
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  if (!all[to]) return;
  all[to].focus();
  all[to].scrollIntoView({ block: "nearest" });
  if (peeking()) peek(all[to]);
}

function currentRow() {
  return rows().find((r) => r === document.activeElement);
}

// folded is the letter of the thread to fold or unfold: the one in focus, else the first
// that is folded.
function folded() {
  const focused = document.activeElement;
  if (focused?.matches(".thread summary")) return focused;
  const first = document.querySelector(".thread details:not([open]) > summary");
  first?.focus();
  return first;
}

// assign leads to the choice of a colleague, for the picked letters or the one in focus.
function assign() {
  const field = document.querySelector("[data-assign]");
  if (!field || (rows().length > 0 && !picks(currentRow()))) return false;
  field.focus();
  field.scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const target = document.querySelector(`[data-key="${key}"]`);
  target?.click();
  return Boolean(target);
}

function go(path) {
  const unit = document.body.dataset.unit;
  if (unit) location.assign(unit + path);
}

function help() {
  const dialog = document.getElementById("keys");
  if (dialog && !dialog.open) dialog.showModal();
}

function escape() {
  const open = document.querySelector("details.menu[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (peeking()) {
    peek(null);
  } else if (unpick()) {
    return;
  } else if (document.querySelector("[data-row]")) {
    document.body.classList.add("hush"); // an explanation that is in the way goes
    document.activeElement.blur();
  } else if (!document.querySelector("[data-compose]")) {
    press("Escape");
  }
}

let leader = 0; // when g was pressed

function single(e) {
  if (leader && e.timeStamp - leader < 1500) {
    leader = 0;
    const to = { i: "/indbakke", s: "/sendt", m: "/indbakke?vis=mine", f: "/frister" }[e.key];
    if (to) return go(to), true;
  }
  switch (e.key) {
    case "g": leader = e.timeStamp; return true;
    case "j": step(1); return true;
    case "k": step(-1); return true;
    case "o": (currentRow() ?? folded())?.click(); return true;
    case "n": case "z": return press(e.key);
    case "m": {
      const take = currentRow()?.closest("li")?.querySelector("[data-take]");
      if (take) take.click();
      else if (!act(currentRow(), "tag")) return press("m");
      return true;
    }
    case "a": return assign();
    case "x": case "X": pick(currentRow(), e.shiftKey); return true;
    case " ": {
      const row = currentRow();
      if (!row?.dataset.peek) return false;
      peek(row);
      return true;
    }
    case "e": return act(currentRow(), "arkiver") || press("e");
    case "?": help(); return true;
    case "/": {
      const field = document.getElementById("soeg");
      field?.focus();
      field?.select();
      return Boolean(field);
    }
    case "t": {
      const row = currentRow();
      if (!row?.dataset.reply) return press("t");
      location.assign(row.getAttribute("href") + "/telefon");
      return true;
    }
    case "r": case "v": {
      const to = currentRow()?.dataset[e.key === "r" ? "reply" : "forward"];
      if (!to) return press(e.key);
      location.assign(to);
      return true;
    }
  }
  return false;
}

function neighbours() {
  const box = document.querySelector("[data-neighbours]");
  const all = JSON.parse(sessionStorage.getItem(listKey) || "[]");
  const at = all.indexOf(location.pathname);
  if (!box || at < 0) return;
  for (const [name, path] of [["prev", all[at - 1]], ["next", all[at + 1]]]) {
    const link = box.querySelector("." + name);
    link.hidden = !path;
    if (path) link.href = path;
  }
  box.hidden = false;
}

export function start() {
  // Addresses hold numbers of letters only, nothing of a citizen.
  if (rows().length > 0 && !document.querySelector(".tasks")) sessionStorage.setItem(listKey, JSON.stringify(rows().map((r) => r.getAttribute("href"))));
  neighbours();
  const off = document.body.dataset.keys === "off";
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.isComposing || document.querySelector("dialog[open]")) return;
    const ctrl = e.ctrlKey || e.metaKey;
    if (ctrl && e.key === "k") {
      e.preventDefault();
      palette();
    }
    if (ctrl && e.key === "Enter") {
      const form = document.querySelector("form:has([data-submit])");
      form?.requestSubmit(form.querySelector("[data-submit]"));
      return;
    }
    const field = e.target.closest?.("input, textarea, select, [contenteditable]");
    if (e.key === "Escape") {
      if (field) field.blur();
      else escape();
      return;
    }
    if (field || off || ctrl || e.altKey) return;
    if (single(e)) e.preventDefault();
  });
  document.addEventListener("keyup", () => document.activeElement === document.body || document.body.classList.remove("hush"));
  document.querySelector("[data-palette]")?.addEventListener("click", palette);
  if (!off) {
    document.querySelector('[data-key="?"]')?.addEventListener("click", (e) => {
      e.preventDefault();
      help();
    });
  }
}
