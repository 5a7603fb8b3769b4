// What every page can do: add files, search, keys, dialogs, notices that go by themselves.

import { keys } from "./keys.js";

const sheet = document.getElementById("keys-sheet");
const words = document.getElementById("words");
const GO = { d: "/", l: "/library", t: "/library?trash=1", a: "/acts" };

const help = () => (sheet.open ? sheet.close() : sheet.showModal());

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-help]")) help();
  if (event.target.closest?.("[data-close-dialog]")) event.target.closest("dialog").close();
  // A dialog is closed by a click beside it, as everywhere.
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
  for (const open of document.querySelectorAll("details.pop[open], details.new[open], details.save[open]"))
    if (!open.contains(event.target)) open.open = false;
});
// What was fetched for a dialog is shown in it; what was sent from it closes it; some acts lead elsewhere.
document.addEventListener("htmx:after:swap", () => {
  for (const dialog of document.querySelectorAll("dialog[id]:not([open])"))
    if (dialog.dataset.asked !== undefined) {
      delete dialog.dataset.asked;
      dialog.showModal();
    }
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).dataset.asked = "";
});
document.addEventListener("htmx:after:request", (event) => {
  const ok = event.detail?.ctx?.response?.raw?.ok ?? event.detail?.ctx?.response?.status < 400;
  if (!ok) return;
  event.target.closest?.("dialog")?.close();
  const leads = event.target.closest?.("[data-leads]")?.dataset.leads;
  if (leads) setTimeout(() => location.assign(leads), 600); // long enough to read what was done
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.activeElement?.closest?.("details[open]")?.removeAttribute("open");
});

if (words) words.value = new URLSearchParams(location.search).get("q") ?? "";

keys({
  "?": help,
  "/": () => words?.focus(),
  a: () => document.getElementById("files")?.click(),
  n: () => bell && (bell.open = !bell.open),
  "g *": (letter) => GO[letter] && location.assign(GO[letter]),
});

const on = document.getElementById("keys-on");
if (on) {
  on.checked = keys.on;
  on.addEventListener("change", () => (keys.on = on.checked));
}

// The bell: opened, it is read; what comes while it is open is new again.
const bell = document.getElementById("bell");
bell?.addEventListener("toggle", async () => {
  if (!bell.open) return;
  await window.htmx.ajax("GET", "/notices", { target: "#news-place", swap: "innerMorph" });
  const upTo = document.getElementById("news")?.dataset.upTo;
  if (!Number(upTo)) return;
  await seen({ up_to: upTo });
  document.getElementById("n-news").textContent = "";
});
const seen = (what) =>
  fetch("/notices/seen", { method: "POST", body: new URLSearchParams(what), headers: { "HX-Request": "true" } }).catch(() => null);
const opened = location.pathname.match(/^\/tracks\/([0-9a-f-]{36})$/);
if (opened) seen({ track: opened[1] });

// A notice stays as long as it takes to read it, and while somebody points at it. Errors stay until they are closed.
const LONG_MS = 7000;
const MOST = 4;
const notices = document.getElementById("notices");
// All that lies outside of an open dialog can be neither read nor touched: what is said goes where the person is.
const follow = () => {
  const place = document.querySelector("dialog:modal") ?? document.body;
  if (notices.parentElement !== place) place.append(notices);
};
document.addEventListener("close", follow, true);
new MutationObserver((changes) => {
  follow();
  for (const { addedNodes } of changes)
    for (const notice of addedNodes) if (notice.matches?.("[data-fades]")) fade(notice);
  const all = document.querySelectorAll("#notices > .notice.toast");
  for (const old of [...all].slice(0, -MOST)) old.remove();
}).observe(notices, { childList: true });

function fade(notice) {
  let timer = setTimeout(() => notice.remove(), LONG_MS);
  const hold = () => clearTimeout(timer);
  const go = () => (timer = setTimeout(() => notice.remove(), LONG_MS / 2));
  notice.addEventListener("pointerenter", hold);
  notice.addEventListener("focusin", hold);
  notice.addEventListener("pointerleave", go);
  notice.addEventListener("focusout", go);
}
