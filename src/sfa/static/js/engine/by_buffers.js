// A deck's sound where there is no AudioWorklet, as on plain http in a home network: segments as buffers, planned
// ahead on whole frames of the context. All stems of a segment get the same moment, so they stay together.

import { RATE } from "./pack.js";
import { turnedBack } from "./route.js";

const PLANNED_S = 2.5; // more than a browser lets a hidden page sleep
const LEAD_S = 0.02;
const EDGE_S = 0.003;
const EVERY_MS = 40;

export class ByBuffers {
  #segments = new Map(); // number -> one AudioBuffer per stem
  #plan = []; // what sounds when: { when, until, frame, turned, nodes }
  #edges = null; // one gain per stem for what is planned since the last jump
  #outs = [];
  #frame = 0; // the next to be planned
  #when = null; // and its moment; null: nothing sounds
  #turned = false;
  #gen = 0;
  #speed = 1;
  #loop = null;
  #playing = false;

  constructor(context, pack, hear) {
    this.context = context;
    this.pack = pack;
    this.hear = hear;
    this.timer = setInterval(() => this.#tick(), EVERY_MS);
  }

  connect(stem, node) {
    this.#outs[stem] = node;
  }

  add(k, channels) {
    const buffers = this.pack.stems.map((_, stem) => {
      const buffer = this.context.createBuffer(2, this.pack.segmentFrames, RATE);
      for (const side of [0, 1]) buffer.copyToChannel(channels[2 * stem + side], side);
      return buffer;
    });
    this.#segments.set(k, buffers);
    this.#tick();
  }

  drop(k) {
    this.#segments.delete(k);
  }

  play() {
    this.#playing = true;
    if (this.#frame >= this.pack.frames) this.#frame = 0;
    this.#tick();
  }

  pause() {
    const { frame, turned } = this.#here();
    this.#playing = false;
    this.#stop();
    this.#frame = frame;
    this.#report("rests", frame, turned);
  }

  seek(frame, gen) {
    this.#stop();
    this.#frame = frame;
    this.#gen = gen;
    this.#turned = false;
    this.#tick();
  }

  /** `turn`: what is behind the end already goes on in the loop. */
  setLoop(loop, turn = false) {
    this.#again(({ frame }) => {
      this.#loop = loop;
      const turned = turn && Boolean(loop) && frame >= loop.b;
      return { frame: turned ? turnedBack(loop, frame) : frame, turned };
    });
  }

  setSpeed(speed) {
    this.#again((here) => {
      this.#speed = speed;
      return here;
    });
  }

  async settled() {
    this.#tick();
  }

  close() {
    clearInterval(this.timer);
    this.#playing = false;
    this.#stop();
  }

  /** Plan anew, under other conditions, from the moment on that can still be kept: up to there what was planned sounds. */
  #again(change) {
    const soon = this.#soon;
    const here = this.#here(soon);
    this.#stop(soon);
    const { frame, turned } = change(here);
    this.#frame = frame;
    this.#turned = turned;
    this.#tick(soon);
  }

  #here(now = this.context.currentTime) {
    const part = this.#plan.findLast(({ when }) => when <= now) ?? this.#plan[0];
    if (!part) return { frame: this.#frame, turned: this.#turned };
    const passed = Math.max(0, Math.min(now, part.until) - part.when) * RATE * this.#pace;
    return { frame: Math.round(part.frame + passed), turned: part.turned };
  }

  /** Song seconds for every second of the context. */
  get #pace() {
    return (this.#speed * this.context.sampleRate) / RATE;
  }

  #stop(now = this.context.currentTime) {
    for (const edge of this.#edges ?? []) {
      edge.gain.setValueAtTime(1, now);
      edge.gain.linearRampToValueAtTime(0, now + EDGE_S);
      setTimeout(() => edge.disconnect(), 1000);
    }
    for (const { nodes } of this.#plan) for (const node of nodes) node.stop(now + EDGE_S);
    this.#plan = [];
    this.#edges = null;
    this.#when = null;
  }

  #tick(soon = this.#soon) {
    if (!this.#playing) return;
    const now = this.context.currentTime;
    this.#plan = this.#plan.filter((part, place) => part.until > now || place === this.#plan.length - 1);
    if (this.#when !== null && this.#when < now && this.#frame < this.pack.frames) this.#stop(); // it broke off
    while ((this.#when ?? 0) < now + PLANNED_S && this.#next(soon));
    if (this.#when === null) this.#report("waits", this.#frame, this.#turned);
    else if (this.#frame >= this.pack.frames && this.#when <= now) this.#end();
    else this.#tell(now);
  }

  #tell(now) {
    const { frame, turned } = this.#here();
    if (this.#plan[0].when <= now) this.#report("at", frame, turned);
  }

  #end() {
    this.#playing = false;
    this.#stop();
    this.#report("ended", this.pack.frames, false);
  }

  /** Plan the next stretch: up to the end of its segment, of the loop or of the song. False: it is not here. */
  #next(soon) {
    if (this.#frame >= this.pack.frames) return false;
    const k = Math.floor(this.#frame / this.pack.segmentFrames);
    const buffers = this.#segments.get(k);
    if (!buffers) return false;
    if (this.#when === null) this.#begin(soon);
    const inside = this.#loop && this.#frame < this.#loop.b;
    const stop = Math.min((k + 1) * this.pack.segmentFrames, inside ? this.#loop.b : this.pack.frames);
    const count = stop - this.#frame;
    const until = this.#when + count / RATE / this.#pace;
    const offset = (this.#frame - k * this.pack.segmentFrames) / RATE;
    const nodes = buffers.map((buffer, stem) => {
      const node = this.context.createBufferSource();
      node.buffer = buffer;
      node.playbackRate.value = this.#pace;
      node.connect(this.#edges[stem]);
      node.start(this.#when, offset, count / RATE);
      return node;
    });
    this.#plan.push({ when: this.#when, until, frame: this.#frame, turned: this.#turned, nodes });
    this.#when = this.#onGrid(until);
    this.#frame = inside && stop === this.#loop.b ? this.#loop.a : stop;
    this.#turned ||= inside && stop === this.#loop.b;
    return true;
  }

  /** Sums of seconds wander off the grid of frames, and a source that begins beside it is interpolated. */
  #onGrid(seconds) {
    const frames = seconds * this.context.sampleRate;
    return Math.abs(frames - Math.round(frames)) < 1e-3 ? Math.round(frames) / this.context.sampleRate : seconds;
  }

  /** The next frame of the context that a source can still begin on. */
  get #soon() {
    const { currentTime, sampleRate } = this.context;
    return Math.ceil((currentTime + (currentTime > 0 ? LEAD_S : 0)) * sampleRate) / sampleRate;
  }

  #begin(when) {
    this.#when = when;
    this.#edges = this.#outs.map((out) => {
      const edge = this.context.createGain();
      if (this.#frame > 0) {
        edge.gain.setValueAtTime(0, when);
        edge.gain.linearRampToValueAtTime(1, when + EDGE_S);
      }
      edge.connect(out);
      return edge;
    });
    this.#report("sounds", this.#frame, this.#turned, when);
  }

  #report(kind, frame, turned, at = this.context.currentTime) {
    this.hear({ kind, frame, at: at * this.context.sampleRate, gen: this.#gen, speed: this.#speed, turned });
  }
}
