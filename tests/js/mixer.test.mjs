import assert from "node:assert/strict";
import test from "node:test";

import { Mixer } from "../../src/sfa/static/js/engine/mixer.js";

function band() {
  const mixer = new Mixer();
  for (const id of ["vocals", "drums"]) mixer.add(id);
  mixer.add("original", { original: true });
  return mixer;
}

const heard = (mixer) => mixer.ids.filter((id) => mixer.heard(id) > 0);

test("the original sounds alone until there are stems", () => {
  const mixer = new Mixer();
  mixer.add("original", { original: true });
  assert.deepEqual(heard(mixer), ["original"]);
  mixer.add("vocals");
  assert.deepEqual(heard(mixer), ["vocals"]);
});

test("mute silences one voice", () => {
  const mixer = band();
  mixer.toggleMute("drums");
  assert.deepEqual(heard(mixer), ["vocals"]);
  mixer.toggleMute("drums");
  assert.deepEqual(heard(mixer), ["vocals", "drums"]);
});

test("solos add up, and one with shift stands alone", () => {
  const mixer = band();
  mixer.add("bass");
  mixer.toggleSolo("vocals");
  mixer.toggleSolo("bass");
  assert.deepEqual(heard(mixer), ["vocals", "bass"]);
  mixer.toggleSolo("drums", { only: true });
  assert.deepEqual(heard(mixer), ["drums"]);
});

test("a solo is heard though it is muted", () => {
  const mixer = band();
  mixer.toggleMute("vocals");
  mixer.toggleSolo("vocals");
  assert.deepEqual(heard(mixer), ["vocals"]);
});

test("the original and the stems never sound together by a solo", () => {
  const mixer = band();
  mixer.toggleSolo("vocals");
  mixer.toggleSolo("original");
  assert.deepEqual(heard(mixer), ["original"]);
  mixer.toggleSolo("drums");
  assert.deepEqual(heard(mixer), ["drums"]);
});

test("unmuting the original is a wish that is kept", () => {
  const mixer = band();
  mixer.toggleMute("original");
  assert.deepEqual(heard(mixer), ["vocals", "drums", "original"]);
});

test("clearing brings every stem back and leaves the faders", () => {
  const mixer = band();
  mixer.setGain("drums", 0.5);
  mixer.setPan("drums", -2);
  mixer.toggleMute("vocals");
  mixer.toggleSolo("original");
  mixer.clear();
  assert.deepEqual(heard(mixer), ["vocals", "drums"]);
  assert.equal(mixer.heard("drums"), 0.5);
  assert.equal(mixer.pan("drums"), -1);
});

test("a voice that is added twice keeps its place on the desk", () => {
  const mixer = band();
  mixer.toggleMute("drums");
  mixer.add("drums");
  assert.equal(mixer.isMuted("drums"), true);
});

test("whoever listens hears of every change, and of none that is none", () => {
  const mixer = band();
  let told = 0;
  mixer.addEventListener("change", () => (told += 1));
  mixer.toggleMute("vocals");
  mixer.setGain("drums", 0.5);
  mixer.remove("nobody");
  mixer.add("drums");
  assert.equal(told, 2);
});
