import assert from "node:assert/strict";
import { test } from "node:test";
import { momentAt } from "../../src/sfa/static/js/plots.js";

test("a pointer's place in a field is a moment of the song, and never beyond its ends", () => {
  const box = { left: 100, width: 400 };
  assert.equal(momentAt(100, box, 80), 0);
  assert.equal(momentAt(300, box, 80), 40);
  assert.equal(momentAt(500, box, 80), 80);
  assert.equal(momentAt(50, box, 80), 0);
  assert.equal(momentAt(900, box, 80), 80);
});
