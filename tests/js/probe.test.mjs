import assert from "node:assert/strict";
import test from "node:test";

import { asTable, hertzAt, pointAt, rowAt, told } from "../../src/sfa/static/js/probe.js";

const curve = (values, start = 0, hop = 1) => ({ values, shape: [values.length], start, hop });
const map = (...rows) => ({ values: rows.flat(), shape: [rows.length, rows[0].length], start: 0.5, hop: 1 });

test("the nearest point of a curve is told, and none before it begins", () => {
  const loud = { says: "value", word: "3 s", unit: "LUFS" };
  assert.equal(told(loud, curve([-14.24, -9.6], 3), 3.4), "3 s −14.2 LUFS");
  assert.equal(told(loud, curve([-14.24, -9.6], 3), 3.6), "3 s −9.6 LUFS");
  assert.equal(told(loud, curve([-14.24, -9.6], 3), 1), null);
  assert.equal(pointAt(curve([1, 2, 3]), 3), 2);
  assert.equal(pointAt(curve([1, 2, 3]), 5), null);
});

test("a frequency is written as people say it", () => {
  assert.equal(told({ says: "hertz", word: "centroid" }, curve([834.4]), 0), "centroid 834 Hz");
  assert.equal(told({ says: "hertz" }, curve([2345]), 0), "2.3 kHz");
});

test("the beat nearest to the pointer is told, early or late", () => {
  const table = asTable("at_s,position,local_bpm,drift_ms\r\n0.0,1,120.0,0.2\r\n0.5,2,121.26,-12.4\r\n1.0,,119,8\r\n");
  assert.equal(rowAt(table, 0.3), 1);
  assert.equal(rowAt(table, 9), 2);
  assert.equal(told({ column: "local_bpm", says: "value", unit: "BPM" }, table, 0.6), "121.3 BPM");
  const drift = { column: "drift_ms", says: "drift" };
  assert.deepEqual([0, 0.5, 1].map((t) => told(drift, table, t)), ["on the grid", "12 ms early", "8 ms late"]);
});

test("a pointer reads the note that it is on, keys the strongest", () => {
  const read = { says: "notes", rows: [[1, "G"], [0, "C"], [2, "D"], [3, "A"]] };
  const notes = map([0.2, 1], [0.9, 0], [0.1, 0], [0.5, 0]);
  assert.equal(told(read, notes, 0, 0.1), "G 0.90");
  assert.equal(told(read, notes, 0, 1), "A 0.50");
  assert.equal(told(read, notes, 0), "G 0.90, A 0.50, C 0.20");
  assert.equal(told(read, map([0], [0], [0], [0]), 0), "no note");
});

test("two moments are told how alike they are, from the top down", () => {
  const cells = 20;
  const alike = map(...Array.from({ length: cells }, (_, i) => Array.from({ length: cells }, (_, j) => (Math.abs(i - j) === 10 ? 204 : i === j ? 255 : 51))));
  assert.equal(told({ says: "alike" }, alike, 3.4, 1), "like 0:00: 0.20");
  assert.equal(told({ says: "alike" }, alike, 3.4, 1 - 13.4 / 20), "like 0:13: 0.80");
  assert.equal(told({ says: "alike" }, alike, 3.4), "most like 0:13: 0.80");
});

test("a place in the mel map is a frequency, and its level that of the spectrum the MFCC describe", () => {
  assert.equal(Math.round(hertzAt(1)), 11025);
  assert.equal(hertzAt(0), 0);
  const flat = [-40 * Math.sqrt(128), ...Array(19).fill(0)];
  assert.equal(told({ says: "mel", unit: "dBFS" }, map(...flat.map((c) => [c])), 0, 0.5), "2.0 kHz −40 dBFS");
  const low = [-40 * Math.sqrt(128), 60, ...Array(18).fill(0)];
  assert.match(told({ says: "mel", unit: "dBFS" }, map(...low.map((c) => [c])), 0), /^most at 3\d Hz −3\d dBFS$/);
});

test("an MFCC is told where the pointer is, and not by keys", () => {
  const read = { says: "row", unit: "dB", rows: [[1, "MFCC 1"], [2, "MFCC 2"]] };
  assert.equal(told(read, map([9], [-3.2], [4]), 0, 0.2), "MFCC 1 −3.2 dB");
  assert.equal(told(read, map([9], [-3.2], [4]), 0), null);
});
