// What the readings of a plot say of one moment, with their units. No page.

import { lastBefore } from "./score.js";
import { clock } from "./words.js";

const MEL = { rows: 48, bands: 128, topHz: 11025 }; // as sfa/plots/timbre.py draws it
const AGAIN_S = 8; // nearer to itself everything is alike
const STRONGEST = 3;
const ON_THE_GRID_MS = 0.5;

const figure = (value, digits = 1) => value.toFixed(digits).replace("-", "−");
const hertz = (value) => (value >= 1000 ? `${figure(value / 1000)} kHz` : `${figure(value, 0)} Hz`);

/** The columns of a plot's numbers: text as RFC 4180 has it, without quotes. */
export function asTable(text) {
  const [header, ...rows] = text.trim().split(/\r?\n/).map((line) => line.split(","));
  return Object.fromEntries(header.map((name, column) => [name, rows.map((row) => Number(row[column]))]));
}

/** The point of a curve that is nearest to second `t`; null before its first and behind its last. */
export function pointAt({ start, hop, shape }, t) {
  const [i, points] = [Math.round((t - start) / hop), shape.at(-1)];
  return i < 0 || i > points ? null : Math.min(i, points - 1);
}

/** The row of a table whose time, its first column, is nearest to second `t`. */
export function rowAt(table, t) {
  const [times] = Object.values(table);
  const before = Math.max(0, lastBefore(times, t, (at) => at));
  return times[before + 1] - t < t - times[before] ? before + 1 : before;
}

/** A frequency of the mel map: `up` is 0 at the bottom, 1 on top (Slaney's scale: even steps, then even ratios). */
export function hertzAt(up) {
  const mel = up * (15 + (27 * Math.log(MEL.topHz / 1000)) / Math.log(6.4));
  return mel < 15 ? (200 * mel) / 3 : 1000 * 6.4 ** ((mel - 15) / 27);
}

/** Level at a place of the mel map: the cosines that its MFCC are the strengths of. */
function mel(mfcc, up) {
  return mfcc.reduce((sum, c, n) => sum + c * Math.sqrt((n ? 2 : 1) / MEL.bands) * Math.cos(Math.PI * n * up), 0);
}

const column = ({ values, shape: [rows, points] }, i) => Array.from({ length: rows }, (_, row) => values[row * points + i]);
const rowOf = (rows, up) => rows[Math.min(rows.length - 1, Math.floor(up * rows.length))];

/** How each kind of reading is told: of a curve, at its point `i`; `up` is where the pointer is, if it is one. */
const SAYS = {
  value: (read, { values }, i) => figure(values[i]),
  hertz: (read, { values }, i) => hertz(values[i]),
  row: ({ rows }, curve, i, up) => {
    if (up === null) return null;
    const [row, name] = rowOf(rows, up);
    return `${name} ${figure(column(curve, i)[row])}`;
  },
  notes: ({ rows }, curve, i, up) => {
    const strength = column(curve, i);
    const told = ([row, name]) => `${name} ${figure(strength[row], 2)}`;
    if (up !== null) return told(rowOf(rows, up));
    const ranked = [...rows].sort(([a], [b]) => strength[b] - strength[a]).slice(0, STRONGEST);
    return strength.some((value) => value > 0) ? ranked.map(told).join(", ") : "no note";
  },
  mel: (read, curve, i, up) => {
    const mfcc = column(curve, i);
    const places = up === null ? Array.from({ length: MEL.rows }, (_, row) => (row + 0.5) / MEL.rows) : [up];
    const [level, at] = places.map((place) => [mel(mfcc, place), place]).reduce((a, b) => (b[0] > a[0] ? b : a));
    return `${up === null ? "most at " : ""}${hertz(hertzAt(at))} ${figure(level, 0)}`;
  },
  // Both ways is time, from the top down.
  alike: (read, curve, i, up) => {
    const { start, hop, shape } = curve;
    const alike = column(curve, i);
    const told = (other) => `like ${clock(start + other * hop)}: ${figure(alike[other] / 255, 2)}`;
    if (up !== null) return told(pointAt(curve, (1 - up) * shape[0] * hop) ?? 0);
    const others = alike.map((_, other) => other).filter((other) => Math.abs(other - i) * hop >= AGAIN_S);
    return others.length ? `most ${told(others.reduce((a, b) => (alike[b] > alike[a] ? b : a)))}` : null;
  },
  drift: (_, table, i) => {
    const late = table.drift_ms[i];
    if (Math.abs(late) < ON_THE_GRID_MS) return "on the grid";
    return `${figure(Math.abs(late), 0)} ms ${late > 0 ? "late" : "early"}`;
  },
};

/**
 * One reading at second `t`; null where it says nothing.
 *
 * @param {{curve?: string, column?: string, word?: string, unit?: string, says: string, rows?: [number, string][]}} read
 * @param {object} data  the curve, or the table
 * @param {number | null} up  the height of a pointer, from 0, the bottom, to 1
 */
export function told(read, data, t, up = null) {
  const i = read.column ? rowAt(data, t) : pointAt(data, t);
  if (i === null) return null;
  const of = read.column ? { values: data[read.column], ...data } : data;
  const found = SAYS[read.says](read, of, i, up);
  return found && [read.word, found, read.unit].filter(Boolean).join(" ");
}
