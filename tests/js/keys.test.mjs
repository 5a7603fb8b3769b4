import assert from "node:assert/strict";
import test from "node:test";

import { isTaken, keys } from "../../src/sfa/static/js/keys.js";

const input = (type) => ({ localName: "input", type });
const pressed = (key, target, more = {}) => ({ key, target, ...more });

test("what is typed belongs to the text that is written", () => {
  for (const target of [input("text"), input("search"), { localName: "textarea" }, { isContentEditable: true }]) {
    assert.equal(isTaken(pressed("j", target)), true);
    assert.equal(isTaken(pressed("z", target, { ctrlKey: true })), true);
    assert.equal(isTaken({ target }), true); // a paste, a drop
  }
});

test("a key that commits a word in Japanese means nothing else", () => {
  assert.equal(isTaken(pressed("j", null, { isComposing: true })), true);
  assert.equal(isTaken(pressed("Enter", null, { keyCode: 229 })), true);
});

test("a fader has the arrows, and leaves the other keys", () => {
  assert.equal(isTaken(pressed("ArrowLeft", input("range"))), true);
  assert.equal(isTaken(pressed("1", input("range"))), false);
  assert.equal(isTaken(pressed(" ", input("range"))), false);
});

test("a box that was just ticked does not take a letter", () => {
  assert.equal(isTaken(pressed("a", input("checkbox"), { ctrlKey: true })), false);
  assert.equal(isTaken(pressed("x", input("checkbox"))), false);
  assert.equal(isTaken(pressed(" ", input("checkbox"))), true);
});

test("letters look for an option of a list; undo is no letter", () => {
  assert.equal(isTaken(pressed("j", { localName: "select", type: "select-one" })), true);
  assert.equal(isTaken(pressed("z", { localName: "select", type: "select-one" }, { ctrlKey: true })), false);
});

test("Space presses the button that has the focus", () => {
  assert.equal(isTaken(pressed(" ", { localName: "button" })), true);
  assert.equal(isTaken(pressed(" ", { localName: "body" })), false);
});

test("single keys can be turned off where the browser keeps nothing", () => {
  keys.on = false;
  assert.equal(keys.on, false);
  keys.on = true;
  assert.equal(keys.on, true);
});
