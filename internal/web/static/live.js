// Tells that letters came, without moving a row: the bar has its place reserved.
import { counts } from "./counts.js";
import { show } from "./desk.js";
import { now, plural, setNow, timeOfDay, word } from "./words.js";

export function start() {
  const box = document.querySelector("[data-live]");
  if (!box) return;
  const had = Number(box.dataset.all);
  const fresh = box.querySelector(".fresh"), stamp = box.querySelector(".stamp");
  let shown = 0, updated = now();

  function news(n) {
    setNow(n.now);
    updated = n.now;
    box.classList.remove("lost");
    stamp.textContent = word("inbox.updated", timeOfDay(updated));
    counts(n);
    show(n.present);
    const came = n.all - had;
    if (came <= 0 || came === shown) return;
    shown = came;
    const line = document.createElement("p"), link = document.createElement("a");
    link.href = location.pathname + location.search;
    link.textContent = word("inbox.show");
    line.append(plural("inbox.fresh", came), " – ", link);
    fresh.replaceChildren(line);
  }

  let source;
  function open() {
    source = new EventSource(box.dataset.live);
    source.addEventListener("news", (e) => news(JSON.parse(e.data)));
    source.addEventListener("ended", () => {
      source.close();
      const dialog = document.getElementById("ended");
      if (!dialog.open) dialog.showModal();
    });
    source.addEventListener("error", () => {
      box.classList.add("lost");
      stamp.textContent = word("inbox.lost", timeOfDay(updated));
      // The browser tries again by itself unless the answer was final.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 10000);
    });
  }
  open();
  // A browser holds only six connections to one place: a page that leaves, even
  // into the back-forward cache, lets go of its own.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (e) => e.persisted && open());
}
