import assert from "node:assert/strict";
import test from "node:test";

import { clock, count, decibels, size } from "../../src/sfa/static/js/words.js";

test("seconds are written as people read them", () => {
  assert.equal(clock(7), "0:07");
  assert.equal(clock(205.9), "3:25");
  assert.equal(clock(3723), "1:02:03");
  assert.equal(clock(59.97, true), "0:59.9");
  assert.equal(clock(3605.25, true), "1:00:05.2");
  assert.equal(clock(-1), "0:00");
});

test("bytes change their unit where people would", () => {
  assert.equal(size(512), "512 B");
  assert.equal(size(3.4 * 1024 ** 2), "3.4 MB");
  assert.equal(size(2 * 1024 ** 3), "2 GB");
  assert.equal(size(1.25 * 1024 ** 3), "1.3 GB");
});

test("a closed fader is silent, not minus infinity", () => {
  assert.equal(decibels(0), "silent");
  assert.equal(decibels(0.5), "-6.0 dB");
});

test("one file is no files", () => {
  assert.equal(count(1, "file"), "1 file");
  assert.equal(count(7, "file"), "7 files");
});
