// Plays voices straight from the server, for songs that would not fit in memory. Browsers give no promise that
// several media elements run together: they are started together, and pulled back when they drift apart.

import { Desk } from "./engine.js";

const DRIFT_S = 0.06;

export class Streams extends Desk {
  #pulling = 0;
  playing = false;
  waiting = false;
  loaded = 1;
  ready = true;

  set(voices) {
    super.set(voices);
    for (const voice of this.voices.values()) {
      if (voice.element) continue;
      voice.element = new Audio(voice.url);
      voice.element.preload = "metadata";
      voice.element.addEventListener("error", () => {
        voice.broken = true;
        this.tell("broken", voice.id);
      });
    }
    this.tell("progress");
  }

  drop(id) {
    this.voices.get(id).element.pause();
    this.voices.delete(id);
  }

  load() {}

  get #sound() {
    return [...this.voices.values()].filter((voice) => !voice.broken).map((voice) => voice.element);
  }

  get position() {
    return this.#sound[0]?.currentTime ?? 0;
  }

  async play() {
    await this.wake();
    for (const voice of this.voices.values())
      voice.node ??= connect(this.context.createMediaElementSource(voice.element), voice.fader);
    this.waiting = true;
    this.tell("change");
    await Promise.allSettled(this.#sound.map((element) => element.play()));
    this.waiting = false;
    this.playing = true;
    this.#pulling = setInterval(() => this.#pull(), 1000);
    this.tell("change");
  }

  #pull() {
    const [first, ...others] = this.#sound;
    for (const other of others)
      if (Math.abs(other.currentTime - first.currentTime) > DRIFT_S) other.currentTime = first.currentTime;
    if (first?.ended) this.pause();
  }

  pause() {
    clearInterval(this.#pulling);
    for (const element of this.#sound) element.pause();
    this.playing = this.waiting = false;
    this.tell("change");
  }

  seek(seconds) {
    for (const element of this.#sound) element.currentTime = Math.min(Math.max(0, seconds), this.lengthS);
    this.tell("change");
  }
}

function connect(node, to) {
  node.connect(to);
  return node;
}
