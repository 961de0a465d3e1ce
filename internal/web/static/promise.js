// The promise of a reading time changes under the user's eyes when it changes in
// the world (F13). The box is a live region, so the change is also spoken.
import { element, now, word } from "./words.js";

const countFrom = 30 * 60 * 1000;

export function start() {
  const box = document.querySelector("[data-promise-box]");
  if (!box) return;
  const tick = () => {
    const what = box.querySelector(".what");
    const changes = Number(what.dataset.changes);
    let left = box.parentElement.querySelector(".countdown");
    if (!changes || changes - now() > countFrom || changes <= now()) left?.remove();
    if (!changes) return;
    const ms = changes - now();
    if (ms <= 0) {
      what.querySelector("span").textContent = what.dataset.next;
      delete what.dataset.changes;
      box.classList.add("changed");
      return;
    }
    if (ms > countFrom) return;
    if (!left?.isConnected) {
      left = element("p", { className: "countdown", ariaHidden: "true" }); // a voice that counts seconds helps nobody
      box.after(left);
    }
    const s = Math.ceil(ms / 1000);
    left.textContent = word("promise.countdown", `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`);
  };
  tick();
  setInterval(tick, 250);
}
