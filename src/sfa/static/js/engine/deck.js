// One song on the player: its stems on one clock, loaded as they are needed.

import { ByBuffers } from "./by_buffers.js";
import { ByWorklet } from "./by_worklet.js";
import { AHEAD, Loader } from "./loader.js";
import { Mixer } from "./mixer.js";
import { Broken, RATE } from "./pack.js";
import { isInside, turnedBack } from "./route.js";
import { Strip } from "./strip.js";

const PREFETCHED = 2; // segments that lie ready before anybody presses Play
const PATIENCE_MS = 150; // shorter waits are nobody's business
const SHORTEST_LOOP = 512; // frames
const FAR = RATE; // frames behind the end of a loop: further, and nobody hears a rhythm that goes on

/**
 * Plays a pack. Any number of decks may share one Output, hence one clock.
 *
 * Events: "change", whenever `status` or the loop may have changed; "ended"; "damaged", with `detail` {stem, fromS,
 * toS}, where a stretch of a stem is silent because it cannot be decoded; "broken", with `detail` {message, fix, lasting,
 * playing}, when it cannot play: `lasting` if trying again is of no use, else a call of `play` does; `playing` if it did.
 */
export class Deck extends EventTarget {
  #output;
  #pack = null;
  #loader = null;
  #motor = null;
  #bus = null;
  #early = new Map(); // segments that came before there was anything to play them
  #strips = new Map();
  #frame = 0; // where it stands when it does not sound
  #from = 0; // where it began to sound
  #heard = null; // the last report of what sounds
  #gen = 0;
  #loop = null;
  #rate = 1;
  #playing = false;
  #waits = false;
  #patience = 0;
  #failures = 0;

  /**
   * @param {import("./output.js").Output} output
   * @param {Mixer} [mixer]  to share mute and solo with voices that are not of this deck
   */
  constructor(output, mixer = new Mixer()) {
    super();
    this.#output = output;
    this.mixer = mixer;
  }

  /**
   * Take a pack; its beginning, or what is heard from `atS` on, is fetched at once.
   *
   * @param {import("./pack.js").Pack} pack
   */
  load(pack, atS = 0) {
    this.#leave(pack.stems);
    this.#pack = pack;
    for (const name of pack.stems) this.#strips.set(name, new Strip(this.mixer, name));
    this.#frame = this.#clamp(atS * RATE);
    this.#open();
  }

  /** Be silent, and let everything go. */
  unload() {
    this.#leave([]);
    this.#tell("change");
  }

  get pack() {
    return this.#pack;
  }

  /** Length of the song. */
  get lengthS() {
    return this.#pack ? this.#pack.frames / RATE : 0;
  }

  /** Names of the stems, in the order of the pack. */
  get stems() {
    return [...this.#strips.keys()];
  }

  /** The strip of a stem: gain, pan, mute, solo, level(). */
  stem(name) {
    return this.#strips.get(name);
  }

  /** Whether it plays, or would if its sound were here. */
  get playing() {
    return this.#playing;
  }

  /** "stopped", "starting", "playing", "buffering" or "reconnecting". */
  get status() {
    if (!this.#playing) return "stopped";
    if (this.#heard) return "playing";
    if (!this.#waits) return "starting";
    return this.#failures > 1 ? "reconnecting" : "buffering";
  }

  /**
   * Play on from where it stands. To be called in a person's own click or key, the first time at least. What goes
   * wrong is told by "broken".
   */
  async play() {
    if (this.#playing || !this.#pack) return;
    this.#playing = true;
    if (this.#frame >= this.#pack.frames) this.#jump(0);
    if (!this.#loader) this.#open();
    this.#loader.want(this.#frame, this.#loop);
    this.#wait();
    try {
      await this.#wire();
      if (this.#playing) this.#motor?.play();
    } catch (error) {
      this.#break(error);
    }
  }

  pause() {
    if (!this.#playing) return;
    this.#frame = this.#place();
    this.#playing = false;
    this.#motor?.pause();
    this.#rest();
  }

  /** Where it is, in seconds, as it reaches the ear. */
  position() {
    return this.#place() / RATE;
  }

  /** Go to a moment, given in seconds. */
  seek(seconds) {
    this.seekFrame(Math.round(seconds * RATE));
  }

  /** Go to a frame, at 44.1 kHz. */
  seekFrame(frame) {
    if (!this.#pack) return;
    this.#jump(this.#clamp(frame));
    if (this.#playing) this.#wait();
    else this.#tell("change");
  }

  /**
   * Repeat from `aS` to `bS`, in seconds, without a gap and exact to the sample; `loop(null)` plays on. What has just
   * passed the end while it plays goes on in the loop in time, what is far behind begins it; without playing it may
   * be put behind the end, and plays on from there.
   */
  loop(aS, bS) {
    if (!this.#pack) return;
    const [a, b] = [aS, bS].map((seconds) => this.#clamp(Math.round(seconds * RATE)));
    // What is made is ahead of what is heard: it may be behind an end that the ear has yet to reach.
    const made = this.#frameAt(0);
    this.#loop = aS === null || b - a < SHORTEST_LOOP ? null : { a, b };
    this.#motor?.setLoop(this.#loop, this.#playing);
    if (!this.#playing || !this.#loop || made < b) this.#loader?.want(made, this.#loop, this.#ahead);
    else if (this.#heard && made < b + FAR) this.#loader?.jump(turnedBack(this.#loop, made), this.#loop);
    else this.#jump(a);
    this.#tell("change");
  }

  /** The loop in seconds, {a, b}; null when there is none. */
  get looping() {
    return this.#loop && { a: this.#loop.a / RATE, b: this.#loop.b / RATE };
  }

  /** Speed and pitch together, as of a tape: 0.25 to 4; at 1 every sample is as it was. */
  get rate() {
    return this.#rate;
  }

  set rate(rate) {
    this.#rate = Math.min(4, Math.max(0.25, rate));
    this.#motor?.setSpeed(this.#speed);
    this.#tell("change");
  }

  /** Resolves once what comes next is here and in the hands of the audio thread: before an offline context renders. */
  async settled() {
    await this.#wire();
    this.#loader.want(this.#frame, this.#loop);
    while (!this.#loader.isFull) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.#motor.settled();
  }

  get #ahead() {
    return this.#playing ? AHEAD : PREFETCHED;
  }

  get #speed() {
    return (this.#rate * RATE) / this.#output.context.sampleRate;
  }

  #clamp(frame) {
    return Math.min(this.#pack.frames, Math.max(0, frame));
  }

  #open() {
    this.#failures = 0;
    this.#loader = new Loader(this.#pack, {
      add: (k, channels) => (this.#motor ? this.#motor.add(k, channels) : this.#early.set(k, channels)),
      drop: (k) => (this.#motor ? this.#motor.drop(k) : this.#early.delete(k)),
      trouble: (failures) => {
        this.#failures = failures;
        this.#tell("change");
      },
      damaged: (stem, k) => this.#tell("damaged", { stem, ...this.#stretch(k) }),
      broken: (error) => this.#break(error),
    });
    this.#loader.want(this.#frame, this.#loop, this.#ahead);
  }

  #stretch(k) {
    const { segmentFrames, frames } = this.#pack;
    return { fromS: (k * segmentFrames) / RATE, toS: Math.min(frames, (k + 1) * segmentFrames) / RATE };
  }

  /** What the mixer knows of the stems called `staying` stays as it is. */
  #leave(staying) {
    this.#playing = false;
    this.#close();
    const strips = this.#strips;
    this.#strips = new Map(); // before the mixer tells anybody
    for (const [name, strip] of strips) {
      strip.close();
      if (!staying.includes(name)) this.mixer.remove(name);
    }
    this.#bus?.disconnect();
    this.#pack = this.#loop = this.#bus = null;
    this.#frame = 0;
  }

  #close() {
    this.#loader?.close();
    this.#motor?.close();
    this.#loader = this.#motor = null;
    this.#early.clear();
    this.#gen += 1;
    this.#rest();
  }

  async #wire() {
    await this.#output.wake();
    if (this.#motor || !this.#loader) return;
    const { context, hasWorklet, input } = this.#output;
    const motor = new (hasWorklet ? ByWorklet : ByBuffers)(context, this.#pack, (report) => this.#hear(report));
    this.#bus?.disconnect();
    this.#bus = context.createGain();
    this.#bus.gain.value = 1 / this.#pack.gain;
    this.#bus.connect(input);
    [...this.#strips.values()].forEach((strip, place) => motor.connect(place, strip.wire(context, this.#bus)));
    motor.setSpeed(this.#speed);
    motor.setLoop(this.#loop);
    motor.seek(this.#frame, this.#gen);
    for (const [k, channels] of this.#early) motor.add(k, channels);
    this.#early.clear();
    this.#motor = motor;
  }

  #jump(frame) {
    this.#gen += 1;
    this.#frame = this.#from = frame;
    this.#heard = null;
    this.#motor?.seek(frame, this.#gen);
    this.#loader?.jump(frame, this.#loop, this.#ahead);
  }

  #hear(report) {
    if (report.kind === "died") return this.#break(new Error("The player broke down."));
    if (report.gen !== this.#gen) return; // about where it was before a seek
    if (report.kind === "rests") this.#frame = this.#playing ? this.#frame : report.frame;
    else if (report.kind === "ended") this.#end();
    else if (this.#playing) this.#follow(report);
  }

  #follow(report) {
    if (report.kind === "waits") {
      this.#frame = report.frame;
      this.#heard = null;
      this.#wait();
    } else {
      const began = !this.#heard;
      if (began) this.#from = this.#frame;
      this.#heard = report;
      if (began) this.#rest();
    }
    this.#loader?.want(report.frame, this.#loop);
  }

  #end() {
    this.#playing = false;
    this.#frame = this.#pack.frames;
    this.#rest();
    this.#tell("ended");
  }

  #break(error) {
    const was = this.#playing;
    this.#frame = this.#place();
    this.#playing = false;
    this.#close();
    const fix = error.fix ?? "Load the page again.";
    this.#tell("broken", { message: error.message, fix, lasting: error instanceof Broken, playing: was });
  }

  /** It should sound and does not: say so, if that lasts. */
  #wait() {
    this.#patience ||= setTimeout(() => {
      this.#waits = true;
      this.#tell("change");
    }, PATIENCE_MS);
    this.#tell("change");
  }

  #rest() {
    clearTimeout(this.#patience);
    this.#patience = 0;
    this.#waits = false;
    if (!this.#playing) this.#heard = null;
    this.#tell("change");
  }

  /** The frame that reaches the ear now. */
  #place() {
    return this.#frameAt(this.#output.latencyS);
  }

  /** The frame that was made so many seconds ago. */
  #frameAt(agoS) {
    if (!this.#heard) return this.#frame;
    const { context } = this.#output;
    const { at, speed, turned } = this.#heard;
    const frame = this.#heard.frame + ((context.currentTime - agoS) * context.sampleRate - at) * speed;
    if (!isInside(this.#loop, this.#heard.frame)) return this.#clamp(Math.max(this.#from, frame));
    const { a, b } = this.#loop;
    if (!turned && frame < b) return Math.max(Math.min(this.#from, b), frame);
    return a + ((((frame - a) % (b - a)) + (b - a)) % (b - a));
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
