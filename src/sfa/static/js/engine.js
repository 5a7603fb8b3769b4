// Plays every voice from memory. All of them are started by one call at one moment of one clock, so they are
// together to the sample; what arrives later joins on the same clock.

const AHEAD_S = 0.05; // between the decision to play and the first sound
const EDGE_S = 0.006; // a cut in the middle of a wave would click
const AT_ONCE = 2;

/** What all engines share: one gain and one meter for every voice, behind one master. */
export class Desk extends EventTarget {
  #master = 1;
  voices = new Map();
  context = null;

  constructor(rate, lengthS) {
    super();
    this.rate = rate;
    this.lengthS = lengthS;
  }

  /** The voices there are now: new ones are added, others leave. */
  set(voices) {
    for (const id of this.voices.keys()) if (!voices.some((voice) => voice.id === id)) this.drop(id);
    for (const { id, url, gain } of voices) {
      if (!this.voices.has(id)) this.voices.set(id, { id, url, gain });
      this.setGain(id, gain);
    }
  }

  setGain(id, gain) {
    const voice = this.voices.get(id);
    voice.gain = gain;
    voice.fader?.gain.setTargetAtTime(gain, this.context.currentTime, 0.01);
  }

  setMaster(gain) {
    this.#master = gain;
    this.master?.gain.setTargetAtTime(gain, this.context.currentTime, 0.01);
  }

  /** How loud a voice is right now, from 0 to 1 over the upper 48 dB. */
  level(id) {
    const { meter, samples } = this.voices.get(id) ?? {};
    if (!meter) return 0;
    meter.getFloatTimeDomainData(samples);
    let most = 0;
    for (const sample of samples) most = Math.max(most, Math.abs(sample));
    return most > 0 ? Math.max(0, 1 + (20 * Math.log10(most)) / 48) : 0;
  }

  /** Wake the sound card; only ever inside a person's own click or key. */
  async wake() {
    if (!this.context) {
      if (navigator.audioSession) navigator.audioSession.type = "playback"; // else the silent switch of a phone wins
      this.context = makeContext(this.rate);
      this.master = this.context.createGain();
      this.master.gain.value = this.#master;
      this.master.connect(this.context.destination);
    }
    for (const voice of this.voices.values()) if (!voice.fader) this.#wire(voice);
    await this.context.resume();
  }

  #wire(voice) {
    voice.fader = this.context.createGain();
    voice.fader.gain.value = voice.gain;
    voice.meter = this.context.createAnalyser();
    voice.meter.fftSize = 1024;
    voice.samples = new Float32Array(voice.meter.fftSize);
    voice.fader.connect(voice.meter).connect(this.master);
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

function makeContext(rate) {
  try {
    return new AudioContext({ sampleRate: rate }); // else decoded sound is resampled, and frames are not ours
  } catch {
    return new AudioContext();
  }
}

export class Engine extends Desk {
  #base = 0; // seconds into the song when standing still
  #began = 0; // moment of the clock at which second 0 would have been played
  #loading = 0;
  playing = false;
  waiting = false;

  get position() {
    if (!this.playing) return this.#base;
    return Math.min(this.lengthS, Math.max(0, this.context.currentTime - this.#began));
  }

  /** Share of the voices' bytes that are here. */
  get loaded() {
    const all = [...this.voices.values()].filter((voice) => !voice.lazy && !voice.broken);
    return all.length ? all.reduce((sum, voice) => sum + (voice.buffer ? 1 : (voice.share ?? 0)), 0) / all.length : 0;
  }

  get ready() {
    return [...this.voices.values()].every((voice) => voice.buffer || voice.broken || (voice.lazy && !voice.gain));
  }

  set(voices) {
    super.set(voices);
    for (const { id, lazy } of voices) this.voices.get(id).lazy = lazy;
  }

  setGain(id, gain) {
    super.setGain(id, gain);
    if (gain > 0) this.load();
  }

  drop(id) {
    this.#silence(this.voices.get(id));
    this.voices.delete(id);
  }

  /** Fetch and decode what will be heard, so many at once. */
  load() {
    const next = [...this.voices.values()].find(
      (voice) => !voice.buffer && !voice.begun && !voice.broken && !(voice.lazy && !voice.gain),
    );
    if (!next || this.#loading >= AT_ONCE) return;
    this.#loading += 1;
    next.begun = true;
    this.#fetch(next).finally(() => {
      this.#loading -= 1;
      this.load();
    });
    this.load();
  }

  async #fetch(voice) {
    try {
      const response = await fetch(voice.url);
      if (!response.ok) throw new Error(`${response.status}`);
      const bytes = await this.#read(response, voice);
      const decoder = new OfflineAudioContext(2, 1, this.rate);
      voice.buffer = await decoder.decodeAudioData(bytes);
    } catch {
      voice.broken = true;
      this.tell("broken", voice.id);
    }
    this.tell("progress");
    if (voice.buffer) this.tell("heard", voice);
    if (voice.buffer && this.playing) this.#join(voice);
    else if (this.waiting && this.ready) this.#start();
  }

  async #read(response, voice) {
    const total = Number(response.headers.get("content-length")) || 0;
    const parts = [];
    let size = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      size += value.length;
      if (total) voice.share = (0.8 * size) / total;
      this.tell("progress");
    }
    return new Blob(parts).arrayBuffer();
  }

  /** Play from where it stands; waits until every voice that is to be heard is here. */
  async play() {
    this.waiting = true;
    this.tell("change");
    await this.wake();
    this.load();
    if (this.waiting && this.ready) this.#start();
  }

  #start() {
    this.waiting = false;
    if (![...this.voices.values()].some((voice) => voice.buffer)) return this.tell("change");
    if (this.#base >= this.lengthS - 0.05) this.#base = 0;
    const at = this.#frame(this.context.currentTime + AHEAD_S);
    this.#began = at - this.#frame(this.#base);
    this.playing = true;
    for (const voice of this.voices.values()) if (voice.buffer) this.#sound(voice, at);
    return this.tell("change");
  }

  #join(voice) {
    this.wake().then(() => this.playing && this.#sound(voice, this.#frame(this.context.currentTime + AHEAD_S)));
  }

  /** A moment on the border between two frames: sources that begin between frames are interpolated. */
  #frame(seconds) {
    return Math.ceil(seconds * this.context.sampleRate) / this.context.sampleRate;
  }

  #sound(voice, at) {
    this.#silence(voice);
    const from = Math.max(0, at - this.#began);
    const source = this.context.createBufferSource();
    const edge = this.context.createGain();
    source.buffer = voice.buffer;
    if (from > 0) {
      edge.gain.setValueAtTime(0, at);
      edge.gain.linearRampToValueAtTime(1, at + EDGE_S);
    }
    source.connect(edge).connect(voice.fader);
    source.start(at, from);
    voice.sounding = { source, edge };
  }

  #silence(voice) {
    if (!voice?.sounding) return;
    const { source, edge } = voice.sounding;
    const now = this.context.currentTime;
    edge.gain.cancelScheduledValues(now);
    edge.gain.setTargetAtTime(0, now, EDGE_S / 3);
    source.stop(now + 2 * EDGE_S);
    voice.sounding = null;
  }

  pause() {
    this.#base = this.position;
    this.playing = this.waiting = false;
    for (const voice of this.voices.values()) this.#silence(voice);
    this.tell("change");
  }

  seek(seconds) {
    const on = this.playing;
    if (on) for (const voice of this.voices.values()) this.#silence(voice);
    this.playing = false;
    this.#base = Math.min(Math.max(0, seconds), this.lengthS);
    if (on) this.#start();
    else this.tell("change");
  }
}
