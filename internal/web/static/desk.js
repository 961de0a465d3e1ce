// Picking letters in a list, looking into one beside it, and who else is at a letter.
import { counts } from "./counts.js";
import { plural, word } from "./words.js";

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
  const all = boxes(), from = all.indexOf(lastPicked), to = all.indexOf(box);
  if (range && from >= 0) {
    for (let i = Math.min(from, to); i <= Math.max(from, to); i++) all[i].checked = true;
  } else box.checked = !box.checked;
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
    const initials = document.createElement("span"), said = document.createElement("span");
    initials.ariaHidden = "true";
    initials.textContent = there.map((p) => p.initials).join(" ");
    said.className = "sr";
    said.textContent = text;
    place.replaceChildren(...(text ? [initials, said] : []));
    place.classList.toggle("writing", there.some((p) => p.writing));
  }
}

function presence() {
  const place = document.querySelector("[data-present]");
  if (!place) return;
  let source;
  function open() {
    source = new EventSource(place.dataset.present);
    source.addEventListener("present", (e) => {
      place.replaceChildren(...JSON.parse(e.data).map((p) => {
        const line = document.createElement("p");
        line.className = p.writing ? "note soon small" : "note calm small";
        line.textContent = p.text;
        return line;
      }));
    });
    source.addEventListener("news", (e) => counts(JSON.parse(e.data)));
    source.addEventListener("ended", () => {
      source.close();
      const dialog = document.getElementById("ended");
      if (!dialog.open) dialog.showModal();
    });
    source.addEventListener("error", () => source.readyState === EventSource.CLOSED && setTimeout(open, 10000));
  }
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (e) => e.persisted && open());
}

export function start() {
  for (const b of boxes()) {
    b.addEventListener("click", (e) => {
      if (e.shiftKey && lastPicked && lastPicked !== b) {
        const on = b.checked, all = boxes(), from = all.indexOf(lastPicked), to = all.indexOf(b);
        for (let i = Math.min(from, to); i <= Math.max(from, to); i++) all[i].checked = on;
      }
      lastPicked = b;
      count();
    });
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
