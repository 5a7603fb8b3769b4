// One file from when it is added until its row takes over: looked up, kept, sent, and what its line says meanwhile.

import { say } from "./answers.js";
import { fileOf, forget, isKept, keep, note } from "./kept.js";
import { ask, look } from "./known.js";
import { Entry, UNDER_WAY, all, arrived, button, make } from "./panel.js";
import { Refused, Sending, Wrong, discard } from "./sending.js";
import { tell } from "./tabs.js";
import { Lanes, Speed, fault, short } from "./uploads.js";
import { size } from "./words.js";

const form = document.getElementById("add");
const lanes = new Lanes();
export const idOf = (url) => url?.split("/").at(-1);

export class Upload extends Entry {
  /** `record`: name and size, and from an earlier page its digest, its address and how far it was; that has the file too. */
  constructor(record, file = null) {
    super(record.name);
    this.record = record;
    this.file = file;
    this.size = record.size;
    this.job = () => this.run();
    this.begin();
  }

  /** By what the studio knows it, once it does. */
  get id() {
    return idOf(this.record.url);
  }

  async begin() {
    this.abort = new AbortController();
    this.again = null;
    const { size, place = 0 } = this.record;
    this.show({ state: "looking", said: "waits", done: place / size, why: [], acts: [button("Cancel", () => this.cancel())] });
    const wrong = fault(this.record, Number(form.dataset.limit), form.dataset.limitWords);
    if (wrong) return this.fail(wrong.sentence, wrong.fix, false);
    try {
      const track = await this.#look();
      this.abort.signal.throwIfAborted();
      if (track) return isKept(this.record) ? this.ended() : this.known(track.id);
      if (!isKept(this.record)) this.#keep();
      this.show({ state: "waiting" });
      return lanes.add(this.job);
    } catch (error) {
      if (error.name === "AbortError") return null;
      return this.fail(`${short(this.name)} cannot be read.`, "It may have been moved, or be open elsewhere. Choose it again.", false);
    }
  }

  /** The track that it is, if the library has it. */
  async #look() {
    const { record, file } = this;
    if (!file) return record.sha256 ? ask(record.sha256) : null; // an earlier page has looked
    const { sha256, track } = await look(file, this.abort.signal);
    record.sha256 = sha256;
    return track;
  }

  async #keep() {
    if ((await keep(this.record, this.file)) || !UNDER_WAY.has(this.state)) return;
    this.show({ why: [make("p", "fix", "This browser cannot keep it: stay on this page until this one is sent.")] });
  }

  async run() {
    const { record, abort } = this;
    const speed = new Speed();
    try {
      this.file ??= await fileOf(record).catch(() => null);
      if (!this.file) throw new Wrong(`${short(this.name)} is no longer kept by this browser.`, "Choose it again.", false);
      const sending = new Sending(this.file, {
        ...record,
        signal: abort.signal,
        say: (state, place) => this.#progress(state, place, speed),
        reached: (url, place) => this.reached(url, place),
      });
      const track = await sending.run();
      return track.known ? this.known(track.id) : this.ended();
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (error instanceof Refused) return this.refuse(error.html);
      if (error instanceof Wrong) return this.fail(error.message, error.fix, error.again);
      throw error;
    }
  }

  /** So much is safe with the studio: from there any page goes on. */
  reached(url, place) {
    const isNew = url !== this.record.url;
    note(this.record, { url, place });
    if (!isNew) return;
    tell({ sending: [this.id] });
    takenUp([this.id]);
  }

  #progress(state, place, speed) {
    const share = place / this.size;
    const percent = `${Math.floor(100 * share)} %`;
    const rate = state === "sending" ? speed.at(performance.now(), place) : null;
    const said = {
      opening: "begins",
      sending: rate ? `${percent} · ${size(rate)}/s` : percent,
      storing: "storing",
      waiting: navigator.onLine === false ? "waiting for the network" : "waiting for the studio",
      elsewhere: `${percent} · sent by another page`,
    }[state];
    this.show({ state: state === "waiting" ? "offline" : state, said, done: share });
  }

  /** Taken back here, it is taken back in every tab. */
  cancel() {
    if (this.id) tell({ gone: this.id });
    this.dismiss();
    this.leave();
  }

  /** Send no more of it; the studio is not told. */
  leave() {
    lanes.drop(this.job);
    this.abort.abort();
    forget(this.record);
    this.remove();
  }

  /** It is a track now. Where the page left before it heard so, the studio still has it among its uploads. */
  ended() {
    if (!this.file) this.dismiss();
    forget(this.record);
    arrived(this);
  }

  /** The library has it: nothing more is to be done, and here it is. */
  known(id) {
    forget(this.record);
    const open = make("a", "button small", "Open");
    open.href = `/tracks/${id}`;
    this.show({ state: "known", said: "in the library already", done: null, why: [], acts: [open, button("OK", () => this.remove())] });
    if (all.size > 1) return;
    const row = document.getElementById(`track-${id}`);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.classList.add("shown");
  }

  refuse(html) {
    const why = [...new DOMParser().parseFromString(html, "text/html").body.children];
    this.fail("The studio refused it without a word.", "Its log has the reason.", true, why.length ? why : null);
  }

  fail(sentence, fix, again, why = null) {
    forget(this.record);
    this.again = again ? () => this.begin() : null;
    const acts = [...(again ? [button("Try again", this.again)] : []), button("Dismiss", () => (this.dismiss(), this.remove()))];
    this.show({ state: "failed", said: "not added", done: null, acts, why: why ?? [make("p", "sentence", sentence), make("p", "fix", fix)] });
  }

  /** Have the studio forget what it has of it. It does so by itself after a day. */
  dismiss() {
    if (this.record.url) discard(this.record.url);
  }
}

/** What was interrupted before this page was opened, and can go on once the file is chosen again. */
export class Unfinished extends Entry {
  constructor({ id, name, bytes, received }) {
    super(name);
    this.id = id;
    const choose = button("Choose it again", () => document.getElementById("files").click());
    const forgo = button("Discard", () => this.discard());
    this.show({
      state: "unfinished",
      said: `${size(received)} of ${size(bytes)}`,
      done: received / bytes,
      acts: [choose, forgo],
      why: [make("p", "fix", "This upload was interrupted. Choose or drop the same file, and it goes on from there.")],
    });
  }

  async discard() {
    this.remove();
    tell({ gone: this.id });
    const answer = await discard(`/uploads/${this.id}`);
    if (!answer?.ok && answer?.status !== 404) say(`${short(this.name)} could not be discarded.`, "The studio forgets it by itself after a day.");
  }

  leave() {
    this.remove();
  }
}

/** These uploads are being sent again: nobody needs to be asked for their files. */
export function takenUp(ids) {
  for (const entry of all) if (entry instanceof Unfinished && ids.includes(entry.id)) entry.remove();
}

/** Another tab has taken an upload back. */
export function gone(id) {
  for (const entry of all) if (entry.id === id) entry.leave();
}
