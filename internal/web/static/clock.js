// Keeps the clocks of the letters running by the same rules as chip.go.
import { now, span, word } from "./words.js";

const soon = 30 * 60 * 1000;

function state(d, t) {
  const due = Number(d.due);
  if ("soft" in d) return t >= due ? { tone: "soon", text: word("chip.softpast") } : null;
  if (t >= due) return { tone: "late", text: word("chip.late", span(t - due)) };
  if (d.shift) {
    const left = Number(d.shift) - t;
    if (left <= 0) return { tone: "soon", text: word("chip.shiftover", d.clock) };
    return { tone: left <= soon ? "soon" : "calm", text: word("chip.shift", d.shiftClock) };
  }
  if (due - t <= soon) return { tone: "soon", text: word("chip.soon", d.clock, span(due - t)) };
  if (d.day && t >= Number(d.day)) return { tone: "calm", text: word("chip.today", d.clock) };
  return null;
}

function tick() {
  const t = now();
  for (const chip of document.querySelectorAll(".chip[data-due]")) {
    const s = state(chip.dataset, t);
    if (!s) continue;
    const text = chip.querySelector(".chip-t");
    if (text.textContent !== s.text) text.textContent = s.text;
    if (!chip.classList.contains(s.tone)) {
      const row = chip.closest(".row, .card");
      for (const e of row ? [chip, row] : [chip]) {
        e.classList.remove("late", "soon", "calm");
        e.classList.add(s.tone);
      }
      chip.querySelector("use").setAttribute("href", "#i-" + s.tone);
    }
  }
}

export function start() {
  if (!document.querySelector(".chip[data-due], [data-board]")) return;
  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
