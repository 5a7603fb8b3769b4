// One file through the browser's own player: the original of a song, alone until there are stems and beside them
// afterwards. What it cannot do as a deck does: start, seek and loop to the sample.

import { Broken, refusal } from "./pack.js";
import { Strip } from "./strip.js";

const APART_S = 0.06; // further from the stems, and it is called back
const LEAD_S = 0.03; // what the browser needs to get going
const PATIENCE_MS = 5000;
const AWAY = new Broken("The studio does not answer.", "See whether it still runs, then press Play again.");
const UNKNOWN = new Broken("This browser cannot play the original.", "Play its stems: they are here once the song has been separated.");

/**
 * The same face as a Deck, of one voice `id`. Events: "change", "ended", "broken".
 */
export class Tape extends EventTarget {
  #output;
  #loop = null;
  #source = null;
  #playing = false;
  #along = false; // with a deck

  constructor(output, mixer, id, url) {
    super();
    this.#output = output;
    this.strip = new Strip(mixer, id, { original: true });
    this.element = new Audio();
    this.element.preload = "none";
    this.element.src = url;
    this.element.preservesPitch = false;
    for (const kind of ["playing", "waiting", "stalled"]) this.element.addEventListener(kind, () => this.#tell("change"));
    this.element.addEventListener("timeupdate", () => this.#turn());
    this.element.addEventListener("ended", () => this.#end());
    this.element.addEventListener("error", () => this.#explain());
  }

  /** Fetch its beginning, for a click that is to come. */
  prepare() {
    this.element.preload = "auto";
  }

  get playing() {
    return this.#playing;
  }

  get status() {
    if (!this.#playing) return "stopped";
    return this.element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA ? "buffering" : "playing";
  }

  position() {
    return this.element.currentTime;
  }

  async play() {
    this.#playing = true;
    this.#tell("change");
    this.#revive();
    try {
      await this.#wire();
      if (this.#playing) await this.element.play();
    } catch (error) {
      // Paused before it began, or the element tells of it itself.
      if (error.name !== "AbortError" && !this.element.error) this.#break(error.fix ? error : UNKNOWN);
    }
  }

  pause() {
    this.#playing = false;
    this.element.pause();
    this.#tell("change");
  }

  seek(seconds) {
    this.element.currentTime = Math.max(0, seconds);
    this.#tell("change");
  }

  loop(aS, bS) {
    this.#loop = aS === null || bS <= aS ? null : { a: aS, b: bS };
    if (this.#playing && this.#loop && this.position() >= this.#loop.b) this.seek(this.#loop.a);
    this.#tell("change");
  }

  get looping() {
    return this.#loop;
  }

  /** Be where a deck is, and as fast, while the mixer lets this be heard; to be called now and then. */
  keepUp(deck) {
    this.#playing = false;
    const on = deck.status === "playing" && !this.strip.isSilent;
    if (on && !this.#along) this.#revive();
    this.#along = on;
    if (!on) return this.element.pause();
    if (this.element.error) return;
    this.element.playbackRate = deck.rate;
    const apart = Math.abs(this.element.currentTime - deck.position());
    if (apart > APART_S && !this.element.seeking) this.element.currentTime = deck.position() + LEAD_S;
    if (this.element.paused) this.#wire().then(() => this.element.play()).catch(() => {});
  }

  async #wire() {
    await this.#output.wake();
    if (this.#source) return;
    this.#source = this.#output.context.createMediaElementSource(this.element);
    this.#source.connect(this.strip.wire(this.#output.context, this.#output.input));
  }

  #turn() {
    if (this.#playing && this.#loop && this.element.currentTime >= this.#loop.b) this.seek(this.#loop.a);
  }

  #end() {
    this.#playing = false;
    this.#tell("ended");
    this.#tell("change");
  }

  /** After an error an element plays nothing before it is loaded anew, and would then be at the beginning. */
  #revive() {
    if (!this.element.error) return;
    const at = this.element.currentTime;
    this.element.load();
    this.element.currentTime = at;
  }

  async #explain() {
    const isAway = this.element.error?.code === MediaError.MEDIA_ERR_NETWORK;
    this.#playing = false;
    this.#tell("change");
    const reason = isAway ? AWAY : await this.#reason();
    if (!this.#playing) this.#break(reason); // else somebody tries again already
  }

  /** A server that is away at the first byte is the same to an element as a file that it cannot read. */
  async #reason() {
    try {
      const answer = await fetch(this.element.src, { headers: { Range: "bytes=0-0" }, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.ok) return UNKNOWN;
      throw await refusal(answer);
    } catch (error) {
      return error instanceof Broken ? error : AWAY;
    }
  }

  #break({ message, fix }) {
    this.#playing = false;
    this.#tell("broken", { message, fix });
    this.#tell("change");
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
