import assert from "node:assert/strict";
import test from "node:test";

import { told } from "../../src/sfa/static/js/undo.js";

const NOTHING = { undo: [], redo: [] };

test("what was done last is undone first", () => {
  const piles = told(told(NOTHING, { id: 1 }), { id: 2 });
  assert.deepEqual(piles, { undo: [1, 2], redo: [] });
});

test("an undo can be redone, and its redo undone again", () => {
  const undone = told(told(NOTHING, { id: 1 }), { id: 2, undoes: 1, takesBack: true });
  assert.deepEqual(undone, { undo: [], redo: [2] });
  assert.deepEqual(told(undone, { id: 3, undoes: 2 }), { undo: [3], redo: [] });
});

test("a redo leaves what else can be redone", () => {
  const piles = { undo: [], redo: [5, 6] };
  assert.deepEqual(told(piles, { id: 7, undoes: 6 }), { undo: [7], redo: [5] });
});

test("something new ends what could be redone", () => {
  assert.deepEqual(told({ undo: [], redo: [2] }, { id: 9 }), { undo: [9], redo: [] });
});

test("an act told twice counts once", () => {
  assert.deepEqual(told(told(NOTHING, { id: 1 }), { id: 1 }), { undo: [1], redo: [] });
});
