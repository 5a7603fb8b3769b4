import assert from "node:assert/strict";
import test from "node:test";

import { columns, halves, heat } from "../../src/sfa/static/js/drawing.js";

test("no peak is lost when many share a column", () => {
  const peaks = new Uint8Array(1000).fill(10);
  peaks[777] = 200;
  const drawn = columns(peaks, 0.01, 0, 10, 100);
  assert.equal(Math.max(...drawn), 200);
  assert.equal(drawn[77], 200);
  assert.equal(drawn.filter((value) => value === 200).length, 1);
});

test("one peak fills every column that it covers", () => {
  assert.deepEqual([...columns(Uint8Array.of(5, 9), 1, 0, 2, 6)], [5, 5, 5, 9, 9, 9]);
});

test("a window in the middle shows the middle", () => {
  const peaks = Uint8Array.from({ length: 100 }, (_, i) => i);
  assert.deepEqual([...columns(peaks, 1, 40, 44, 4)], [40, 41, 42, 43]);
});

test("behind the end there is silence", () => {
  assert.deepEqual([...columns(Uint8Array.of(7, 7), 1, 0, 4, 4)], [7, 7, 0, 0]);
});

test("half-precision floats are read as IEEE 754 has them", () => {
  const bits = [0x0000, 0x3c00, 0xbc00, 0x3555, 0x7bff, 0x0001, 0x7c00, 0xfc00, 0x7e00];
  const read = halves(Uint16Array.from(bits).buffer);
  const expected = [0, 1, -1, 0.333251953125, 65504, 2 ** -24, Infinity, -Infinity, NaN];
  assert.deepEqual([...read], expected.map(Math.fround));
});

test("the ramp rises from ground to light, and falls on light ground", () => {
  const sum = (colour) => colour.reduce((a, b) => a + b);
  const dark = [0, 0.2, 0.4, 0.6, 0.8, 1].map((value) => sum(heat(value, true)));
  const light = [0, 0.2, 0.4, 0.6, 0.8, 1].map((value) => sum(heat(value, false)));
  assert.deepEqual([...dark].sort((a, b) => a - b), dark);
  assert.deepEqual([...light].sort((a, b) => b - a), light);
  assert.deepEqual(heat(-3), heat(0));
  assert.deepEqual(heat(3), heat(1));
});
