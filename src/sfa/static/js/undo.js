// Undo and redo by keyboard: what was done in this tab, newest first. What can be undone is told by the notices
// that the server sends (templates/acts/_toast.html), whichever part of a page they came with.

import { post, renew, say, tell } from "./answers.js";
import { isTaken } from "./keys.js";

const KEPT = "sfa.acts";
const MOST = 100;

/** Where an act goes, given the two piles as they are; the newest lies last. */
export function told(piles, { id, undoes = null, takesBack = false }) {
  const rest = (pile) => pile.filter((other) => other !== undoes && other !== id);
  const [undo, redo] = [rest(piles.undo), rest(piles.redo)];
  if (takesBack) return { undo, redo: [...redo, id].slice(-MOST) };
  // Something new: what had been undone before it does not come back by itself any more.
  return { undo: [...undo, id].slice(-MOST), redo: undoes === null ? [] : redo };
}

function piles() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? { undo: [], redo: [] };
  } catch {
    return { undo: [], redo: [] }; // no storage, or not ours: only the keys are lost, the notices stay
  }
}

function keep(changed) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(changed));
  } catch {
    // As above.
  }
}

let before = Promise.resolve();

// One after the other: an older act may only go back when the newer one is gone.
function take(which) {
  before = before
    .then(() => takeNewest(which))
    .catch(() => say("The studio does not answer.", `Nothing is lost: wait a moment, then press the keys to ${which} again.`));
}

async function takeNewest(which) {
  const id = piles()[which].at(-1);
  if (id === undefined) return;
  const { status, html } = await post(`/acts/${id}/undo`);
  const all = piles();
  // One that is refused does not stand in the way of the others.
  if (status < 500) keep({ ...all, [which]: all[which].filter((other) => other !== id) });
  tell(html);
}

function remember(toast) {
  const { act, undoes } = toast.dataset;
  const undone = undoes === undefined ? null : Number(undoes);
  keep(told(piles(), { id: Number(act), undoes: undone, takesBack: "takesBack" in toast.dataset }));
}

function arrived(toast) {
  const { act, undoes } = toast.dataset;
  remember(toast);
  for (const old of document.querySelectorAll(`#notices [data-act="${undoes ?? act}"]`)) if (old !== toast) old.remove();
  // Parts that no stream keeps true.
  for (const part of document.querySelectorAll(undoes === undefined ? "[data-follows=acts]" : "[data-follows]")) renew(part);
}

// A page that an act led to tells of it once, and not each time that it is loaded again.
function greet() {
  const toast = document.querySelector("#notices [data-act]");
  if (!toast) return;
  if (toast.querySelector("form")) remember(toast);
  const address = new URL(location);
  address.searchParams.delete("act");
  history.replaceState(history.state, "", address);
}

function attend() {
  greet();
  const watch = new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.matches?.("[data-act]")) arrived(node);
  });
  watch.observe(document.getElementById("notices"), { childList: true });
  document.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z";
    if (!isUndo || event.defaultPrevented || isTaken(event)) return;
    event.preventDefault();
    take(event.shiftKey ? "redo" : "undo");
  });
}

if (globalThis.document) attend();
