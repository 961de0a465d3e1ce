// Tells that letters came, without moving a row: the bar has its place reserved.
import { show } from "./desk.js";
import { element, listen, now, plural, setNow, timeOfDay, word } from "./words.js";

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
    for (const count of document.querySelectorAll("[data-unread], [data-late]")) {
      count.textContent = ("unread" in count.dataset ? n.unread : n.late) || "";
      count.classList.toggle("late", n.late > 0);
    }
    show(n.present);
    const came = n.all - had;
    if (came <= 0 || came === shown) return;
    shown = came;
    const link = element("a", { href: location.pathname + location.search }, word("inbox.show"));
    fresh.replaceChildren(element("p", {}, plural("inbox.fresh", came), " – ", link));
  }

  listen(box.dataset.live, { news }, () => {
    box.classList.add("lost");
    stamp.textContent = word("inbox.lost", timeOfDay(updated));
  });
}
