import assert from "node:assert/strict";
import test from "node:test";

import { tapped, tempoOf, written } from "../../src/sfa/static/js/corrections.js";

const every = (ms, count) => Array.from({ length: count }, (_, index) => 1000 + index * ms);

test("even taps are their tempo", () => {
  assert.equal(tempoOf(every(500, 4)), 120);
  assert.equal(tempoOf(every(468.75, 9)), 128);
});

test("a tempo takes four taps", () => {
  assert.equal(tempoOf(every(500, 3)), null);
});

test("one late tap bends it little", () => {
  const taps = every(500, 12);
  taps[5] += 60;
  assert.ok(Math.abs(tempoOf(taps) - 120) < 0.6);
});

test("after a rest the taps begin anew", () => {
  assert.deepEqual(tapped([0, 500, 1000], 5000), [5000]);
  assert.deepEqual(tapped([], 7), [7]);
  assert.equal(tapped(every(500, 24), 13000).length, 24);
});

test("times are written as the server reads them", () => {
  assert.equal(written(83.5), "1:23.500");
  assert.equal(written(0.0449), "0:00.045");
  assert.equal(written(59.9996), "1:00.000");
});
