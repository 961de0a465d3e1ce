// Picking letters in a list, looking into one beside it, and who else is at a letter.
import { counts } from "./counts.js";
import { element, listen, plural, word } from "./words.js";

const boxes = () => [...document.querySelectorAll("[data-picking] input[name=brev]")];
const boxOf = (row) => row?.closest("li")?.querySelector("input[name=brev]");
let lastPicked = null;

function count() {
  const said = document.querySelector("[data-picked]");
  if (!said) return;
  const n = boxes().filter((b) => b.checked).length;
  said.textContent = n ? plural("desk.pickcount", n) : word("desk.pickhint");
  document.querySelector("[data-picking]").classList.toggle("some", n > 0);
  for (const b of boxes()) b.closest("li").classList.toggle("is-picked", b.checked);
}

// pick turns one row's box over; with range, all from the last one to it.
export function pick(row, range) {
  const box = boxOf(row);
  if (!box) return;
  if (!range || !lastPicked) box.checked = !box.checked;
  picked(box, range, true);
}

// picked notes the last box; with range those between it and the one before become on.
function picked(box, range, on) {
  const all = boxes(), from = all.indexOf(lastPicked), to = all.indexOf(box);
  if (range && from >= 0) for (let i = Math.min(from, to); i <= Math.max(from, to); i++) all[i].checked = on;
  lastPicked = box;
  count();
}

export function unpick() {
  const some = boxes().some((b) => b.checked);
  for (const b of boxes()) b.checked = false;
  count();
  return some;
}

// picks tells whether something is picked; if nothing is, the row becomes it.
export function picks(row) {
  if (boxes().some((b) => b.checked)) return true;
  if (!boxOf(row)) return false;
  pick(row, false);
  return true;
}

// act presses a button of the list for the picked rows, or for the one in focus.
export function act(row, what) {
  const form = document.querySelector("[data-picking]"), button = form?.querySelector(`button[value="${what}"]`);
  if (!button || !picks(row)) return false;
  form.requestSubmit(button);
  return true;
}

// peek shows a letter beside the list without reading it; again, or without a row, it goes.
export async function peek(row) {
  const aside = document.getElementById("kig");
  if (!aside) return;
  if (!row || (aside.dataset.of === row.dataset.peek && !aside.hidden)) {
    aside.hidden = true;
    document.body.classList.remove("peeking");
    return;
  }
  aside.dataset.of = row.dataset.peek;
  aside.hidden = false;
  document.body.classList.add("peeking");
  aside.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(row.dataset.peek, { redirect: "error" });
    const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (aside.dataset.of !== row.dataset.peek) return; // another was asked for meanwhile
    const found = page && page.querySelector("[data-peeked]");
    if (found) aside.replaceChildren(document.adoptNode(found));
    else aside.textContent = word("peek.failed");
  } catch {
    aside.textContent = word("peek.failed");
  }
  aside.removeAttribute("aria-busy");
}

export const peeking = () => document.getElementById("kig")?.hidden === false;

// show puts who is at which letter into the rows of a list.
export function show(present) {
  for (const place of document.querySelectorAll("[data-there]")) {
    const there = present.filter((p) => String(p.letter) === place.dataset.there);
    const text = there.map((p) => p.text).join(", ");
    if (place.title === text) continue;
    place.title = text;
    const initials = there.map((p) => p.initials).join(" ");
    place.replaceChildren(...(text ? [element("span", { ariaHidden: "true" }, initials), element("span", { className: "sr" }, text)] : []));
    place.classList.toggle("writing", there.some((p) => p.writing));
  }
}

function presence() {
  const place = document.querySelector("[data-present]");
  if (!place) return;
  listen(place.dataset.present, {
    present: (all) => place.replaceChildren(...all.map((p) => element("p", { className: `note ${p.writing ? "soon" : "calm"} small` }, p.text))),
    news: counts,
  });
}

export function start() {
  for (const b of boxes()) {
    b.addEventListener("click", (e) => picked(b, e.shiftKey, b.checked));
  }
  for (const link of document.querySelectorAll(".look")) {
    link.addEventListener("click", (e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      peek(link.closest("li").querySelector("[data-row]"));
    });
  }
  count();
  presence();
}
