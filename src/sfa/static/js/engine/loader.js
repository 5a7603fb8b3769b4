// Brings the segments that a deck is about to need, no more than fit into memory, and lets go of the others.

import { Broken, fetchSegments, RATE, segmentsOf } from "./pack.js";
import { burst, nextSpan, route } from "./route.js";

export const AHEAD = 24; // segments, 9 s: with those behind and those of the loop 34 at most
const BEHIND = 6;
const PINNED = 4; // where a loop begins
const CALM_S = 4; // with so much buffered, two requests at once
const AGAIN_MS = [250, 500, 1000, 2000, 4000];

export class Loader {
  #have = new Set();
  #flying = new Map(); // first segment -> { span, stop }
  #wanted = [];
  #pinned = [];
  #speed = 0;
  #failures = 0;
  #rest = 0;
  #over = false;

  /**
   * @param {import("./pack.js").Pack} pack
   * @param {object} hear
   * @param {(k: number, channels: Float32Array[]) => void} hear.add   a segment is here
   * @param {(k: number) => void} hear.drop                            a segment is not needed any more
   * @param {(failures: number) => void} hear.trouble                  the server does not answer; 0: it does again
   * @param {(stem: string, segment: number) => void} hear.damaged
   * @param {(error: Broken) => void} hear.broken                      nothing more will come
   */
  constructor(pack, hear) {
    this.pack = pack;
    this.hear = hear;
    this.count = segmentsOf(pack);
    this.segmentS = pack.segmentFrames / RATE;
  }

  /** Where the deck is now, its loop, and how many segments it should have before it. */
  want(frame, loop, ahead = AHEAD) {
    if (this.#over) return;
    const here = Math.floor(frame / this.pack.segmentFrames);
    this.#wanted = route(this.pack, frame, loop, ahead);
    this.#pinned = loop ? route(this.pack, loop.a, loop, PINNED) : [];
    const kept = new Set([...this.#wanted, ...this.#pinned]);
    for (const k of this.#have)
      if (!kept.has(k) && (k > here || k < here - BEHIND)) {
        this.#have.delete(k);
        this.hear.drop(k);
      }
    this.#go();
  }

  /** The deck jumped: what is on its way to somewhere else makes room. */
  jump(frame, loop, ahead = AHEAD) {
    const soon = new Set(route(this.pack, frame, loop, 2));
    for (const [first, { span, stop }] of this.#flying) {
      if ([...soon].some((k) => k >= span[0] && k <= span[1])) continue;
      this.#flying.delete(first);
      stop.abort();
    }
    this.want(frame, loop, ahead);
  }

  /** Whether everything that is wanted is here. */
  get isFull() {
    return this.#wanted.every((k) => this.#have.has(k));
  }

  /** Seconds from the first wanted segment on that are here without a gap. */
  get aheadS() {
    const gap = this.#wanted.findIndex((k) => !this.#have.has(k));
    return (gap < 0 ? this.#wanted.length : gap) * this.segmentS;
  }

  close() {
    this.#over = true;
    clearTimeout(this.#rest);
    for (const { stop } of this.#flying.values()) stop.abort();
    this.#flying.clear();
  }

  #isFlying(k) {
    return [...this.#flying.values()].some(({ span }) => k >= span[0] && k <= span[1]);
  }

  #go() {
    if (this.#rest) return;
    const isFree = (k) => !this.#have.has(k) && !this.#isFlying(k);
    const aheadS = this.aheadS;
    // Before the first sound the next segment must not wait for the answer with the first.
    while (this.#flying.size < (aheadS > CALM_S || aheadS === 0 ? 2 : 1)) {
      const span = nextSpan([...this.#wanted, ...this.#pinned], isFree, burst(aheadS, this.#speed, this.segmentS), this.count);
      if (!span) return;
      this.#fetch(span);
    }
  }

  async #fetch(span) {
    const flight = { span, stop: new AbortController() };
    this.#flying.set(span[0], flight);
    const began = performance.now();
    const isOff = () => this.#over || this.#flying.get(span[0]) !== flight;
    try {
      const segments = await fetchSegments(this.pack, span, flight.stop.signal, this.hear.damaged);
      if (isOff()) return;
      this.#learn(segments.length, performance.now() - began);
      segments.forEach((channels, place) => {
        this.#have.add(span[0] + place);
        this.hear.add(span[0] + place, channels);
      });
      this.#flying.delete(span[0]);
    } catch (error) {
      if (isOff()) return;
      this.#flying.delete(span[0]);
      if (error instanceof Broken) {
        this.close();
        return this.hear.broken(error);
      }
      return this.#restAfter();
    }
    this.#go();
  }

  #learn(segments, tookMs) {
    const speed = (segments * this.segmentS * 1000) / Math.max(1, tookMs);
    this.#speed = this.#speed ? 0.6 * this.#speed + 0.4 * speed : speed;
    if (this.#failures) this.hear.trouble(0);
    this.#failures = 0;
  }

  #restAfter() {
    clearTimeout(this.#rest);
    const waitMs = AGAIN_MS[Math.min(this.#failures, AGAIN_MS.length - 1)];
    this.#failures += 1;
    this.hear.trouble(this.#failures);
    this.#rest = setTimeout(() => {
      this.#rest = 0;
      this.#go();
    }, waitMs);
  }
}
