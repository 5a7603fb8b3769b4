import assert from "node:assert/strict";
import test from "node:test";

import { Marks } from "../../src/sfa/static/js/marks.js";
import { snap } from "../../src/sfa/static/js/score.js";

const beats = Array.from({ length: 20 }, (_, n) => ({ at: n / 2, position: (n % 4) + 1 }));

test("an end lies on the beat nearest to it, or where it was set without a grid", () => {
  assert.equal(snap(beats, 1.2), 1);
  assert.equal(snap(beats, 1.3), 1.5);
  assert.equal(snap(beats, 99), 9.5);
  assert.equal(snap([], 1.234), 1.234);
});

test("a loop begins once it has both ends", () => {
  const marks = new Marks();
  marks.setA(1.1, beats);
  assert.equal(marks.loop, null);
  marks.setB(2.9, beats, 10);
  assert.deepEqual(marks.loop, { a: 1, b: 3 });
});

test("without a beginning a loop begins with the song", () => {
  const marks = new Marks();
  marks.setB(2.1, beats, 10);
  assert.deepEqual(marks.loop, { a: 0, b: 2 });
});

test("an end that falls on the beginning goes to the next beat", () => {
  const marks = new Marks();
  marks.setA(1.1, beats);
  marks.setB(1.2, beats, 10);
  assert.deepEqual(marks.loop, { a: 1, b: 1.5 });
});

test("a beginning behind the end forgets the end", () => {
  const marks = new Marks();
  marks.setA(1, beats);
  marks.setB(2, beats, 10);
  marks.setA(4, beats);
  assert.deepEqual([marks.loop, marks.stretch], [null, null]);
});

test("a loop is turned off and on again, and forgotten", () => {
  const marks = new Marks();
  marks.toggle();
  assert.equal(marks.on, false);
  marks.setA(1, beats);
  marks.setB(2, beats, 10);
  marks.toggle();
  assert.deepEqual([marks.loop, marks.stretch], [null, { a: 1, b: 2 }]);
  marks.toggle();
  assert.deepEqual(marks.loop, { a: 1, b: 2 });
  marks.clear();
  assert.equal(marks.stretch, null);
});

test("at the very end of the song there is nothing to repeat", () => {
  const marks = new Marks();
  marks.setA(10, []);
  marks.setB(10, [], 10);
  assert.deepEqual([marks.loop, marks.b], [null, null]);
});
