// What all decks of a page play into: the one AudioContext, the master fader, the limiter, the meter.

import { RATE } from "./pack.js";

const START_MS = 4000; // a browser that was not allowed to start says nothing, for ever
const GLIDE_S = 0.01;

/** Sound cannot start: a sentence, and the way out. */
export class Silent extends Error {
  constructor(sentence, fix) {
    super(sentence);
    this.fix = fix;
  }
}

/**
 * One per page. Events: "interrupted", when the system takes the sound away, as for a phone call; "back".
 */
export class Output extends EventTarget {
  #volume = 1;
  #built = null;
  meter = null;

  /** @param {BaseAudioContext | null} context  made at the first `wake` when there is none; offline ones are for rendering */
  constructor(context = null) {
    super();
    this.context = context;
  }

  /** Linear, 0 to 1. */
  get volume() {
    return this.#volume;
  }

  set volume(volume) {
    this.#volume = volume;
    this.fader?.gain.setTargetAtTime(volume, this.context.currentTime, GLIDE_S);
  }

  /** How loud everything together is: the largest sample of the last 23 ms, 1 is full scale. */
  level() {
    return this.meter ? peakOf(this.meter) : 0;
  }

  /** Seconds between a sample's turn and the ear. */
  get latencyS() {
    const limiter = this.limits ? this.limits / this.context.sampleRate : 0;
    return (this.context?.outputLatency || this.context?.baseLatency || 0) + limiter;
  }

  /** Whether decks play in the audio thread; only known once there is a context. */
  get hasWorklet() {
    return Boolean(this.context.audioWorklet);
  }

  /**
   * Make the context, if need be, and start it: inside a person's own click or key.
   *
   * @throws {Silent}
   */
  async wake() {
    if (!this.context) {
      if (navigator.audioSession) navigator.audioSession.type = "playback"; // else the silent switch of a phone wins
      this.context = makeContext();
      this.context.addEventListener("statechange", () => this.#watch());
    }
    const starts = this.#start();
    this.#built ??= this.#build();
    await this.#built;
    if (!(await starts)) {
      throw new Silent(
        "The browser does not start the sound.",
        "Press Play once more. If it stays silent, allow sound for this site, and see whether a sound device is connected.",
      );
    }
  }

  /** Asked for at once, before anything is waited for: later a browser would not take it for the person's own wish. */
  async #start() {
    if (this.context instanceof OfflineAudioContext || this.context.state === "running") return true;
    const late = new Promise((resolve) => setTimeout(resolve, START_MS, false));
    const starts = this.context.resume().then(() => true, () => false);
    return Promise.race([starts, late]);
  }

  async #build() {
    const { context } = this;
    this.input = context.createGain();
    this.fader = context.createGain();
    this.fader.gain.value = this.#volume;
    this.meter = context.createAnalyser();
    this.meter.fftSize = 1024;
    const limiter = await this.#limiter();
    this.input.connect(this.fader).connect(limiter).connect(this.meter).connect(context.destination);
  }

  async #limiter() {
    if (!this.hasWorklet) {
      const limiter = this.context.createDynamicsCompressor();
      const set = { threshold: -1, knee: 0, ratio: 20, attack: 0.001, release: 0.08 };
      for (const [name, value] of Object.entries(set)) limiter[name].value = value;
      return limiter;
    }
    const modules = ["stems", "limiter"].map((name) => new URL(`./worklet/${name}.js`, import.meta.url));
    try {
      await Promise.all(modules.map((url) => this.context.audioWorklet.addModule(url)));
    } catch {
      this.#built = null; // the next click tries again
      throw new Silent("The player could not be loaded from the studio.", "See whether it still runs, then press Play again.");
    }
    this.limits = 127;
    return new AudioWorkletNode(this.context, "sfa-limiter", { outputChannelCount: [2] });
  }

  #watch() {
    const { state } = this.context;
    if (state === "interrupted" || state === "suspended") this.dispatchEvent(new Event("interrupted"));
    else if (state === "running") this.dispatchEvent(new Event("back"));
  }
}

function makeContext() {
  try {
    return new AudioContext({ sampleRate: RATE }); // else sound is resampled, and frames are not ours
  } catch {
    return new AudioContext();
  }
}

const samples = new Float32Array(1024);

/** The largest sample of an analyser's last stretch. */
export function peakOf(analyser) {
  analyser.getFloatTimeDomainData(samples);
  let most = 0;
  for (const sample of samples) most = Math.max(most, Math.abs(sample));
  return most;
}

/** A peak as the way of a meter, 0 to 1 over the upper 48 dB. */
export const needle = (peak) => (peak > 0 ? Math.min(1, Math.max(0, 1 + (20 * Math.log10(peak)) / 48)) : 0);
