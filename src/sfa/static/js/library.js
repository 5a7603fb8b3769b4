// The library: the address is the filter, rows are selected by mouse and keys, and acts go to all that are selected.

import { post, renew, say, tell } from "./answers.js";
import { isComposing, isTaken, keys } from "./keys.js";

const TYPING_MS = 170;
const COMPOSING_MS = 700; // what is not a word yet finds nothing; but on a phone every word is composed
const words = document.getElementById("words");
const found = () => document.getElementById("found");
const list = () => document.getElementById("tracks");
const rows = () => [...(list()?.querySelectorAll(".track") ?? [])];
const box = (row) => row.querySelector(".pick input");

// ---- the filter ----

const here = () => location.pathname + location.search;
let asking = null;
let typing = 0;

/** Show what another address finds; the page stays. While somebody types, all that was on the way is one place to go back to. */
async function go(address, { typed = false } = {}) {
  asking?.abort();
  const mine = (asking = new AbortController());
  found().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "#found" }, signal: mine.signal });
    const html = await answer.text();
    if (!answer.ok) return tell(html);
    await window.htmx.swap({ text: html, target: found(), swap: "outerMorph", sourceElement: found() });
  } catch (error) {
    if (error.name !== "AbortError") say("The studio does not answer.", "The list is as it was. Wait a moment and try again.");
    return;
  } finally {
    found()?.removeAttribute("aria-busy");
  }
  if (typed && history.state?.typed) history.replaceState({ typed }, "", address);
  else if (address !== here()) history.pushState(typed ? { typed } : null, "", address);
  else if (!typed) history.replaceState(null, "", address);
  showAsked();
  keepChecked();
}

// Fields say what the address says, whatever was written in them before; all but the one that is being written in.
function showAsked() {
  if (!typing) {
    const q = new URLSearchParams(location.search).get("q") ?? "";
    if (words.value.trim() !== q) words.value = q;
  }
  const at = document.activeElement;
  const { value } = at;
  const form = document.getElementById("filters");
  form.reset();
  if (form.contains(at) && at.matches("input:not([type=checkbox])")) at.value = value;
}

/** The address that the search field and the panel of filters say. */
function said() {
  const form = document.getElementById("filters");
  const pairs = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (name !== "q" && value) pairs.append(name, value);
  if (words.value.trim()) pairs.set("q", words.value.trim());
  if (found().dataset.view === "grid") pairs.set("view", "grid");
  const text = pairs.toString();
  return text ? `/library?${text}` : "/library";
}

function typedUntil(ms) {
  clearTimeout(typing);
  typing = setTimeout(() => {
    typing = 0;
    go(said(), { typed: true });
  }, ms);
}
function goNow(address) {
  clearTimeout(typing);
  typing = 0;
  go(address);
}

words.addEventListener("input", (event) => typedUntil(event.isComposing ? COMPOSING_MS : TYPING_MS));
words.addEventListener("compositionend", () => typedUntil(TYPING_MS));
words.form.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // a link was pasted: it is looked at, not searched for
  event.preventDefault();
  goNow(said());
});
document.addEventListener("change", (event) => {
  if (event.target.closest("#filters")) goNow(said());
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "filters") return;
  event.preventDefault();
  goNow(said());
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#found a[data-go], #found a[data-view-next]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = new URL(link.href);
  goNow(address.pathname + address.search);
});
window.addEventListener("popstate", () => goNow(here()));

// Kept through every answer: whoever narrows a list goes on narrowing it.
function showFilters(open = document.getElementById("filters").dataset.kept !== "open") {
  document.getElementById("filters").dataset.kept = open ? "open" : "";
  document.getElementById("open-filters").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#filters :is(input:not([type=hidden]), select)").focus();
}
document.addEventListener("click", (event) => event.target.closest?.("#open-filters") && showFilters());

// ---- selection ----

const chosen = new Set();
let anchor = null;

function show() {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  const wasIn = bar.contains(document.activeElement);
  bar.hidden = chosen.size === 0;
  if (bar.hidden && wasIn) stand();
  document.getElementById("bulk-count").textContent = chosen.size;
  const all = bar.querySelector(".all-of-them");
  all.hidden = !(rows().length && rows().every((row) => chosen.has(row.dataset.id)) && document.querySelector("#tracks .more"));
  if (all.hidden) all.querySelector("input").checked = false;
  const top = document.getElementById("pick-all");
  top.checked = chosen.size > 0 && rows().every((row) => chosen.has(row.dataset.id));
  top.indeterminate = chosen.size > 0 && !top.checked;
}

function choose(row, on) {
  box(row).checked = on;
  row.toggleAttribute("data-chosen", on);
  if (on) chosen.add(row.dataset.id);
  else chosen.delete(row.dataset.id);
}

/** Rows that came anew, or were drawn again, are as they were. */
function keepChecked() {
  const there = new Set(rows().map((row) => row.dataset.id));
  for (const id of [...chosen]) if (!there.has(id)) chosen.delete(id);
  for (const row of rows()) choose(row, chosen.has(row.dataset.id));
  show();
  if (isThere && !stood.row.isConnected && document.activeElement === document.body) stand();
}

function chooseUpTo(row, on) {
  const all = rows();
  const [from, to] = [all.indexOf(anchor ?? row), all.indexOf(row)].sort((a, b) => a - b);
  for (const other of all.slice(Math.max(from, 0), to + 1)) choose(other, on);
}

document.addEventListener("click", (event) => {
  const input = event.target.closest?.("#tracks .pick input");
  if (!input) return;
  const row = input.closest(".track");
  if (event.shiftKey && anchor?.isConnected) chooseUpTo(row, input.checked);
  else choose(row, input.checked);
  anchor = row;
  show();
});
document.addEventListener("change", (event) => {
  if (event.target.id !== "pick-all") return;
  for (const row of rows()) choose(row, event.target.checked);
  show();
});
document.addEventListener("click", (event) => {
  if (event.target.id === "bulk-none") none();
});
function none() {
  for (const row of rows()) choose(row, false);
  show();
}

document.addEventListener("htmx:after:swap", ({ detail }) => {
  keepChecked();
  // Drawn again it would be its first page alone.
  if (detail.ctx.request?.action.startsWith("/library/more")) delete found().dataset.follows;
});
document.addEventListener("htmx:sse:after:message", () => {
  keepChecked();
  if (list() && !rows().length) go(here()); // the last was taken away
});

// ---- acts upon the selection ----

let isBusy = false; // a key that is held down, a button that is pressed twice

async function act(form, button) {
  const body = new FormData(form, button);
  if (body.get("all")) body.delete("id");
  else for (const id of chosen) if (!body.getAll("id").includes(id)) body.append("id", id);
  if (isBusy || !(body.get("all") || body.get("id"))) return;
  if (button.dataset.confirm && !window.confirm(button.dataset.confirm)) return;
  isBusy = true;
  try {
    const { ok, html } = await post(form.action, body);
    tell(html);
    if (ok) acted(body, button.closest("details"));
  } catch {
    say("The studio does not answer.", "Nothing was done. Wait a moment and try again.");
  } finally {
    isBusy = false;
  }
}

function acted(body, pop) {
  if (pop?.open) {
    const wasIn = pop.contains(document.activeElement);
    pop.open = false;
    if (wasIn) stand();
  }
  const what = body.get("what");
  if (what === "playlist") for (const id of ["groups", "bulk-playlist"]) renew(document.getElementById(id));
  if (["trash", "restore", "purge"].includes(what)) {
    for (const row of rows()) if (body.get("all") || chosen.has(row.dataset.id)) row.remove();
    chosen.clear();
    if (!rows().length || what !== "trash") go(here());
  }
  keepChecked();
}

// Enter does what stands beside the field, not what stands first in the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || isComposing(event) || !event.target.matches?.("#bulk details :is(input, select)")) return;
  event.preventDefault();
  event.target.closest("details").querySelector("button").click();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#bulk")) return; // its fields are called id
  event.preventDefault();
  if (event.submitter) act(event.target, event.submitter);
});

// ---- keys ----

const at = () => document.activeElement?.closest?.("#tracks .track");

// Where somebody was last among the rows: whatever takes the focus away, the next key goes on from there.
let stood = null;
let isThere = false; // or would be, had the row not gone
document.addEventListener("focusin", () => {
  const row = at();
  isThere = Boolean(row);
  if (row && row !== stood?.row) stood = { row, above: rows().slice(0, rows().indexOf(row)) };
});
document.addEventListener("focusout", () => {
  // Later: a row that goes away with the focus in it loses it too.
  setTimeout(() => isThere && stood.row.isConnected && !at() && (isThere = false));
});

/** The row where somebody is, or was; where that is gone, the one that took its place. */
function standing() {
  if (!stood) return null;
  if (stood.row.isConnected) return stood.row;
  const all = rows();
  return all[Math.min(all.length - 1, stood.above.filter((row) => row.isConnected).length)] ?? null;
}

function stand(row = standing() ?? rows()[0]) {
  const place = row ? (row.querySelector("a.name") ?? box(row)) : found().querySelector("h1");
  place.focus();
  place.scrollIntoView({ block: "nearest" });
}

function step(by, event) {
  const all = rows();
  const from = at() ?? standing();
  const next = all[Math.min(all.length - 1, Math.max(0, (from ? all.indexOf(from) : by > 0 ? -1 : all.length) + by))];
  if (!next) return;
  if (event?.shiftKey && from) {
    choose(from, true);
    choose(next, true);
    show();
  }
  stand(next);
}

const chooseHere = () => {
  if (!chosen.size && at()) choose(at(), true);
  show();
  return chosen.size > 0;
};

keys({
  f: () => showFilters(),
  j: (event) => step(1, event),
  k: (event) => step(-1, event),
  J: (event) => step(1, event),
  K: (event) => step(-1, event),
  ArrowDown: (event) => step(1, event),
  ArrowUp: (event) => step(-1, event),
  x: () => {
    const row = at();
    if (!row) return;
    choose(row, !chosen.has(row.dataset.id));
    anchor = row;
    show();
  },
  Escape: none,
  Delete: (event) => {
    // Held down, it would go on with whatever came to stand there.
    if (!event.repeat && chooseHere()) document.querySelector('#bulk-bar button[value="trash"]')?.click();
  },
  t: () => {
    const pop = document.getElementById("bulk-tag")?.closest("details");
    if (!pop || !chooseHere()) return;
    pop.open = true;
    document.getElementById("bulk-tag").focus();
  },
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "a" || isTaken(event)) return;
  event.preventDefault();
  for (const row of rows()) choose(row, true);
  show();
});
