// Correcting by ear: a tempo that is tapped, and times that are taken from the playhead.

const FORGOTTEN_AFTER_MS = 2000;
const FEWEST_TAPS = 4;
const MOST_TAPS = 24;

/** Taps in milliseconds, with one more; a long rest begins anew. */
export function tapped(taps, now) {
  return now - (taps.at(-1) ?? now) > FORGOTTEN_AFTER_MS ? [now] : [...taps, now].slice(-MOST_TAPS);
}

/** The tempo of taps: the slope of the line through them, which no single late tap bends much. Null while they are few. */
export function tempoOf(taps) {
  if (taps.length < FEWEST_TAPS) return null;
  const middle = (taps.length - 1) / 2;
  const mean = taps.reduce((sum, tap) => sum + tap, 0) / taps.length;
  let along = 0;
  let spread = 0;
  for (const [index, tap] of taps.entries()) {
    along += (index - middle) * (tap - mean);
    spread += (index - middle) ** 2;
  }
  return Math.round((10 * 60000 * spread) / along) / 10;
}

/** Seconds as the fields of the forms have them: 1:23.500. */
export function written(seconds) {
  const all = Math.round(seconds * 1000);
  const rest = String(all % 60000).padStart(5, "0");
  return `${Math.floor(all / 60000)}:${rest.slice(0, -3)}.${rest.slice(-3)}`;
}

function playhead() {
  const at = Number.parseFloat(document.querySelector("[data-playhead]")?.dataset.playhead);
  return Number.isFinite(at) ? at : null;
}

// The buttons are of no use where nothing plays.
function offer() {
  const known = playhead() !== null;
  for (const button of document.querySelectorAll("[data-at-playhead]")) if (button.hidden === known) button.hidden = !known;
}

let taps = [];

function tap(button, now) {
  taps = tapped(taps, now);
  const bpm = tempoOf(taps);
  const field = button.form.elements.bpm;
  if (bpm !== null) field.value = String(bpm);
  button.textContent = bpm === null ? `Tap ${FEWEST_TAPS - taps.length} more` : "Tap";
}

function attend() {
  document.addEventListener("pointerdown", (event) => {
    const button = event.target.closest?.("[data-tap]");
    if (button) tap(button, event.timeStamp); // not the click: that comes when the finger leaves
  });
  document.addEventListener("click", (event) => {
    const tapping = event.target.closest?.("[data-tap]");
    if (tapping && event.detail === 0) tap(tapping, event.timeStamp); // by keyboard
    const taking = event.target.closest?.("[data-at-playhead]");
    const at = playhead();
    if (taking && at !== null) taking.form.elements.at_s.value = written(at);
  });
  document.addEventListener("focusin", (event) => {
    const field = event.target;
    const at = playhead();
    if (field.matches?.("[data-follows-playhead]") && !field.value && at !== null) field.value = written(at);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target.matches?.("form[data-closes]")) event.target.closest(".notice")?.remove();
    offer();
  });
  setInterval(offer, 1000);
  offer();
}

if (globalThis.document) attend();
