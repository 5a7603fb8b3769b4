import assert from "node:assert/strict";
import test from "node:test";

import { ByWorklet } from "../../src/sfa/static/js/engine/by_worklet.js";

// The two ends of the engine, without an audio thread between them.
let Stems;
globalThis.AudioWorkletProcessor = class {
  port = { postMessage() {} };
};
globalThis.registerProcessor = (_, made) => (Stems = made);
await import("../../src/sfa/static/js/engine/worklet/stems.js");
globalThis.AudioWorkletNode = class {
  constructor(_, __, options) {
    this.processor = new Stems(options);
    this.port = { postMessage: (data) => this.processor.port.onmessage({ data }) };
  }

  disconnect() {}
};

const PACK = { stems: ["one"], frames: 4096, segmentFrames: 1024 };
const outputs = () => [[new Float32Array(128), new Float32Array(128)]];

test("a deck that is closed lets its sound go, and asks for no more quanta", () => {
  const motor = new ByWorklet({}, PACK, () => {});
  motor.add(0, [new Float32Array(1024), new Float32Array(1024)]);
  const { processor } = motor.node;
  assert.equal(processor.process([], outputs()), true);
  motor.close();
  assert.equal(processor.segments.size, 0);
  assert.equal(processor.process([], outputs()), false);
});

test("a seek in the last quantum of the song goes there, and is not the end", () => {
  globalThis.currentFrame = 0;
  const motor = new ByWorklet({}, PACK, () => {});
  for (const k of [0, 1, 2, 3]) motor.add(k, [new Float32Array(1024), new Float32Array(1024)]);
  const { processor } = motor.node;
  motor.seek(4096 - 256, 1);
  motor.play();
  processor.process([], outputs());
  motor.seek(1000, 2);
  processor.process([], outputs());
  processor.process([], outputs());
  assert.ok(processor.playing);
  assert.equal(processor.at, 1128);
});
