// The tabs of this browser that have the studio open: which of them live, and what they tell each other of uploads.

const NAME = "sfa.tab";
const LET_GO_MS = 1000;
const ANSWER_MS = 150;
const channel = window.BroadcastChannel ? new BroadcastChannel("sfa.uploads") : null;
const locks = navigator.locks ?? null; // not on an insecure address: there the tabs are asked

let own = null;
let name = null;
let letGo = () => {};
let count = 0;

/** A name that nobody else has. Later ones sort after earlier ones. */
export const stamp = () => [Date.now(), String((count += 1)).padStart(6, "0"), Math.random().toString(36).slice(2)].join(".");

/** The name of this tab, the same for whatever page it shows. It counts as alive from now on. */
export const me = () => (own ??= identify().then((found) => (name = found)));

async function identify() {
  const before = recall();
  // The page before this one may only just be going. The twin of a tab never lets go: one of the two takes a new name.
  if (before && (await hold(before, { signal: AbortSignal.timeout(LET_GO_MS) }))) return before;
  const other = stamp();
  await hold(other);
  try {
    sessionStorage.setItem(NAME, other);
  } catch {
    // Then the next page of this tab is as one of another.
  }
  return other;
}

function recall() {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}

async function hold(wanted, options = {}) {
  if (!locks) return !(await ask()).tabs.has(wanted);
  return new Promise((resolve) => {
    const held = () => (resolve(true), new Promise((go) => (letGo = go)));
    locks.request(`${NAME} ${wanted}`, options, held).catch(() => resolve(false));
  });
}

/** The names of all tabs that hold theirs. */
export async function alive() {
  if (!locks) return (await ask()).tabs;
  const { held } = await locks.query();
  return new Set(held.map((lock) => lock.name.split(" ")).filter(([kind]) => kind === NAME).map(([, tab]) => tab));
}

/** What the other tabs say of themselves: their names, and the ids of the uploads that they send. */
export async function ask() {
  const found = { tabs: new Set(), sending: new Set() };
  const hear = ({ data }) => {
    if (data.tab) found.tabs.add(data.tab);
    data.sending?.forEach((id) => found.sending.add(id));
  };
  channel?.addEventListener("message", hear);
  channel?.postMessage({ who: true });
  if (channel) await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  channel?.removeEventListener("message", hear);
  return found;
}

/** Tell the others: `sending` ids of uploads, or one that is `gone`. */
export const tell = (message) => channel?.postMessage(message);

/** Answer the others and listen to them: `sending()` is what this tab sends, `heard` is given what they tell. */
export function attend(sending, heard) {
  channel?.addEventListener("message", ({ data }) => {
    if (data.who) tell({ tab: name, sending: sending() });
    else heard(data);
  });
}

// A page that the browser puts by, to show it again as it was, sends nothing any more.
window.addEventListener("pagehide", () => {
  letGo();
  own = name = null;
});
