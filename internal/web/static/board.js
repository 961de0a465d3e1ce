// Keeps the deadline board fresh: the server says what stands where, this script
// only fetches it again, and says so when it cannot.
import { listen, now, setNow, span, timeOfDay, word } from "./words.js";

const speed = Number(document.documentElement.dataset.speed) || 1;
const every = Math.max(2000, 20000 / speed); // in the browser's own milliseconds

export function start() {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const region = board.querySelector("[data-region]"), stamp = board.querySelector(".stamp").firstChild;
  const said = board.querySelector("[data-said]"), wall = "wall" in board.dataset;
  let updated = now(), busy = false, again = false;

  // put shows what came and keeps the focus where it was.
  function put(page) {
    const held = region.contains(document.activeElement) ? document.activeElement.id : "";
    const before = region.querySelector("[data-lede]").textContent;
    region.replaceChildren(...page.querySelector("[data-region]").childNodes);
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
    const lede = region.querySelector("[data-lede]").textContent;
    if (lede !== before) said.textContent = lede;
    document.title = page.title;
    for (const name of ["[data-unread]", "[data-late]"]) {
      const count = document.querySelector(name), fresh = page.querySelector(name);
      if (count && fresh) count.replaceWith(fresh);
    }
    setNow(Number(page.documentElement.dataset.now));
    updated = now();
    board.classList.remove("lost");
    stamp.textContent = word("inbox.updated", timeOfDay(updated)) + " ";
  }

  function lost() {
    board.classList.add("lost");
    stamp.textContent = word("board.stale", timeOfDay(updated)) + " ";
  }

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(board.dataset.board, { headers: { "Brevdue-Refresh": "1" }, redirect: "error" });
      const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page && page.querySelector("[data-region]")) put(page);
      else lost();
    } catch {
      lost();
    }
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  let closing = "";
  function tick() {
    const t = now(), clock = board.querySelector("[data-wallclock]"), closes = board.querySelector("[data-closes]");
    if (clock) clock.textContent = timeOfDay(t);
    if (!closes) return;
    const left = Number(closes.dataset.closes) - t;
    if (left > 0) closes.textContent = word(closes.dataset.closesText, span(left));
    else if (closing !== closes.dataset.closes) {
      closing = closes.dataset.closes;
      refresh();
    }
  }

  // A wall where nobody is signed in only asks.
  if (board.dataset.news) listen(board.dataset.news, { news: refresh, changed: refresh }, () => wall || lost());
  tick();
  setInterval(tick, 1000);
  setInterval(refresh, every);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  addEventListener("pageshow", (e) => e.persisted && location.reload());
}
