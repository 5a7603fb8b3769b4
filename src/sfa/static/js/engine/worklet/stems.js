// Plays segments in the audio thread. One position for all stems: they cannot drift apart, whatever happens.
// The house's tests of this file render it in an OfflineAudioContext.

const REPORT_EVERY = 16; // quanta, 46 ms
const FASTEST = 4;

class Stems extends AudioWorkletProcessor {
  segments = new Map(); // number -> one Float32Array per stem and channel
  unneeded = new Set(); // gone after the quantum that may still fade them out
  at = 0; // the next frame; between frames when the speed is not 1
  gen = 0; // of the seek that led here: reports from before it are of no use to anybody
  speed = 1; // song frames for every frame of the context
  loop = null;
  playing = false;
  sounding = false; // the last quantum was heard: what follows another place has to be faded
  starved = false;
  inside = false; // this quantum turns back at the loop's end
  turned = false; // it did so before
  late = false; // a loop was closed when its end had passed
  over = false;
  jump = null;
  quanta = 0;

  constructor({ processorOptions: { stems, frames, segmentFrames } }) {
    super();
    Object.assign(this, { stems, frames, segmentFrames });
    this.port.onmessage = ({ data }) => this[data.do](data);
  }

  add({ k, channels }) {
    this.segments.set(k, channels);
    this.unneeded.delete(k);
  }

  drop({ k }) {
    this.unneeded.add(k);
  }

  play() {
    this.playing = true;
    if (this.at >= this.frames) this.at = 0;
  }

  pause() {
    this.playing = false;
  }

  seek({ frame, gen }) {
    this.jump = { frame, gen };
    this.late = false;
  }

  setLoop({ loop, turn }) {
    this.loop = loop;
    this.turned = false;
    this.late = turn && Boolean(loop) && this.playing && !this.jump && this.at >= loop.b;
  }

  setSpeed({ speed }) {
    this.speed = Math.min(FASTEST, speed);
    if (this.speed === 1) this.at = Math.round(this.at); // from here on to the bit
  }

  /** Nobody will listen again: a node that goes on asking for quanta is kept by the browser, and its sound with it. */
  close() {
    this.over = true;
    this.segments.clear();
  }

  /** Everything that was sent before has been taken in. */
  ping() {
    this.port.postMessage({ kind: "pong" });
  }

  process(_, outputs) {
    if (this.over) return false;
    const size = outputs[0][0].length;
    if (this.sounding && (this.jump || this.late || !this.playing)) return this.leave(outputs, size);
    if (this.jump) this.land();
    if (this.late) this.turn();
    if (this.unneeded.size) this.forget();
    if (!this.playing) return true;
    if (this.starved ? !this.has(this.at, this.segmentFrames) : !this.has(this.at, this.span(size))) return this.starve();
    const fadeIn = !this.sounding && this.at > 0;
    const after = this.at + size * this.speed;
    const fadeOut = this.isShort(after, size);
    this.render(outputs, size, fadeIn, fadeOut);
    const was = this.sounding;
    this.sounding = !fadeOut;
    this.starved = fadeOut;
    if (fadeOut) this.quanta = 0;
    this.advance(size);
    if (!this.playing) this.report("ended", size);
    else if (!was) this.report("sounds", size);
    else if (++this.quanta % REPORT_EVERY === 0) this.report("at", size);
    return true;
  }

  /** Fade out what sounds, to be elsewhere or silent in the next quantum. */
  leave(outputs, size) {
    const { playing } = this;
    if (this.has(this.at, this.span(size))) {
      this.render(outputs, size, false, true);
      this.advance(size);
    }
    this.playing = playing; // it may have been the last quantum of the song
    this.sounding = false;
    if (!this.jump && !this.late) this.report("rests", size);
    return true;
  }

  forget() {
    for (const k of this.unneeded) this.segments.delete(k);
    this.unneeded.clear();
  }

  land() {
    this.at = this.jump.frame;
    this.gen = this.jump.gen;
    this.jump = null;
    this.turned = this.starved = false;
    this.quanta = 0;
  }

  /** Go on where the loop would be by now: the beat goes through. */
  turn() {
    const { a, b } = this.loop;
    this.at = a + ((this.at - b) % (b - a));
    this.turned = true;
    this.late = this.starved = false;
    this.quanta = 0;
  }

  starve() {
    if (this.quanta++ % REPORT_EVERY === 0) this.report("waits", 0);
    this.sounding = false;
    return true;
  }

  /** Whether the sound breaks off after this quantum because the next segment is late. */
  isShort(after, size) {
    const inside = this.loop && this.at < this.loop.b;
    const next = inside && after >= this.loop.b ? this.loop.a + ((after - this.loop.b) % (this.loop.b - this.loop.a)) : after;
    return next < this.frames && !this.has(next, this.span(size));
  }

  advance(size) {
    this.at += size * this.speed;
    if (this.inside && this.at >= this.loop.b) {
      this.at = this.loop.a + ((this.at - this.loop.b) % (this.loop.b - this.loop.a));
      this.turned = true;
    }
    if (this.at >= this.frames) {
      this.at = this.frames;
      this.playing = this.sounding = false;
    }
  }

  report(kind, size) {
    const { at, gen, speed, turned } = this;
    this.port.postMessage({ kind, frame: at, at: currentFrame + size, gen, speed, turned });
  }

  get isExact() {
    return this.speed === 1 && Number.isInteger(this.at);
  }

  /** Frames that so many frames of output are made from, neighbours included. */
  span(size) {
    return this.isExact ? size : Math.ceil(size * this.speed) + 3;
  }

  /** The frame of the song that is heard at a place of a line which does not turn back. */
  place(frame) {
    if (!this.inside) return frame;
    const { a, b } = this.loop;
    if (frame >= b) return a + ((frame - b) % (b - a));
    return frame < a && this.turned ? b - (a - frame) : frame;
  }

  has(from, count) {
    this.inside = Boolean(this.loop) && from < this.loop.b;
    const end = Math.floor(from) + count;
    for (let i = Math.floor(from); i < end; ) {
      const frame = this.place(i);
      if (frame >= this.frames) return true;
      if (!this.segments.has(Math.floor(frame / this.segmentFrames))) return false;
      i += this.run(frame, end - i);
    }
    return true;
  }

  /** For how many frames from `frame` on nothing turns and no segment ends. */
  run(frame, most) {
    const stop = this.inside && frame < this.loop.b ? this.loop.b : this.frames;
    return Math.min(most, this.segmentFrames - (frame % this.segmentFrames), stop - frame);
  }

  render(outputs, size, fadeIn, fadeOut) {
    this.inside = Boolean(this.loop) && this.at < this.loop.b;
    for (let channel = 0; channel < 2 * this.stems; channel++) {
      const out = outputs[channel >> 1][channel & 1];
      if (this.isExact) this.copy(channel, this.at, size, out);
      else this.bend(channel, size, out);
      if (fadeIn) for (let i = 0; i < size; i++) out[i] *= i / size;
      if (fadeOut) for (let i = 0; i < size; i++) out[i] *= 1 - (i + 1) / size;
    }
  }

  copy(channel, from, count, out) {
    for (let i = 0; i < count; ) {
      const frame = this.place(from + i);
      if (frame < 0 || frame >= this.frames) {
        out[i++] = 0;
        continue;
      }
      const samples = this.segments.get(Math.floor(frame / this.segmentFrames))?.[channel];
      const first = frame % this.segmentFrames;
      const run = this.run(frame, count - i);
      for (let j = 0; j < run; j++) out[i + j] = samples ? samples[first + j] : 0;
      i += run;
    }
  }

  /** Another speed: a cubic through the four frames around each place (Catmull and Rom, 1974). */
  bend(channel, size, out) {
    const base = Math.floor(this.at) - 1;
    const count = Math.floor(this.at + (size - 1) * this.speed) + 3 - base;
    if (!(this.line?.length >= count)) this.line = new Float32Array(FASTEST * size + 8);
    const line = this.line;
    this.copy(channel, base, count, line);
    for (let i = 0; i < size; i++) {
      const place = this.at + i * this.speed - base;
      const n = Math.floor(place);
      const x = place - n;
      const [p, q, r, s] = [line[n - 1], line[n], line[n + 1], line[n + 2]];
      const slope = 0.5 * (r - p);
      const v = q - r;
      const w = slope + v;
      const a = w + v + 0.5 * (s - q);
      out[i] = ((a * x - (w + a)) * x + slope) * x + q;
    }
  }
}

registerProcessor("sfa-stems", Stems);
