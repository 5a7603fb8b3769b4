// Readings over time, as the server hands them out: numbers, and when they are.

import { halves } from "./drawing.js";

const READERS = {
  float16: halves,
  float32: (bytes) => new Float32Array(bytes),
  float64: (bytes) => new Float64Array(bytes),
  uint8: (bytes) => new Uint8Array(bytes),
};

/** An answer of `/tracks/…/curves/…`; point i of each row is at `start + i * hop` seconds. */
export async function asCurve(response) {
  const bytes = await response.arrayBuffer();
  return {
    values: READERS[response.headers.get("x-type")](bytes),
    shape: response.headers.get("x-shape").split(",").map(Number),
    start: Number(response.headers.get("x-start-s")),
    hop: Number(response.headers.get("x-hop-s")),
  };
}
