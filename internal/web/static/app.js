// Everything here is an addition: each page is whole without it.
import { start as clocks } from "./clock.js";
import { start as live } from "./live.js";
import { start as keys } from "./keys.js";
import { start as promise } from "./promise.js";
import { start as compose } from "./compose.js";
import { start as board } from "./board.js";
import { start as desk } from "./desk.js";
import { start as session } from "./session.js";

document.documentElement.classList.add("scripted");
for (const part of [clocks, live, keys, promise, compose, board, desk, session]) {
  part();
}
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

// A menu closes when the person goes elsewhere.
document.addEventListener("click", (e) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(e.target)) menu.open = false;
  }
});
