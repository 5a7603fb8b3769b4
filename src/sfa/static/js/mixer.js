// Who is heard: mute, solo and volume of every voice. Numbers only; the engines make them audible.

/** A fader's way (0 to 1) as a gain: fine steps where the ear has them. */
export const taper = (way) => way * way;

export class Mixer {
  #voices = new Map();

  /** Add a voice if it is new. The original is silent while there are stems: it would sound twice. */
  add(id, { original = false } = {}) {
    if (!this.#voices.has(id)) this.#voices.set(id, { way: 1, muted: false, solo: false, original });
  }

  remove(id) {
    this.#voices.delete(id);
  }

  get ids() {
    return [...this.#voices.keys()];
  }

  get hasStems() {
    return [...this.#voices.values()].some((voice) => !voice.original);
  }

  toggleMute(id) {
    const voice = this.#voices.get(id);
    voice.muted = !this.isMuted(id);
    voice.touched = true;
  }

  /** With others: only this one; without, it joins those that are soloed. */
  toggleSolo(id, { only = false } = {}) {
    const on = !this.#voices.get(id).solo;
    for (const [other, voice] of this.#voices) if (other === id) voice.solo = on;
      else if (only || voice.original || this.#voices.get(id).original) voice.solo = false;
  }

  fade(id, way) {
    this.#voices.get(id).way = way;
  }

  /** Everything as it was in the beginning, the faders aside. */
  clear() {
    for (const voice of this.#voices.values()) Object.assign(voice, { muted: false, solo: false, touched: false });
  }

  isMuted(id) {
    const voice = this.#voices.get(id);
    return voice.original && !voice.touched ? this.hasStems : voice.muted;
  }

  isSolo(id) {
    return this.#voices.get(id).solo;
  }

  /** What the voice is heard with, from 0 to 1. */
  gain(id) {
    const voice = this.#voices.get(id);
    const alone = [...this.#voices.values()].some((other) => other.solo);
    const heard = alone ? voice.solo : !this.isMuted(id);
    return heard ? taper(voice.way) : 0;
  }
}
