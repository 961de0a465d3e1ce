// Help while writing: counter, dependent choice of category and subject, search
// while typing, the promise for the chosen receiver, and no second send.
import { phrases } from "./chooser.js";
import { element, now, plural, word } from "./words.js";

const post = (path, body, more) => fetch(path, { method: "POST", body, redirect: "error", ...more });

function counter(form) {
  const text = form.querySelector("[data-count]");
  if (!text) return;
  const out = form.querySelector("[data-counter]"), long = Number(text.dataset.long);
  const show = () => {
    const n = [...text.value].length;
    out.textContent = plural("compose.counter", n) + (n > long ? ". " + word("compose.long") : "");
    out.classList.toggle("long", n > long);
  };
  text.addEventListener("input", show);
  show();
}

// subjects makes two dependent choices of the one that works without a script.
// The original stays in the form and is what is sent.
function subjects(form) {
  const all = form.querySelector("[data-subjects] select");
  const outside = form.querySelector("[data-outside]"), uses = form.querySelector("[data-uses]");
  if (!all) return;
  const groups = [...all.querySelectorAll("optgroup")];
  const field = all.closest(".field"), label = field.querySelector("label");
  const select = (id, text) => {
    const s = element("select", { id });
    return { box: element("div", {}, element("label", { htmlFor: id, className: "sub" }, text), s), s };
  };
  const category = select("f-category", word("compose.category"));
  const subject = select("f-subject-of-category", label.textContent);
  const pair = element("div", { className: "pair" }, category.box, subject.box);
  category.s.append(new Option(word("compose.choosecategory"), ""));
  groups.forEach((g, i) => category.s.append(new Option(g.label, String(i))));
  all.after(pair);
  all.hidden = true;
  label.hidden = true;
  // Links of the error summary must land in the field that is seen.
  all.id = "f-subject-sent";
  category.s.id = "f-subject";
  category.box.querySelector("label").htmlFor = "f-subject";
  label.htmlFor = all.id;

  const told = () => {
    const o = all.selectedOptions[0];
    outside.hidden = all.value !== "*";
    const parts = [];
    if (o?.dataset.examples) parts.push(word("compose.uses", o.dataset.examples));
    if (o?.dataset.national) parts.push(word("compose.sentas", o.dataset.national));
    uses.textContent = parts.join(" · ");
    uses.hidden = parts.length === 0;
  };
  const fill = () => {
    const g = groups[Number(category.s.value)];
    const options = category.s.value === "" ? [] : [...g.children];
    subject.s.replaceChildren(...(options.length === 1 ? [] : [new Option(word("compose.choosesubject"), "")]),
      ...options.map((o) => new Option(o.textContent, o.value)));
    subject.s.disabled = options.length === 0;
  };
  for (const s of [category.s, subject.s]) {
    for (const name of ["aria-invalid", "aria-describedby"]) if (all.hasAttribute(name)) s.setAttribute(name, all.getAttribute(name));
    s.addEventListener("change", () => {
      if (s === category.s) fill();
      all.value = subject.s.value;
      told();
      if (all.value) refresh(form, always);
    });
  }
  const chosen = all.selectedOptions[0];
  const at = groups.findIndex((g) => g.contains(chosen));
  category.s.value = at < 0 ? "" : String(at);
  fill();
  if (at >= 0) subject.s.value = all.value;
  told();
}

function search(form) {
  const input = form.querySelector("[data-search]"), hits = form.querySelector("[data-hits]"), said = form.querySelector("[data-hitcount]");
  if (!input) return;
  let wait, asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const body = new URLSearchParams({ words: input.value });
    const chosen = form.querySelector('[name="receiver"]:checked');
    if (chosen) body.set("receiver", chosen.value);
    try {
      const answer = await post(input.dataset.search, body);
      if (mine !== asked || !answer.ok) return;
      hits.innerHTML = await answer.text();
      said.textContent = hits.querySelector("legend, .nohits")?.textContent ?? "";
    } catch {
      // The button Søg remains.
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(ask, 220);
  });
}

// parts are what the server shows anew when an answer may bring other questions.
// The choice of a subject is the script's own and only the receiver changes it.
const always = ["first", "more", "hints", "asked"];

let latest = 0;

// refresh asks the server what the form asks now, and puts its answer in place. What
// was written meanwhile stays, and so does the place of the cursor. Files go to an
// address of their own. It returns the page that came, if any.
async function refresh(form, parts, button = "opdater", files) {
  const mine = ++latest;
  const sent = new FormData(form);
  sent.delete("files");
  for (const f of files ?? []) sent.append("files", f);
  const body = files ? sent : new URLSearchParams(sent);
  body.set("do", button);
  try {
    const answer = await post(files ? form.querySelector("[data-attach]").formAction : form.action, body);
    if (!answer.ok && answer.status !== 422 || mine !== latest && !files) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = questions(form), at = document.activeElement;
    for (const name of parts) {
      const old = form.querySelector(`[data-part="${name}"]`), fresh = page.querySelector(`[data-part="${name}"]`);
      if (!old || !fresh) continue;
      keep(form, fresh, sent);
      for (const d of old.querySelectorAll("details[open] summary")) {
        for (const s of fresh.querySelectorAll("summary")) if (s.textContent === d.textContent) s.parentElement.open = true;
      }
      old.replaceChildren(...fresh.childNodes);
      if (name === "subject") subjects(form);
    }
    const promise = form.querySelector("[data-promise-box]");
    if (parts.includes("subject")) promise.replaceChildren(...page.querySelector("[data-promise-box]").childNodes);
    if (document.activeElement !== at) (again(form, at) ?? form.querySelector("#f-files-back, #f-files")).focus();
    const asked = [...questions(form)].filter((q) => !before.has(q));
    if (asked.length) say(form, asked.join(". "));
    return page;
  } catch {
    // The check page asks the same.
  }
}

function say(form, text) {
  form.querySelector("[data-asked]").textContent = text;
}

// attach adds files as soon as they are chosen or dropped on the form; it and the keeping
// of the draft wait for each other.
function attach(form) {
  const press = async (button, files) => {
    while (busy) await new Promise((r) => setTimeout(r, 50));
    busy = true;
    if (files) say(form, word("attach.sending"));
    const page = await refresh(form, ["files"], button, files);
    busy = false;
    for (const name of files && page ? ["token", "kladde"] : []) form.elements.namedItem(name).value = page.querySelector(`[name=${name}]`).value;
    say(form, page ? [...form.querySelectorAll(".files .fault, .files .said > span")].map((e) => e.textContent).join(" ") : word("attach.failed"));
  };
  form.addEventListener("change", (e) => e.target.name === "files" && e.target.files.length && press("vedhaeft", e.target.files));
  form.addEventListener("click", (e) => {
    const button = e.target.closest("[data-file]");
    if (!button) return;
    e.preventDefault();
    press(button.value);
  });
  for (const what of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(what, (e) => {
      if (!e.dataTransfer.types.includes("Files")) return;
      e.preventDefault();
      form.classList.toggle("dropping", what === "dragover");
      if (what === "drop") press("vedhaeft", e.dataTransfer.files);
    });
  }
}

// again finds the field that took the place of one: the same choice, or the same id.
function again(form, field) {
  if (field?.type === "radio") return [...form.querySelectorAll("[type=radio]")].find((f) => f.name === field.name && f.value === field.value);
  return field?.id ? document.getElementById(field.id) : null;
}

// questions are the words of all that is asked, for saying what is new.
function questions(form) {
  const out = new Set();
  for (const q of form.querySelectorAll('[data-part="first"] label[for], [data-part="more"] legend, [data-part="asked"] label[for], [data-part="asked"] .field > legend, [data-part="asked"] .note')) {
    out.add(q.textContent.trim());
  }
  return out;
}

// keep carries over what was written between asking the server and its answer.
function keep(form, fresh, sent) {
  const is = new FormData(form);
  for (const field of fresh.querySelectorAll("[name]:not([type=file])")) {
    const now = is.getAll(field.name), was = sent.getAll(field.name);
    if (now.length === 0 || now.join("\n") === was.join("\n")) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = now.includes(field.value);
    else field.value = now[0];
  }
}

// pause is how long nobody has written before advice on the text comes: while one
// writes, so that nothing moves under the pointer that leaves the text.
const pause = 1200;

function asks(form) {
  let wait;
  form.querySelector("[data-count]")?.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(() => refresh(form, ["hints"]), pause);
  });
  form.addEventListener("change", (e) => {
    if (e.target.name === "receiver") refresh(form, [...always, "subject", "files", "phrases"]);
    else if (e.target.matches("[data-asks]")) refresh(form, always);
  });
  form.addEventListener("click", (e) => {
    const insert = e.target.closest("[data-insert-phone]");
    if (!insert) return;
    e.preventDefault();
    const phone = form.querySelector('[name="phone"]');
    phone.value = insert.dataset.insertPhone;
    phone.dispatchEvent(new Event("input", { bubbles: true }));
    phone.focus();
    insert.remove();
  });
}

function signature(form) {
  const phone = form.querySelector('[name="phone"]'), shown = form.querySelector("[data-signature]");
  let last = phone?.value;
  phone?.addEventListener("input", () => {
    if (last) shown.textContent = shown.textContent.replace(last, phone.value);
    if (phone.value) last = phone.value;
  });
}

// once lets a form be sent one time; the token makes a second one harmless anyway.
function once(form) {
  const button = form.querySelector("[data-submit]");
  let sent = false;
  form.addEventListener("submit", (e) => {
    if (sent) {
      e.preventDefault();
      return;
    }
    sent = true;
    if (e.submitter === button) {
      button.setAttribute("aria-disabled", "true");
      button.textContent = word("check.sending");
    }
  });
  addEventListener("pageshow", (e) => {
    if (e.persisted) location.reload();
  });
}

// autosave keeps the form as a draft while it is written: a moment after the last change,
// and when the page goes. It asks before the page goes only when that was not possible.
const moment = 1500;
let busy = false; // the draft is being changed

function autosave(form) {
  const said = form.querySelector("[data-saved]");
  let wait, dirty = false, leaving = false;
  async function keep() {
    clearTimeout(wait);
    if (busy) wait = setTimeout(keep, moment);
    if (busy || !dirty || leaving) return;
    busy = true;
    dirty = false;
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "gem");
    try {
      const answer = await post(form.action, body, { headers: { "Brevdue-Autosave": "1" }, keepalive: body.toString().length < 60000 });
      if (!answer.ok) throw new Error(String(answer.status));
      const kept = await answer.json();
      form.elements.namedItem("token").value = kept.token;
      form.elements.namedItem("kladde").value = kept.version;
      said.textContent = kept.said;
      said.classList.toggle("warn", kept.other);
    } catch {
      dirty = true;
      said.textContent = word("draft.lost");
      said.classList.add("warn");
      wait = setTimeout(keep, 5000);
    }
    busy = false;
    if (dirty) wait = setTimeout(keep, moment);
  }
  const changed = (e) => {
    if (!e.target.name || ["words", "files"].includes(e.target.name)) return; // the search for a receiver is no letter
    dirty = true;
    clearTimeout(wait);
    wait = setTimeout(keep, moment);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(wait);
  });
  addEventListener("visibilitychange", () => document.hidden && keep());
  addEventListener("pagehide", keep);
  addEventListener("beforeunload", (e) => {
    if (dirty && !leaving && said.classList.contains("warn")) e.preventDefault();
  });
}

// undo takes the button away when the letter has left.
function undo(form) {
  const tick = () => {
    if (now() < Number(form.dataset.undo)) return setTimeout(tick, 200);
    form.querySelector("[data-undo-text]").textContent = word("done.left");
    form.querySelector("button").remove();
  };
  tick();
}

export function start() {
  const form = document.querySelector("[data-compose]");
  if (form) {
    counter(form);
    subjects(form);
    search(form);
    asks(form);
    signature(form);
    autosave(form);
    attach(form);
    phrases(form);
  }
  const taken = document.querySelector("[data-undo]");
  if (taken) undo(taken);
  const send = document.querySelector("[data-once]");
  if (send) once(send);
}
