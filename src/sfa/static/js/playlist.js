// A playlist: its order is changed by dragging a handle, or with the arrow keys while a handle has the focus.

import { post, renew, say, tell } from "./answers.js";

const playlist = document.getElementById("playlist");
const list = () => document.getElementById("items");
let dragged = null;

const below = (y) =>
  [...list().children].find((item) => {
    const place = item.getBoundingClientRect();
    return item !== dragged && y < place.top + place.height / 2;
  }) ?? null;

// Moves are told one after the other: each is right only after the one before. While one is on its way, a held key
// makes one more of all that follow.
const due = [];
let isTelling = false;

async function settle(item) {
  number();
  const move = { item: item.dataset.item };
  if (item.nextElementSibling) move.before = item.nextElementSibling.dataset.item;
  if (due.at(-1)?.item === move.item) due.pop();
  due.push(move);
  if (isTelling) return;
  isTelling = true;
  try {
    while (due.length) {
      const { ok, html } = await post(`/playlists/${playlist.dataset.playlist}/move`, due.shift());
      tell(html);
      if (!ok) await drawAgain(); // somebody else changed it meanwhile
    }
  } catch {
    say("The studio does not answer.", "The order was not kept. Load the page again.");
  } finally {
    due.length = 0;
    isTelling = false;
  }
}

function drawAgain() {
  due.length = 0;
  return renew(playlist);
}

function number() {
  const all = [...list().children];
  for (const [index, item] of all.entries()) {
    const handle = item.querySelector(".handle");
    handle.setAttribute("aria-label", handle.getAttribute("aria-label").replace(/place .*$/, `place ${index + 1} of ${all.length}`));
  }
}

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("#items .handle");
  if (!handle || event.button !== 0) return;
  dragged = handle.closest(".item");
  dragged.dataset.dragged = "";
  event.preventDefault();
  handle.focus();
  const before = dragged.nextElementSibling;
  const move = (step) => {
    const place = below(step.clientY);
    if (place !== dragged.nextElementSibling || (!place && list().lastElementChild !== dragged)) list().insertBefore(dragged, place);
  };
  // On the document: an element that is moved within it loses the pointer.
  const over = new AbortController();
  const end = () => {
    over.abort();
    const item = dragged;
    dragged = null;
    delete item.dataset.dragged;
    if (item.isConnected && item.nextElementSibling !== before) settle(item);
  };
  document.addEventListener("pointermove", move, { signal: over.signal });
  document.addEventListener("pointerup", end, { signal: over.signal });
  document.addEventListener("pointercancel", end, { signal: over.signal });
});

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("#items .handle");
  if (!handle || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const item = handle.closest(".item");
  const other = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  list().insertBefore(item, event.key === "ArrowUp" ? other : other.nextElementSibling);
  handle.focus();
  settle(item);
});

// After the swap: it is done by the form, and not at all once that is gone.
document.addEventListener("htmx:after:swap", (event) => {
  if (!event.target.matches?.(".item > form") || event.detail.ctx.response.status >= 400) return;
  const item = event.target.closest(".item");
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  number();
  (next?.querySelector(".drop-it") ?? playlist.querySelector("h1")).focus();
  drawAgain(); // how many there are, and how long they are together
});

// A track that was deleted takes its row with it, and leaves an empty place.
document.addEventListener("htmx:sse:after:message", () => {
  if (list()?.querySelector(".item:not(:has(.track))")) drawAgain();
});
