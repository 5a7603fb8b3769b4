// Undo and redo by keyboard: what was done in this tab, newest first. What can be undone is told by the notices
// that the server sends (templates/acts/_toast.html), whichever part of a page they came with.

const KEPT = "sfa.acts";
const MOST = 100;
const LEAVES_AFTER_MS = 12000;
const TYPED = new Set(["text", "search", "number", "email", "url", "tel", "password", "date", "time"]);

/** Where an act goes, given the two piles as they are; the newest lies last. */
export function told(piles, { id, undoes = null, takesBack = false }) {
  const rest = (pile) => pile.filter((other) => other !== undoes && other !== id);
  const [undo, redo] = [rest(piles.undo), rest(piles.redo)];
  if (takesBack) return { undo, redo: [...redo, id].slice(-MOST) };
  // Something new: what had been undone before it does not come back by itself any more.
  return { undo: [...undo, id].slice(-MOST), redo: undoes === null ? [] : redo };
}

/** Whether a key pressed there is meant for the text that is being written. */
export function isTyping(element) {
  if (!element?.matches) return false;
  if (element.isContentEditable || element.matches("textarea")) return true;
  return element.matches("input") && TYPED.has(element.type);
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
  before = before.then(() => {
    const all = piles();
    const id = all[which].pop();
    if (id === undefined) return null;
    keep(all); // one that is refused does not stand in the way of the others
    return htmx.ajax("POST", `/acts/${id}/undo`, { target: "#notices", swap: "beforeend" });
  });
  before = before.catch(() => null);
}

function arrived(toast) {
  const { act, undoes } = toast.dataset;
  const undone = undoes === undefined ? null : Number(undoes);
  keep(told(piles(), { id: Number(act), undoes: undone, takesBack: "takesBack" in toast.dataset }));
  for (const old of document.querySelectorAll(`#notices [data-act="${undoes ?? act}"]`)) if (old !== toast) old.remove();
  leaveSoon(toast);
  if (document.getElementById("acts")) htmx.ajax("GET", "/acts", { target: "#acts", swap: "outerMorph" });
}

function leaveSoon(toast) {
  setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) leaveSoon(toast);
    else toast.remove();
  }, LEAVES_AFTER_MS);
}

function attend() {
  const watch = new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.matches?.("[data-act]")) arrived(node);
  });
  watch.observe(document.getElementById("notices"), { childList: true });
  document.addEventListener("keydown", (event) => {
    const isUndo = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "z";
    if (!isUndo || event.defaultPrevented || isTyping(event.target)) return;
    event.preventDefault();
    take(event.shiftKey ? "redo" : "undo");
  });
}

if (globalThis.document) attend();
