// Tells that letters came, without moving a row: the bar has its place reserved.
import { show } from "./desk.js";
import { now, plural, setNow, timeOfDay, word } from "./words.js";

export function start() {
  const box = document.querySelector("[data-live]");
  if (!box) return;
  const had = Number(box.dataset.all);
  const fresh = box.querySelector(".fresh"), stamp = box.querySelector(".stamp");
  const title = document.title.replace(/^\(\d+\) /, "");
  let shown = 0, updated = now();

  function news(n) {
    setNow(n.now);
    updated = n.now;
    box.classList.remove("lost");
    stamp.textContent = word("inbox.updated", timeOfDay(updated));
    document.title = n.unread > 0 ? `(${n.unread}) ${title}` : title;
    for (const count of document.querySelectorAll("[data-unread]")) {
      count.textContent = n.unread || "";
      count.classList.toggle("late", n.late > 0);
    }
    for (const count of document.querySelectorAll("[data-late]")) {
      count.textContent = n.late || "";
      count.classList.toggle("late", n.late > 0);
    }
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
