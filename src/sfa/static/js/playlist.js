// A playlist: its order is changed by dragging a handle, or with the arrow keys while a handle has the focus.

import { say } from "./live.js";

const list = document.getElementById("items");
let dragged = null;

const below = (y) =>
  [...list.children].find((item) => {
    const place = item.getBoundingClientRect();
    return item !== dragged && y < place.top + place.height / 2;
  }) ?? null;

async function settle(item) {
  const body = new URLSearchParams({ item: item.dataset.item });
  const next = item.nextElementSibling;
  if (next) body.set("before", next.dataset.item);
  number();
  try {
    const answer = await fetch(`/playlists/${list.dataset.playlist}/move`, {
      method: "POST",
      body,
      headers: { "HX-Request": "true" },
    });
    if (!answer.ok) location.reload(); // somebody else changed it meanwhile
  } catch {
    say("The studio does not answer.", "The order was not kept. Load the page again.");
  }
}

function number() {
  const all = [...list.children];
  for (const [index, item] of all.entries()) {
    const handle = item.querySelector(".handle");
    handle.setAttribute("aria-label", handle.getAttribute("aria-label").replace(/place .*$/, `place ${index + 1} of ${all.length}`));
  }
}

list?.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest(".handle");
  if (!handle || event.button !== 0) return;
  dragged = handle.closest(".item");
  dragged.dataset.dragged = "";
  event.preventDefault();
  const before = dragged.nextElementSibling;
  const move = (step) => {
    const place = below(step.clientY);
    if (place !== dragged.nextElementSibling || (!place && list.lastElementChild !== dragged)) list.insertBefore(dragged, place);
  };
  // On the document: an element that is moved within it loses the pointer.
  const over = new AbortController();
  const end = () => {
    over.abort();
    const item = dragged;
    dragged = null;
    delete item.dataset.dragged;
    if (item.nextElementSibling !== before) settle(item);
  };
  document.addEventListener("pointermove", move, { signal: over.signal });
  document.addEventListener("pointerup", end, { signal: over.signal });
  document.addEventListener("pointercancel", end, { signal: over.signal });
});

list?.addEventListener("keydown", (event) => {
  const handle = event.target.closest(".handle");
  if (!handle || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  const item = handle.closest(".item");
  const other = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  list.insertBefore(item, event.key === "ArrowUp" ? other : other.nextElementSibling);
  handle.focus();
  settle(item);
});

document.addEventListener("htmx:after:request", (event) => {
  if (event.target.matches?.(".item form")) event.target.closest(".item").remove();
});
