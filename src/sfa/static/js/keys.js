// Single keys that do something, wherever no text is being written; they can be turned off.

const STORE = "sfa.keys";
const PAUSE_MS = 900; // between the two keys of a pair
const NO_TEXT = new Set(["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]);
const MOVES = /^(Arrow|Home|End|Page)/;
const known = new Map();
let first = null;
let since = 0;
let unkept = null; // what was chosen where the browser keeps nothing

/** Give keys something to do: `{ "/": act, "g *": act }`; the star stands for any second key. */
export function keys(table) {
  for (const [name, act] of Object.entries(table)) known.set(name, act);
}

Object.defineProperty(keys, "on", {
  get: () => (read() ?? unkept) !== "off",
  set: (on) => {
    unkept = on ? "on" : "off";
    try {
      localStorage.setItem(STORE, unkept);
    } catch {
      // it holds for as long as the page is open
    }
  },
});

function read() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

/** Whether a key only makes up a character, as in Japanese. Safari sends the last one when that is over already: 229. */
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

/**
 * Whether a key, a paste or a drop is meant for what has the focus, and not for the page: text is being written,
 * a dialog is open, or a control has a use of its own for that key.
 */
export function isTaken(event) {
  if (isComposing(event) || globalThis.document?.querySelector("dialog:modal")) return true;
  const { localName, type, isContentEditable } = event.target ?? {};
  if (isContentEditable || localName === "textarea" || (localName === "input" && !NO_TEXT.has(type))) return true;
  const { key, ctrlKey, metaKey } = event;
  if (!key || ctrlKey || metaKey) return false; // only text has a use for those
  if (localName === "select") return true; // letters look for an option
  if (type === "range") return MOVES.test(key);
  if (type === "radio" && MOVES.test(key)) return true;
  return key === " " && ["button", "input", "summary"].includes(localName);
}

globalThis.document?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !keys.on || isTaken(event)) return;
  const now = performance.now();
  const pair = first && now - since < PAUSE_MS ? known.get(`${first} *`) : null;
  if (pair) {
    first = null;
    event.preventDefault();
    pair(event.key, event);
    return;
  }
  if (known.has(`${event.key} *`)) {
    first = event.key;
    since = now;
    return;
  }
  const act = known.get(event.key);
  if (!act) return;
  event.preventDefault();
  act(event);
});
