// Plots below the player: what they say of the moment under a pointer, or under the keys; a click goes there, the
// playhead runs through all of them.

import { asCurve } from "./curves.js";
import { asTable, told } from "./probe.js";
import { barsOf, parseBeats, place, step } from "./score.js";
import { clock } from "./words.js";

const SAME_PX = 24; // a finger that taps so near to where it did goes there
const STEP_S = { beat: 1, bar: 4 }; // without a grid

/** Which moment a pointer is at, in a field that shows so many seconds from edge to edge. */
export function momentAt(clientX, box, lengthS) {
  return Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * lengthS;
}

const fetched = new WeakMap(); // of each plot: what was fetched for it, by address; null while it is on its way
let looked = null; // { panels, at, field, up }: the moment that is looked at now

const panelsOf = (element) => element.closest?.(".panels[data-length-s]");
const probeOf = (panels) => panels.nextElementSibling;
const lengthOf = (panels) => Number(panels.dataset.lengthS);

let grid = { text: null };

/** Beats and bars, as the ruler of the player has them. */
function gridOf() {
  const text = document.getElementById("ruler")?.dataset.beats ?? "";
  if (grid.text !== text) {
    const beats = parseBeats(text);
    grid = { text, beats, bars: barsOf(beats) };
  }
  return grid;
}

function whereIs(event) {
  const panels = event.target.closest?.(".field") && panelsOf(event.target);
  if (!panels) return null;
  const field = event.target.closest(".field");
  const box = field.getBoundingClientRect();
  const up = field.dataset.reads ? 1 - Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)) : null;
  return { panels, at: momentAt(event.clientX, box, lengthOf(panels)), field, up };
}

async function bring(panels, url, read) {
  const known = fetched.get(panels);
  known.set(url, null);
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(String(response.status));
    known.set(url, await read(response));
    if (looked?.panels === panels) look(looked);
  } catch {
    known.delete(url); // the next look asks again
  }
}

/** What was fetched for a reading, or nothing yet. */
function dataOf(panels, { curve, column }) {
  if (!fetched.has(panels)) fetched.set(panels, new Map());
  const known = fetched.get(panels);
  const url = `${panels.dataset.of}/${column ? `plots/${panels.dataset.name}/table` : `curves/${curve}`}`;
  if (!known.has(url)) bring(panels, url, column ? async (response) => asTable(await response.text()) : asCurve);
  return known.get(url);
}

/** Where the player would be: 1:23, and the bar where there are bars. */
function moment(at) {
  const { beats, bars } = gridOf();
  const found = place(beats, bars, at);
  return found ? `${clock(at)}, bar ${found}` : clock(at);
}

/** Show a moment in all fields of a plot: a line through them, and what each of them says there. */
function look(next) {
  if (looked && looked.panels !== next?.panels) leave(looked.panels);
  looked = next;
  if (!next) return;
  const { panels, at, field, up, hint = "" } = next;
  const share = at / lengthOf(panels);
  panels.style.setProperty("--at", `${100 * share}%`);
  panels.toggleAttribute("data-back", share > 0.5);
  panels.dataset.at = "";
  const fields = [...panels.querySelectorAll(".field[data-reads]")];
  const first = fields.includes(field) ? field : fields[0];
  const all = fields.map((one) => {
    const says = JSON.parse(one.dataset.reads)
      .map((read) => [read, dataOf(panels, read)])
      .map(([read, data]) => data && told(read, data, at, one === field ? up : null))
      .filter(Boolean);
    flagOf(one).replaceChildren(...lines(one === first ? [moment(at), ...says, hint] : says));
    if (one.matches(".map")) one.style.setProperty("--down", up === null ? "-1%" : `${100 * (1 - up)}%`);
    return says;
  });
  // A reader hears what its own keys look at, and nothing of a pointer.
  if (!field) probeOf(panels).setAttribute("aria-valuetext", [moment(at), ...all.flat()].join(", "));
}

const lines = (texts) =>
  texts.filter(Boolean).map((text) => Object.assign(document.createElement("span"), { textContent: text }));

function flagOf(field) {
  const made = field.querySelector(".flag") ?? Object.assign(document.createElement("p"), { className: "flag" });
  if (!made.parentNode) field.append(made);
  return made;
}

function leave(panels) {
  delete panels.dataset.at;
  for (const flag of panels.querySelectorAll(".flag")) flag.remove();
}

/** What the keys look at, where the pointer is not. */
function lookByKeys(probe) {
  look({ panels: probe.previousElementSibling, at: Number(probe.value), field: null, up: null });
}

function goTo(panels, seconds) {
  panels.dispatchEvent(new CustomEvent("sfa:seek", { bubbles: true, detail: { seconds } }));
}

function hover(event) {
  if (event.pointerType === "touch") return; // it scrolls, or it taps
  const here = whereIs(event);
  if (here) return look(here);
  const probe = document.activeElement;
  if (probe.matches(".probe")) lookByKeys(probe);
  else look(null);
}

/** A mouse sees before it clicks. A finger sees by its first tap, and goes there by the second. */
function click(event) {
  const here = whereIs(event);
  if (pointer !== "touch") return here && goTo(here.panels, here.at);
  const again = here && looked?.panels === here.panels && isNear(here);
  if (again) goTo(here.panels, looked.at);
  look(here && (again ? { ...looked, hint: "" } : { ...here, hint: "Tap again to go there" }));
}

function isNear({ panels, at, field }) {
  return (Math.abs(at - looked.at) / lengthOf(panels)) * field.getBoundingClientRect().width < SAME_PX;
}

let pointer = "mouse"; // what went down last: not every browser says so of a click

const WAYS = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 };

function press(event) {
  const probe = event.target;
  if (!probe.matches?.(".probe") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter") return goTo(probe.previousElementSibling, Number(probe.value));
  const way = WAYS[event.key];
  if (!way) return;
  event.preventDefault();
  const { beats, bars } = gridOf();
  const isWide = event.shiftKey || event.key.startsWith("Page");
  probe.value = step(isWide ? bars : beats, Number(probe.value), way, isWide ? STEP_S.bar : STEP_S.beat);
  lookByKeys(probe);
}

/** The player says where it is on its ruler; the plots only look there. */
function showPlayhead() {
  const ruler = document.getElementById("ruler");
  if (!ruler) return;
  const show = () => {
    const share = Number(ruler.getAttribute("aria-valuenow")) / Number(ruler.getAttribute("aria-valuemax"));
    document.getElementById("plots")?.style.setProperty("--now", `${(100 * (share || 0)).toFixed(3)}%`);
  };
  new MutationObserver(show).observe(ruler, { attributeFilter: ["aria-valuenow"] });
  show();
}

if (typeof document !== "undefined") {
  const on = (kind, act) => document.addEventListener(kind, act, { passive: kind === "pointermove" });
  on("pointerdown", (event) => (pointer = event.pointerType));
  on("click", click);
  on("pointermove", hover);
  on("keydown", press);
  on("input", ({ target }) => target.matches(".probe") && lookByKeys(target));
  on("focusin", ({ target }) => {
    if (!target.matches(".probe")) return;
    target.value = document.getElementById("ruler")?.getAttribute("aria-valuenow") ?? 0;
    lookByKeys(target);
  });
  on("focusout", ({ target }) => target.matches(".probe") && look(null));
  showPlayhead();
}
