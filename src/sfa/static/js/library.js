// The library: the address is the filter, rows are selected by mouse and keys, and acts go to all that are selected.

import { keys } from "./keys.js";
import { say, tell } from "./live.js";

const TYPING_MS = 170;
const words = document.getElementById("words");
const found = () => document.getElementById("found");
const list = () => document.getElementById("tracks");
const rows = () => [...(list()?.querySelectorAll(".track") ?? [])];
const box = (row) => row.querySelector(".pick input");

// ---- the filter ----

let asking = null;

/** Show what another address finds; the page stays. */
async function go(address, { push = true } = {}) {
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
  if (push) history.pushState(null, "", address);
  keepChecked();
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

let typing = 0;
words.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => go(said()), TYPING_MS);
});
words.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  go(said());
});
document.addEventListener("change", (event) => {
  if (event.target.closest("#filters")) go(said());
});
document.addEventListener("submit", (event) => {
  if (event.target.id !== "filters") return;
  event.preventDefault();
  go(said());
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#found a[data-go], #found a[data-view-next]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = new URL(link.href);
  words.value = address.searchParams.get("q") ?? "";
  go(address.pathname + address.search);
});
window.addEventListener("popstate", () => go(location.pathname + location.search, { push: false }));

// Kept through every answer: whoever narrows a list goes on narrowing it.
function showFilters(open = document.getElementById("filters").dataset.kept !== "open") {
  document.getElementById("filters").dataset.kept = open ? "open" : "";
  document.getElementById("open-filters").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#filters input:not([type=hidden]), #filters select").focus();
}
document.addEventListener("click", (event) => event.target.closest?.("#open-filters") && showFilters());

// ---- selection ----

const chosen = new Set();
let anchor = null;

function show() {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  bar.hidden = chosen.size === 0;
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

document.addEventListener("htmx:after:swap", keepChecked);
document.addEventListener("htmx:sse:after:message", keepChecked);

// ---- acts upon the selection ----

async function act(form, button) {
  if (button.dataset.confirm && !window.confirm(button.dataset.confirm)) return;
  const body = new FormData(form, button);
  if (body.get("all")) body.delete("id");
  else for (const id of chosen) if (!body.getAll("id").includes(id)) body.append("id", id);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body), headers: { "HX-Request": "true" } });
    tell(await answer.text());
    if (!answer.ok) return;
    button.closest("details")?.removeAttribute("open");
    if (["trash", "restore", "purge"].includes(body.get("what"))) {
      for (const row of rows()) if (body.get("all") || chosen.has(row.dataset.id)) row.remove();
      chosen.clear();
      if (!rows().length || body.get("what") !== "trash") go(location.pathname + location.search, { push: false });
    }
    show();
  } catch {
    say("The studio does not answer.", "Nothing was done. Wait a moment and try again.");
  }
}

// Enter does what stands beside the field, not what stands first in the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("#bulk details :is(input, select)")) return;
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

function step(by, event) {
  const all = rows();
  const here = at();
  const next = all[Math.min(all.length - 1, Math.max(0, (here ? all.indexOf(here) : by > 0 ? -1 : all.length) + by))];
  if (!next) return;
  if (event?.shiftKey && here) {
    choose(here, true);
    choose(next, true);
    show();
  }
  (next.querySelector("a.name") ?? box(next)).focus();
  next.scrollIntoView({ block: "nearest" });
}

const pressed = (what) => {
  const here = at();
  if (!chosen.size && here) choose(here, true);
  show();
  document.querySelector(`#bulk-bar button[value="${what}"]`)?.click();
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
  Delete: () => pressed("trash"),
  t: () => {
    const here = at();
    if (!chosen.size && here) choose(here, true);
    show();
    const pop = document.getElementById("bulk-tag")?.closest("details");
    if (!pop || !chosen.size) return;
    pop.open = true;
    document.getElementById("bulk-tag").focus();
  },
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "a" && !event.target.matches("input, textarea")) {
    event.preventDefault();
    for (const row of rows()) choose(row, true);
    show();
  }
});
