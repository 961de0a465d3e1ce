// Tells that letters came, without moving a row: the bar has its place reserved.
import { counts } from "./counts.js";
import { show } from "./desk.js";
import { element, listen, now, plural, setNow, timeOfDay, word } from "./words.js";

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
    const link = element("a", { href: location.pathname + location.search }, word("inbox.show"));
    fresh.replaceChildren(element("p", {}, plural("inbox.fresh", came), " – ", link));
  }

  listen(box.dataset.live, { news }, () => {
    box.classList.add("lost");
    stamp.textContent = word("inbox.lost", timeOfDay(updated));
  });
}
