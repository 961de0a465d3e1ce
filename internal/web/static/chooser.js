// One small dialog to find something in by its name: what the page can do, and the texts
// of the unit.
import { element, plural, word } from "./words.js";

// choose lets a person pick one of the items by name; undefined when none was.
function choose(title, items) {
  const dialog = document.getElementById("chooser");
  const [field, list, said] = ["input", "ul", "[role=status]"].map((s) => dialog.querySelector(s));
  let found, at, done;
  const mark = (i) => {
    at = i;
    [...list.children].forEach((o, k) => o.setAttribute("aria-selected", k === i));
    list.children[i]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", list.children[i]?.id ?? "");
  };
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    found = items.filter((i) => words.every((w) => i.name.toLowerCase().includes(w)));
    list.replaceChildren(...found.map((item, i) => element("li", { id: "choice-" + i, role: "option" }, item.name)));
    said.textContent = plural("chooser.found", found.length);
    mark(0);
  };
  const end = (item) => {
    dialog.close();
    done(item);
  };
  field.oninput = show;
  field.onkeydown = (e) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (by) mark((at + by + found.length) % (found.length || 1));
    else if (e.key === "Enter") found[at] && end(found[at]);
    else if (e.key === "Escape") end();
    else return;
    e.preventDefault();
  };
  list.onclick = (e) => e.target !== list && end(found[[...list.children].indexOf(e.target)]);
  dialog.querySelector("h2").textContent = title;
  field.value = "";
  show();
  dialog.showModal();
  return new Promise((d) => done = d);
}

// palette offers every action and page that the page has a link or button for.
export async function palette() {
  const items = new Map();
  for (const e of document.querySelectorAll("a[href], button, summary")) {
    const name = (e.ariaLabel ?? e.textContent).trim().replace(/\s+/g, " ");
    if (name && !items.has(name) && !e.matches("[data-row]") && !e.closest("dialog, [hidden], [aria-hidden], [data-nojs]")) items.set(name, { name, e });
  }
  const chosen = await choose(word("chooser.palette"), [...items.values()]);
  chosen?.e.focus();
  chosen?.e.click();
}

// phrases puts a text of the unit where the cursor stands, its fields filled from the form:
// by the button, and by / first on an empty line.
export function phrases(form) {
  const text = form.elements.text;
  const insert = async (cancelled) => {
    const box = form.querySelector("[data-phrases]"), field = (name) => form.elements[name]?.value.trim() ?? "", from = text.selectionStart, to = text.selectionEnd;
    const chosen = await choose(word("phrase.insert"), [...box.querySelectorAll("[data-text]")].map((o) => ({ name: o.text, text: o.dataset.text })));
    const values = { ...JSON.parse(box.dataset.phrases), telefon: field("phone") };
    if (form.elements.surname) values.borger = (field("given") + " " + field("surname")).trim();
    text.focus();
    text.setRangeText(chosen?.text.replace(/\{(\p{L}+)\}/gu, (all, name) => values[name] || all) ?? cancelled, from, to, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };
  form.addEventListener("click", (e) => e.target.closest("[data-phrases] button.js") && insert(""));
  text.addEventListener("keydown", (e) => {
    const at = text.selectionStart, empty = /(^|\n)$/.test(text.value.slice(0, at)) && /^(\n|$)/.test(text.value.slice(text.selectionEnd));
    if (e.key !== "/" || !empty || document.body.dataset.keys === "off" || !form.querySelector("[data-phrases]")) return;
    e.preventDefault();
    insert("/");
  });
}
