// Where a moment lies in the song: which bar and beat, which chord, which section. No page, no sound.

/** Beats from "0.512:1 1.021:2": time in seconds, place in the bar (1 is the downbeat, 0 not known). */
export function parseBeats(text) {
  return text
    .split(" ")
    .filter(Boolean)
    .map((word) => word.split(":").map(Number))
    .map(([at, position]) => ({ at, position }));
}

/** Index of the last item that begins at or before `t`; -1 before the first. */
export function lastBefore(items, t, begin = (item) => item.at) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (begin(items[middle]) <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Bars: beats that begin one, numbered from 1. What comes before the first downbeat is bar 0. */
export function barsOf(beats) {
  return beats.filter((beat) => beat.position === 1).map((beat, index) => ({ at: beat.at, number: index + 1 }));
}

const JUST_HEARD_S = 0.24; // so soon after a beat, "back" means the one before
const NEAR_S = 0.04; // standing a hair before a beat is standing on it

/** "12.3" for the third beat of bar 12; an empty string where no grid is known. */
export function place(beats, bars, t) {
  const beat = beats[lastBefore(beats, t + NEAR_S)];
  if (!beat || !bars.length) return "";
  const bar = bars[lastBefore(bars, t + NEAR_S)];
  return `${bar ? bar.number : 0}.${beat.position || "–"}`;
}

/** The beat before or after `t`, or the bar; without a grid, so many seconds on. */
export function step(marks, t, direction, otherwise) {
  if (marks.length < 2) return Math.max(0, t + direction * otherwise);
  const index = direction > 0 ? lastBefore(marks, t + NEAR_S) + 1 : lastBefore(marks, t - JUST_HEARD_S);
  if (index < 0) return 0;
  return marks[index]?.at ?? t;
}

/** The beat nearest to `t`; `t` itself where no grid is known. */
export function snap(beats, t) {
  if (beats.length < 2) return t;
  const index = lastBefore(beats, t);
  const near = [beats[index], beats[index + 1]].filter(Boolean).map((beat) => beat.at);
  return near.reduce((best, at) => (Math.abs(at - t) < Math.abs(best - t) ? at : best));
}

/** The span that `t` falls into, of spans in order. */
export function spanAt(spans, t) {
  const span = spans[lastBefore(spans, t, (one) => one.from)];
  return span && t < span.to ? span : null;
}

/** Every how many bars a number is written, so that numbers keep apart. */
export function barStep(bars, pixelsPerSecond, apart = 44) {
  if (bars.length < 2) return 1;
  const width = ((bars.at(-1).at - bars[0].at) / (bars.length - 1)) * pixelsPerSecond;
  let every = 1;
  while (every * width < apart) every *= 2;
  return every;
}

/** Seconds between marks of a ruler without bars. */
export function secondStep(pixelsPerSecond, apart = 60) {
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800].find((s) => s * pixelsPerSecond >= apart) ?? 3600;
}
