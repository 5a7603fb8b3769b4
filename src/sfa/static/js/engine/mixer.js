// Who is heard: mute, solo, gain and place of every voice. Numbers only; strips make them audible.

/** A fader's way (0 to 1) as a gain: fine steps where the ear has them. */
export const taper = (way) => way * way;

/** Tells "change" after every change. */
export class Mixer extends EventTarget {
  #voices = new Map();

  /** Add a voice if it is new. The original is silent while there are stems: it would sound twice. */
  add(id, { original = false } = {}) {
    if (this.#voices.has(id)) return;
    this.#voices.set(id, { gain: 1, pan: 0, muted: false, solo: false, original });
    this.#tell();
  }

  remove(id) {
    if (this.#voices.delete(id)) this.#tell();
  }

  get ids() {
    return [...this.#voices.keys()];
  }

  get hasStems() {
    return [...this.#voices.values()].some((voice) => !voice.original);
  }

  /** Linear; 1 is as it was recorded. */
  setGain(id, gain) {
    this.#change(id, { gain });
  }

  /** From -1, left, to 1, right. */
  setPan(id, pan) {
    this.#change(id, { pan: Math.min(1, Math.max(-1, pan)) });
  }

  setMuted(id, muted) {
    this.#change(id, { muted, touched: true });
  }

  toggleMute(id) {
    this.setMuted(id, !this.isMuted(id));
  }

  /** With others: only this one; without, it joins those that are soloed. */
  setSolo(id, on, { only = false } = {}) {
    const alone = only || this.#voices.get(id).original;
    for (const voice of this.#voices.values()) if (alone || voice.original) voice.solo = false;
    this.#change(id, { solo: on });
  }

  toggleSolo(id, how) {
    this.setSolo(id, !this.isSolo(id), how);
  }

  /** Nothing muted, nothing alone; gains and places stay. */
  clear() {
    for (const voice of this.#voices.values()) Object.assign(voice, { muted: false, solo: false, touched: false });
    this.#tell();
  }

  isMuted(id) {
    const voice = this.#voices.get(id);
    return voice.original && !voice.touched ? this.hasStems : voice.muted;
  }

  isSolo(id) {
    return this.#voices.get(id).solo;
  }

  gain(id) {
    return this.#voices.get(id).gain;
  }

  pan(id) {
    return this.#voices.get(id).pan;
  }

  /** What the voice is heard with. */
  heard(id) {
    const voice = this.#voices.get(id);
    const alone = [...this.#voices.values()].some((other) => other.solo);
    return (alone ? voice.solo : !this.isMuted(id)) ? voice.gain : 0;
  }

  #change(id, what) {
    Object.assign(this.#voices.get(id), what);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
