import assert from "node:assert/strict";
import test from "node:test";

import { Lanes, Speed, fault } from "../../src/sfa/static/js/uploads.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));

test("so many run at once, the others wait their turn", async () => {
  const lanes = new Lanes(2);
  const ends = [];
  const begun = [];
  for (const name of ["a", "b", "c", "d"])
    lanes.add(() => {
      begun.push(name);
      return new Promise((resolve) => ends.push(resolve));
    });
  assert.deepEqual(begun, ["a", "b"]);
  ends[1]();
  await tick();
  assert.deepEqual(begun, ["a", "b", "c"]);
  ends[0]();
  ends[2]();
  await tick();
  assert.deepEqual(begun, ["a", "b", "c", "d"]);
  assert.equal(lanes.busy, true);
  ends[3]();
  await tick();
  assert.equal(lanes.busy, false);
});

test("a job that waits can be taken back, one that has begun cannot", () => {
  const lanes = new Lanes(1);
  const first = () => new Promise(() => {});
  const second = () => assert.fail("it was taken back");
  lanes.add(first);
  lanes.add(second);
  assert.equal(lanes.drop(second), true);
  assert.equal(lanes.drop(first), false);
});

test("speed is that of the last seconds, and unknown at first", () => {
  const speed = new Speed();
  assert.equal(speed.at(0, 0), null);
  assert.equal(speed.at(100, 5000), null);
  assert.equal(speed.at(1000, 10_000), 10_000);
  for (let t = 2000; t <= 9000; t += 1000) speed.at(t, 10_000 + t);
  assert.equal(Math.round(speed.at(10_000, 20_000)), 1000);
});

test("what cannot go up is said before it is sent", () => {
  assert.match(fault({ name: "a.wav", size: 0 }, 10, "10 B").sentence, /a\.wav is empty/);
  assert.match(fault({ name: "a.wav", size: 11 }, 10, "10 B").sentence, /larger than 10 B/);
  assert.equal(fault({ name: "a.wav", size: 10 }, 10, "10 B"), null);
});
