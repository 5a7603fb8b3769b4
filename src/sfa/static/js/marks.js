// The two ends of a loop, set one after the other while the song plays. No page, no sound.

import { lastBefore, snap } from "./score.js";

const LEAST_S = 0.05;

export class Marks {
  a = null;
  b = null;
  on = false;

  /** Both ends, once there are two. */
  get stretch() {
    return this.a !== null && this.b !== null ? { a: this.a, b: this.b } : null;
  }

  /** What is to be repeated now; null: nothing. */
  get loop() {
    return this.on ? this.stretch : null;
  }

  /** Begin here, or on the beat nearest to it. An end that lies before that is forgotten. */
  setA(t, beats) {
    this.a = snap(beats, t);
    if (this.b !== null && this.b < this.a + LEAST_S) this.b = null;
    this.on = this.b !== null;
  }

  /** End here, and repeat. Without a beginning it is that of the song. */
  setB(t, beats, lengthS) {
    this.a ??= 0;
    const end = snap(beats, t);
    const next = beats[lastBefore(beats, this.a + LEAST_S) + 1]?.at ?? this.a + 1;
    this.b = Math.min(lengthS, end < this.a + LEAST_S ? next : end);
    this.on = this.b >= this.a + LEAST_S;
    if (!this.on) this.b = null;
  }

  toggle() {
    this.on = !this.on && this.stretch !== null;
  }

  clear() {
    this.a = this.b = null;
    this.on = false;
  }
}
