// Single keys that do something, wherever no text is being written; they can be turned off.

const STORE = "sfa.keys";
const PAUSE_MS = 900; // between the two keys of a pair
const known = new Map();
let first = null;
let since = 0;

/** Give keys something to do: `{ "/": act, "g *": act }`; the star stands for any second key. */
export function keys(table) {
  for (const [name, act] of Object.entries(table)) known.set(name, act);
}

Object.defineProperty(keys, "on", {
  get: () => read() !== "off",
  set: (on) => {
    try {
      localStorage.setItem(STORE, on ? "on" : "off");
    } catch {
      // for as long as the page is open there is nothing to remember
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

/** Whether a key press belongs to what has the focus: a field, a menu, a slider. */
export function isTaken(event) {
  const at = event.target;
  if (!(at instanceof Element)) return false;
  if (at.closest("dialog[open]") && event.key !== "?") return true;
  return at.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
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
