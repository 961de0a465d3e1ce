// Says in time that the session is about to end, and keeps it when somebody is there.
import { now, plural, setNow, word } from "./words.js";

const root = document.documentElement.dataset;
const speed = Number(root.speed) || 1;
const warn = 5 * 60000 * speed; // by the server's clock
const pause = 20000; // between two looks at the server, in the browser's own milliseconds

export function start() {
  const dialog = document.getElementById("ending");
  if (!dialog) return;
  const left = document.getElementById("ending-left"), stay = dialog.querySelector("[data-stay]"), ended = document.getElementById("ended");
  let ends = Number(root.ends), asked = -pause, last = false, hushed = false, busy = false;

  // ask tells how long the session lasts; another window may have kept it. By POST it is
  // kept from here.
  async function ask(method) {
    busy = true;
    asked = performance.now();
    try {
      const answer = await fetch("/log-ind/tid", { method, headers: method === "GET" ? { "Brevdue-Refresh": "1" } : {}, redirect: "manual" });
      if (answer.type === "opaqueredirect") ends = 0;
      if (answer.ok) {
        const time = await answer.json();
        setNow(time.now);
        ends = time.ends;
      }
    } catch {
      // Without a connection nothing is known; the next look tells.
    }
    busy = false;
  }

  function over() {
    if (dialog.open) dialog.close();
    if (!ended.open) ended.showModal();
  }

  function show(ms) {
    left.textContent = plural("ending.left", Math.ceil(ms / speed / 60000));
    document.getElementById("ending-text").hidden = last;
    document.getElementById("ending-last").hidden = !last;
    stay.textContent = word(last ? "ending.seen" : "ending.stay");
    if (dialog.open || hushed || document.querySelector("dialog[open]")) return;
    dialog.showModal();
    stay.focus();
  }

  async function tick() {
    if (busy || ended.open) return;
    if (ends - now() > warn) {
      if (dialog.open) dialog.close();
      return;
    }
    if ((!dialog.open && !hushed) || performance.now() - asked > pause) await ask("GET");
    const ms = ends - now();
    if (ms <= 0) over();
    else if (ms <= warn) show(ms);
  }

  stay.addEventListener("click", async () => {
    if (last) {
      hushed = true;
      dialog.close();
      return;
    }
    await ask("POST");
    last = ends - now() <= warn; // there is no more to be had
    if (!last) dialog.close();
    tick();
  });
  dialog.addEventListener("cancel", (e) => {
    e.preventDefault(); // Escape is somebody who is there
    stay.click();
  });
  // Who has signed in again in another window finds the page as he left it.
  addEventListener("focus", async () => {
    if (!ended.open || busy) return;
    await ask("GET");
    if (ends > now()) ended.close();
  });
  setInterval(tick, 1000);
  tick();
}
