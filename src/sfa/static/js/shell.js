// What every page can do: add files, search, keys, dialogs, what opens and closes.

import { post } from "./answers.js";
import { isComposing, keys } from "./keys.js";

const sheet = document.getElementById("keys-sheet");
const words = document.getElementById("words");
const side = document.getElementById("side");
const more = document.getElementById("more");
const GO = { d: "/", l: "/library", t: "/library?trash=1", a: "/acts" };
const POPS = "details:is(.pop, .new, .keep)[open]";

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-help]")) sheet.showModal();
  if (event.target.closest?.("[data-close-dialog]")) event.target.closest("dialog").close();
  for (const open of document.querySelectorAll(POPS)) if (!open.contains(event.target)) open.open = false;
});
sheet?.addEventListener("keydown", (event) => {
  if (event.key !== "?") return;
  event.preventDefault();
  sheet.close();
});

// A dialog is closed by a click beside it, as everywhere; not by one on its edge, nor by text that was selected in it
// with a hand that came to rest outside.
let pressedBeside = null;
function isBeside({ target, clientX, clientY }) {
  if (!(target instanceof HTMLDialogElement)) return false;
  const { left, right, top, bottom } = target.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
document.addEventListener("pointerdown", (event) => (pressedBeside = isBeside(event) ? event.target : null));
document.addEventListener("click", (event) => {
  if (event.target === pressedBeside && isBeside(event)) event.target.close();
});

// What was fetched for a dialog is shown in it; what is sent from it closes it where its form says so; some acts lead elsewhere.
const succeeded = ({ detail }) => detail?.ctx?.response?.status < 400;
document.addEventListener("htmx:after:swap", (event) => {
  const dialog = document.getElementById(event.target.dataset?.opens);
  if (dialog && !dialog.open && succeeded(event)) dialog.showModal();
});
document.addEventListener("htmx:after:request", (event) => {
  if (!succeeded(event)) return;
  if (event.target.matches?.("[data-closes-dialog]")) event.target.closest("dialog")?.close();
  const leads = event.target.closest?.("[data-leads]")?.dataset.leads;
  if (leads) location.assign(`${leads}?act=${event.detail.ctx.text.match(/data-act="(\d+)"/)?.[1] ?? ""}`);
});

// Escape closes what is open, and does nothing else then. Before the keys of the page: one of them clears the selection.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || isComposing(event) || document.querySelector("dialog:modal")) return;
    const at = document.activeElement;
    const open = at?.closest?.("details[open]") ?? document.querySelector(POPS);
    if (!open && !("more" in (side?.dataset ?? {}))) return;
    event.preventDefault();
    const opener = open?.querySelector("summary") ?? more;
    const isInside = (open ?? side).contains(at);
    if (open) open.open = false;
    else showMore(false);
    if (isInside) opener.focus();
  },
  true,
);

// On a phone the places that there is no room for open above the bar.
function showMore(isOpen = !("more" in side.dataset)) {
  side.toggleAttribute("data-more", isOpen);
  more.setAttribute("aria-expanded", String(isOpen));
}
document.addEventListener("click", ({ target }) => {
  if (!side) return;
  if (target.closest?.("#more")) showMore();
  else if (!target.closest?.("#groups")) showMore(false);
});

if (words) words.value = new URLSearchParams(location.search).get("q") ?? "";

keys({
  "?": () => sheet?.showModal(),
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
const seen = (what) => post("/notices/seen", what).catch(() => null);
const opened = location.pathname.match(/^\/tracks\/([0-9a-f-]{36})$/);
if (opened) seen({ track: opened[1] });
