import assert from "node:assert/strict";
import test from "node:test";

import { burst, nextSpan, route } from "../../src/sfa/static/js/engine/route.js";

const pack = { frames: 100 * 1000 - 300, segmentFrames: 1000 }; // 100 segments, the last one shorter
const none = () => true;

test("the way leads on to the end of the song and no further", () => {
  assert.deepEqual(route(pack, 2500, null, 4), [2, 3, 4, 5]);
  assert.deepEqual(route(pack, 98_500, null, 9), [98, 99]);
  assert.deepEqual(route(pack, pack.frames, null, 9), []);
});

test("in a loop the way turns back, and each segment is needed once", () => {
  assert.deepEqual(route(pack, 11_500, { a: 9_500, b: 13_001 }, 9), [11, 12, 13, 9, 10]);
  assert.deepEqual(route(pack, 12_000, { a: 12_100, b: 13_000 }, 9), [12]);
});

test("behind the loop the way leads on", () => {
  assert.deepEqual(route(pack, 13_000, { a: 9_500, b: 13_000 }, 2), [13, 14]);
});

test("spans are aligned powers of two of what is missing", () => {
  const wanted = route(pack, 0, null, 40);
  assert.deepEqual(nextSpan(wanted, none, 16, 100), [0, 15]);
  assert.deepEqual(nextSpan(wanted, (k) => k > 0, 16, 100), [1, 1]);
  assert.deepEqual(nextSpan(wanted, (k) => k > 1, 16, 100), [2, 3]);
  assert.deepEqual(nextSpan(wanted, (k) => k > 3 && k !== 6, 16, 100), [4, 5]);
  assert.deepEqual(nextSpan(wanted, none, 5, 100), [0, 3]);
});

test("a span keeps to what is wanted, and may reach over the end", () => {
  assert.deepEqual(nextSpan([8, 9, 10], none, 16, 100), [8, 9]);
  assert.deepEqual(nextSpan([96, 97, 98], none, 16, 99), [96, 99]);
  assert.equal(nextSpan([8, 9], () => false, 16, 100), null);
});

test("bursts grow with what is buffered and with the speed of the network", () => {
  assert.equal(burst(0, 0, 0.37), 1);
  assert.equal(burst(0, 50, 0.37), 1);
  assert.equal(burst(0.74, 1, 0.37), 1);
  assert.equal(burst(2.96, 1, 0.37), 4);
  assert.equal(burst(2.96, 0.3, 0.37), 1);
  assert.equal(burst(9, 100, 0.37), 16);
});
