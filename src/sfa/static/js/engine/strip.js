// One voice on its way to the master: what the mixer says about it, made audible, and its meter.

import { peakOf } from "./output.js";

const GLIDE_S = 0.01; // a gain that jumps clicks

export class Strip {
  #mixer;
  #context = null;
  #follow = () => this.#settle();

  /** Registers `id` with the mixer, unless it knows it. */
  constructor(mixer, id, how) {
    this.#mixer = mixer;
    this.id = id;
    mixer.add(id, how);
    mixer.addEventListener("change", this.#follow);
  }

  /** Linear; 1 is as it was recorded. */
  get gain() {
    return this.#mixer.gain(this.id);
  }

  set gain(gain) {
    this.#mixer.setGain(this.id, gain);
  }

  /** From -1, left, to 1, right. */
  get pan() {
    return this.#mixer.pan(this.id);
  }

  set pan(pan) {
    this.#mixer.setPan(this.id, pan);
  }

  get mute() {
    return this.#mixer.isMuted(this.id);
  }

  set mute(on) {
    this.#mixer.setMuted(this.id, on);
  }

  get solo() {
    return this.#mixer.isSolo(this.id);
  }

  set solo(on) {
    this.#mixer.setSolo(this.id, on);
  }

  /** Whether mute, solo or its fader keep it from being heard. */
  get isSilent() {
    return this.#mixer.heard(this.id) === 0;
  }

  /** How loud it is after its fader: the largest sample of the last 23 ms, 1 is full scale. */
  level() {
    return this.meter ? peakOf(this.meter) : 0;
  }

  /** Make the nodes; the first of them, for a sound to go into. */
  wire(context, to) {
    this.#context = context;
    this.fader = context.createGain();
    this.fader.gain.value = this.#mixer.heard(this.id);
    this.meter = context.createAnalyser();
    this.meter.fftSize = 1024;
    this.fader.connect(this.meter).connect(to);
    this.panner = null;
    if (this.pan) this.#insertPanner(this.pan);
    return this.fader;
  }

  close() {
    this.#mixer.removeEventListener("change", this.#follow);
    for (const node of [this.fader, this.panner, this.meter]) node?.disconnect();
    this.#context = null;
  }

  #settle() {
    if (!this.#context || !this.#mixer.ids.includes(this.id)) return;
    const now = this.#context.currentTime;
    this.fader.gain.setTargetAtTime(this.#mixer.heard(this.id), now, GLIDE_S);
    if (this.pan && !this.panner) this.#insertPanner(0);
    this.panner?.pan.setTargetAtTime(this.pan, now, GLIDE_S);
  }

  /** Only once it is wanted: even in the middle it does not pass every sample as it is. */
  #insertPanner(pan) {
    this.panner = this.#context.createStereoPanner();
    this.panner.pan.value = pan;
    this.fader.disconnect();
    this.fader.connect(this.panner).connect(this.meter);
  }
}
