import assert from "node:assert/strict";
import test from "node:test";

import { barStep, barsOf, lastBefore, parseBeats, place, secondStep, spanAt, step } from "../../src/sfa/static/js/score.js";

// An upbeat, then bars of four at 120 beats a minute.
const beats = parseBeats(["0.500:4", ...Array.from({ length: 12 }, (_, n) => `${1 + n / 2}:${(n % 4) + 1}`)].join(" "));
const bars = barsOf(beats);

test("beats are read from the page", () => {
  assert.deepEqual(parseBeats("0.512:1 1.021:2"), [{ at: 0.512, position: 1 }, { at: 1.021, position: 2 }]);
  assert.deepEqual(parseBeats(""), []);
});

test("bars begin at downbeats and count from one", () => {
  assert.deepEqual(bars, [{ at: 1, number: 1 }, { at: 3, number: 2 }, { at: 5, number: 3 }]);
});

test("a place is bar and beat, and the upbeat belongs to bar nought", () => {
  assert.equal(place(beats, bars, 0.7), "0.4");
  assert.equal(place(beats, bars, 1), "1.1");
  assert.equal(place(beats, bars, 3.6), "2.2");
  assert.equal(place(beats, bars, 0.1), "");
  assert.equal(place([], [], 3), "");
});

test("arrows walk from beat to beat, and back over the one just heard", () => {
  assert.equal(step(beats, 1.2, 1, 2), 1.5);
  assert.equal(step(beats, 1.5, 1, 2), 2);
  assert.equal(step(beats, 1.6, -1, 2), 1);
  assert.equal(step(beats, 1.9, -1, 2), 1.5);
  assert.equal(step(beats, 0.2, -1, 2), 0);
});

test("without a grid arrows walk by seconds", () => {
  assert.equal(step([], 5, 1, 2), 7);
  assert.equal(step([], 1, -1, 2), 0);
});

test("a moment lies in one span or in none", () => {
  const spans = [{ from: 0, to: 2 }, { from: 2, to: 4 }, { from: 6, to: 8 }];
  assert.equal(spanAt(spans, 2), spans[1]);
  assert.equal(spanAt(spans, 5), null);
  assert.equal(spanAt(spans, 9), null);
});

test("the search finds the last item at or before a moment", () => {
  const items = [0, 1, 2, 3].map((at) => ({ at }));
  assert.deepEqual([-1, 0, 0.5, 3, 9].map((t) => lastBefore(items, t)), [-1, 0, 0, 3, 3]);
});

test("bar numbers keep apart at any zoom", () => {
  for (const perSecond of [1, 5, 20, 100, 400]) {
    const every = barStep(bars, perSecond);
    assert.ok(every * 2 * perSecond >= 44);
    assert.ok(every === 1 || (every / 2) * 2 * perSecond < 44);
  }
});

test("a ruler of seconds uses round steps", () => {
  assert.equal(secondStep(100), 1);
  assert.equal(secondStep(5), 15);
  assert.equal(secondStep(0.01), 3600);
});
