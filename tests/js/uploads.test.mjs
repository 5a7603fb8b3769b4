import assert from "node:assert/strict";
import test from "node:test";

import { Lanes, Pace, Speed, fault, fingerprint, isNoSound, metadata, mix, patience, short } from "../../src/sfa/static/js/uploads.js";

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

test("a long name is shortened in its middle, and no emoji is cut in two", () => {
  assert.equal(short("song.wav"), "song.wav");
  const shown = short(`${"🎸".repeat(300)}.wav`);
  assert.equal([...shown].length, 72);
  assert.match(shown, /^🎸+…🎸+\.wav$/u);
  assert.ok(fault({ name: "x".repeat(300), size: 0 }, 10, "10 B").sentence.length < 120);
});

test("parts grow on a fast line, shrink on a slow one, and within bounds", () => {
  const pace = new Pace();
  for (let n = 0; n < 10; n += 1) pace.sent(pace.next, 10);
  assert.equal(pace.next, Pace.MOST);
  for (let n = 0; n < 20; n += 1) pace.sent(pace.next, 60_000);
  assert.equal(pace.next, Pace.LEAST);
  for (let n = 0; n < 20; n += 1) pace.sent(pace.next, (1000 * pace.next) / 200_000);
  assert.equal(pace.next, (Pace.TARGET_MS / 1000) * 200_000);
  pace.broke();
  assert.equal(pace.next, (Pace.TARGET_MS / 2000) * 200_000);
});

test("each try waits longer than the one before, up to half a minute", () => {
  const waits = [0, 1, 2, 3, 20].map((tries) => patience(tries, 0.5));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 30000]);
  assert.ok(patience(0, 0) >= 375 && patience(0, 1) <= 625);
});

test("any changed byte changes the fingerprint, and so do name and date", async () => {
  const bytes = new Uint8Array(3 << 20).map((_, n) => (n * 7919) >> 5);
  const made = (content, name = "a.wav", lastModified = 5) => new File([content], name, { lastModified });
  const first = await fingerprint(made(bytes));
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(await fingerprint(made(bytes.slice())), first);
  const others = [made(bytes, "b.wav"), made(bytes, "a.wav", 6), made(bytes.slice(0, -1))];
  for (const place of [0, 1, 4097, (1 << 20) - 1, (2 << 20) + 5, (3 << 20) - 1]) {
    const changed = bytes.slice();
    changed[place] ^= 1;
    others.push(made(changed));
  }
  const prints = await Promise.all(others.map(fingerprint));
  assert.equal(new Set([first, ...prints]).size, 1 + others.length);
});

test("the mixing spreads over all of its bits", () => {
  const seen = new Set();
  for (let n = 0; n < 20_000; n += 1) seen.add(mix(Uint8Array.of(n, n >> 8, n >> 16, 0, 0, 0, 0, 0)).slice(0, 16));
  assert.equal(seen.size, 20_000);
});

test("words about a file go over the line in base64", () => {
  const told = metadata({ filename: "Ünï 🎸.wav", sha256: null, fingerprint: "ab" });
  assert.match(told, /^filename [A-Za-z0-9+/=]+,fingerprint YWI=$/);
  const name = Buffer.from(told.split(",")[0].split(" ")[1], "base64").toString();
  assert.equal(name, "Ünï 🎸.wav");
});

test("what lies beside the songs in a folder is told from them", () => {
  const odd = [{ name: "cover.jpg" }, { name: "x", type: "image/png" }, { name: "Log.TXT" }, { name: "list.m3u8" }];
  const sound = [{ name: "a.wav" }, { name: "b.mp3", type: "audio/mpeg" }, { name: "no ending" }, { name: "c.ts", type: "video/mp2t" }];
  assert.deepEqual(odd.map(isNoSound), [true, true, true, true]);
  assert.deepEqual(sound.map(isNoSound), [false, false, false, false]);
});
