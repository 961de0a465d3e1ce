// The texts and the clock of the page, both given by the server.
const words = JSON.parse(document.body.dataset.words || "{}");

// word returns the text of a key with its %s and %d filled in order.
export function word(key, ...args) {
  let i = 0;
  return (words[key] ?? key).replace(/%[sd]/g, () => String(args[i++]));
}

// element makes one with properties and what it holds.
export function element(tag, properties, ...kids) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...kids);
  return e;
}

// plural picks key.1 or key.n by the number.
export function plural(key, n, ...args) {
  return word(key + (n === 1 ? ".1" : ".n"), n, ...args);
}

const root = document.documentElement.dataset;
let base = Number(root.now), at = performance.now();
const speed = Number(root.speed) || 1;

// now is the server's time in milliseconds. The clock of this computer is never
// trusted; it only measures how long ago the server told the time.
export function now() {
  return base + (performance.now() - at) * speed;
}

// setNow takes the time from a fresh answer of the server.
export function setNow(ms) {
  base = ms;
  at = performance.now();
}

// span is a length of time as people say it.
export function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (minutes < 1) return word("span.now");
  if (minutes < 60) return word("span.minutes", minutes);
  if (minutes >= 48 * 60) return plural("span.days", Math.floor(minutes / 1440));
  if (minutes % 60 === 0) return word("span.hours", minutes / 60);
  return word("span.hoursminutes", Math.floor(minutes / 60), minutes % 60);
}

// timeOfDay is "14.30" in Denmark, wherever the browser is.
export function timeOfDay(ms) {
  const parts = new Intl.DateTimeFormat("da-DK", { timeZone: "Europe/Copenhagen", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(new Date(ms));
  const part = (type) => parts.find((p) => p.type === type).value;
  return word("time.clock").replace("15", part("hour")).replace("04", part("minute"));
}

// listen follows a stream of the server, and opens it again when it broke off. A browser
// holds only six connections to one place: a page that leaves, even into the back-forward
// cache, lets go of its own.
export function listen(path, on, lost) {
  let source;
  const open = () => {
    source = new EventSource(path);
    for (const name in on) source.addEventListener(name, (e) => on[name](JSON.parse(e.data || "null")));
    source.addEventListener("ended", () => {
      source.close();
      const dialog = document.getElementById("ended"); // a wall has none: it goes on asking
      if (dialog && !dialog.open) dialog.showModal();
    });
    source.addEventListener("error", () => {
      lost?.();
      // The browser tries again by itself unless the answer was final.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 10000);
    });
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (e) => e.persisted && open());
}
