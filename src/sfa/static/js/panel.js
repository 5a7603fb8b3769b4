// The list of what is being added: so many lines as somebody can look through, and one that counts the others.

import { mention } from "./answers.js";
import { short } from "./uploads.js";
import { count, size } from "./words.js";

const MOST = 40;
const PAUSE_MS = 100;
const RANK = { failed: 0, sending: 1, storing: 1, opening: 1, elsewhere: 1, offline: 1, noted: 2, unfinished: 3, looking: 4, waiting: 4, known: 5 };
export const UNDER_WAY = new Set(["looking", "waiting", "opening", "sending", "storing", "elsewhere", "offline"]);

const panel = document.getElementById("uploads-panel");
const list = document.getElementById("uploads");
const heading = panel.querySelector("h2");
const sum = document.getElementById("uploads-sum");
const aloud = document.getElementById("uploads-aloud");
const more = document.getElementById("uploads-more");
const retry = document.getElementById("uploads-retry");
const cancelAll = document.getElementById("uploads-cancel");
const clear = document.getElementById("uploads-clear");

export const all = new Set();
let drawing = 0;
let drawn = -PAUSE_MS;
let added = 0; // since the panel was last empty
let sent = 0; // since something was last under way
let isBusy = false;

export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** A button that does something; `data` is kept on it, so that a line knows which it has. */
export function button(text, act) {
  const made = make("button", "button small", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** One thing in the list. Its line is made when it is to be seen. */
export class Entry {
  #line = null;

  constructor(name) {
    this.name = name;
    this.state = "waiting";
    this.said = "";
    this.done = null; // 0 to 1; null: there is nothing to measure
    this.why = []; // elements
    this.acts = [];
    this.isTold = false; // that it failed
    all.add(this);
    draw();
  }

  /** Change what it shows. */
  show(changes) {
    Object.assign(this, { isTold: false }, changes);
    draw();
  }

  remove() {
    if (all.delete(this)) draw();
  }

  isAt(line) {
    return line && line === this.#line;
  }

  get line() {
    if (!this.#line) {
      this.#line = make("li", "upload");
      this.#line.tabIndex = -1;
      const name = make("span", "file", this.name);
      name.dir = "auto";
      name.title = this.name;
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.setAttribute("aria-label", `Upload of ${this.name}`);
      this.#line.append(name, bar, make("span", "said"), make("span", "acts"), make("div", "why"));
    }
    return this.#line;
  }

  /** Bring the line up to what is to be shown; what has not changed is left alone, a focus with it. */
  paint() {
    const [, bar, said, acts, why] = this.line.children;
    this.line.dataset.state = this.state;
    bar.hidden = this.done === null;
    bar.value = this.done ?? 0;
    if (said.textContent !== this.said) said.textContent = this.said;
    for (const [place, wanted] of [[acts, this.acts], [why, this.why]])
      if (place.children.length !== wanted.length || wanted.some((one, n) => place.children[n] !== one)) place.replaceChildren(...wanted);
  }
}

/** Soon, and not more often than somebody can read. */
export function draw() {
  drawing ||= setTimeout(requestAnimationFrame, Math.max(0, drawn + PAUSE_MS - performance.now()), () => {
    drawing = 0;
    drawn = performance.now();
    paint();
  });
}

function paint() {
  const focused = panel.contains(document.activeElement) && document.activeElement;
  const held = focused && focused.closest(".upload"); // the line under somebody's hands stays
  const entries = [...all];
  const ranked = entries.map((entry, n) => [RANK[entry.state], n, entry]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const shown = new Set(ranked.slice(0, MOST).map(([, , entry]) => entry));
  const staying = new Set([...shown].map((entry) => entry.line));
  if (entries.some((entry) => entry.isAt(held))) staying.add(held);
  const next = held && nearest(held, staying);
  for (const line of [...list.children]) if (!staying.has(line)) line.remove();
  let after = null;
  for (const entry of entries) {
    if (!shown.has(entry)) continue;
    entry.paint();
    const place = after ? after.nextElementSibling : list.firstElementChild;
    if (place !== entry.line) list.insertBefore(entry.line, place);
    after = entry.line;
  }
  more.hidden = entries.length <= shown.size;
  more.textContent = `and ${entries.length - shown.size} more`;
  tell(entries);
  if (!focused || focused.getClientRects().length) return;
  // To the line and not to its button: who presses Cancel twice would take back two.
  (next || (panel.hidden ? document.getElementById("main") : heading)).focus();
}

/** The line itself, if it stays, or else the one beside it. */
function nearest(line, staying) {
  if (staying.has(line)) return line;
  for (const way of ["nextElementSibling", "previousElementSibling"])
    for (let other = line[way]; other; other = other[way]) if (staying.has(other)) return other;
  return null;
}

function tell(entries) {
  const of = (...states) => entries.filter((entry) => states.includes(entry.state)).length;
  const [toGo, failed, known, unfinished] = [of(...UNDER_WAY), of("failed"), of("known"), of("unfinished")];
  const again = entries.filter((entry) => entry.state === "failed" && entry.again).length;
  panel.hidden = entries.length === 0;
  sum.textContent = [
    toGo && `${count(toGo, "file")} to go${left(entries)}`,
    added && `${added} added`,
    known && `${known} in the library already`,
    failed && `${failed} not added`,
    unfinished && `${unfinished} unfinished`,
  ]
    .filter(Boolean)
    .join(" · ");
  speak(entries, toGo > 0);
  retry.hidden = again < 2;
  retry.textContent = `Try ${again} again`;
  cancelAll.hidden = toGo < 2;
  clear.hidden = toGo > 0 || entries.every((entry) => entry.state === "unfinished");
  if (!entries.length) added = 0;
}

/** How much of what is on its way is still to be sent. */
function left(entries) {
  const bytes = entries.reduce((total, entry) => total + (UNDER_WAY.has(entry.state) ? (entry.size ?? 0) * (1 - (entry.done ?? 0)) : 0), 0);
  return bytes ? `, ${size(bytes)}` : "";
}

/** One file is in the library; its line goes. */
export function arrived(entry) {
  added += 1;
  sent += 1;
  entry.remove();
}

/** For those who do not see it: what failed, and the end. Of how far it is nothing is said. */
function speak(entries, isOn) {
  const failed = entries.filter((entry) => entry.state === "failed" && !entry.isTold);
  for (const entry of failed) entry.isTold = true;
  const why = failed[0]?.line.querySelector(".why .sentence")?.textContent ?? "";
  const words = failed.length > 1 ? [`${failed.length} files were not added.`] : failed.map(({ name }) => `${short(name)} was not added. ${why}`);
  if (isBusy && !isOn) {
    if (sent > 2) mention(`${count(sent, "file")} sent.`);
    else words.push(sum.textContent);
    sent = 0;
  }
  isBusy = isOn;
  if (words.join("")) aloud.replaceChildren(make("p", "", words.join(" ")));
}

cancelAll.addEventListener("click", () => [...all].forEach((entry) => UNDER_WAY.has(entry.state) && entry.cancel()));
clear.addEventListener("click", () => [...all].forEach((entry) => entry.state !== "unfinished" && entry.remove()));
retry.addEventListener("click", () => [...all].forEach((entry) => entry.state === "failed" && entry.again && entry.again()));
const fold = document.getElementById("uploads-fold");
fold.addEventListener("click", () => {
  const isFolded = panel.toggleAttribute("data-folded");
  fold.setAttribute("aria-expanded", String(!isFolded));
});
