// The directory while one types, and letters to the register's keeper for the clipboard.
import { word } from "./words.js";

function search(form) {
  const input = form.elements.namedItem("ord"), said = document.querySelector("[data-said]");
  let wait, asked = 0;
  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error" });
      if (!answer.ok || mine !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-found]");
      if (mine !== asked || !fresh) return;
      document.querySelector("[data-found]").replaceChildren(...fresh.childNodes);
      said.textContent = document.querySelector("[data-lede]").textContent;
    } catch {
      // The button remains.
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(ask, 220);
  });
  form.addEventListener("change", (e) => e.target !== input && ask());
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy);
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.nextElementSibling.textContent = word("dir.copied");
  } catch {
    button.nextElementSibling.textContent = word("dir.selected"); // no clipboard here: the text is marked
  }
}

export function start() {
  const form = document.querySelector("[data-directory]");
  if (form) search(form);
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
}
