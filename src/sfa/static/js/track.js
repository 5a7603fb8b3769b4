// The page of a track: its voices on the desk, the decks that play them, the timeline that shows them.

import { Deck } from "./engine/deck.js";
import { Mixer, taper } from "./engine/mixer.js";
import { needle, Output } from "./engine/output.js";
import { Tape } from "./engine/tape.js";
import { isTaken, keys } from "./keys.js";
import { Marks } from "./marks.js";
import { place, step } from "./score.js";
import { Timeline } from "./timeline.js";
import { clock, decibels, side } from "./words.js";

const ORIGINAL = "mix"; // the stem that is all of them
const KEEP_UP_MS = 100;
const ALONG = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]); // the others scroll the page
const STATES = { buffering: "Buffering…", reconnecting: "The studio does not answer. Trying again…" };

const byId = (id) => document.getElementById(id);

class Player {
  #packUrl = null;
  #trouble = ""; // what went wrong, until it goes right

  constructor(root) {
    this.root = root;
    this.lengthS = Number(root.dataset.lengthS);
    this.output = new Output();
    this.mixer = new Mixer();
    this.deck = new Deck(this.output, this.mixer);
    const [original] = this.voices.filter(({ id }) => id === ORIGINAL);
    this.tape = new Tape(this.output, this.mixer, ORIGINAL, original.row.dataset.audio);
    this.marks = new Marks();
    this.timeline = new Timeline(byId("timeline"), this.lengthS);
    this.says = byId("player-says");
    this.output.volume = taper(byId("master").value / 100);
    this.#listenToSound();
    this.#listenToHands();
    this.refresh();
    setInterval(() => this.deck.pack && this.tape.keepUp(this.deck), KEEP_UP_MS);
    this.#tick();
  }

  /** What plays: the stems, or the original where there are none. */
  get transport() {
    return this.deck.pack ? this.deck : this.tape;
  }

  /** The rows of the desk. */
  get voices() {
    return [...this.root.querySelectorAll(".voice")].map((row) => ({ row, id: row.dataset.stem }));
  }

  stripOf(id) {
    return id === ORIGINAL ? this.tape.strip : this.deck.stem(id);
  }

  /** Take in what the page has now: stems may have arrived. */
  refresh() {
    const pack = this.root.dataset.pack ? JSON.parse(this.root.dataset.pack) : null;
    if (pack && pack.url !== this.#packUrl) this.#take(pack);
    if (!pack) this.tape.prepare();
    this.timeline.refresh();
    this.#showDesk();
  }

  #take(pack) {
    this.#packUrl = pack.url;
    const before = this.transport;
    const [at, on] = [before.position(), before.playing];
    before.pause();
    this.#trouble = "";
    for (const { row } of this.voices) row.removeAttribute("data-broken");
    this.deck.load(pack, at);
    this.#setLoop();
    if (on) this.deck.play();
  }

  #listenToSound() {
    this.mixer.addEventListener("change", () => this.#showDesk());
    for (const one of [this.deck, this.tape]) {
      one.addEventListener("change", () => this.#showState());
      one.addEventListener("ended", () => this.#showState());
      one.addEventListener("broken", ({ detail }) => this.#mourn(one, detail));
    }
    this.deck.addEventListener("damaged", ({ detail: { stem, fromS, toS } }) => {
      this.#trouble = `Part of ${stem} cannot be read (${clock(fromS)} to ${clock(toS)}): it is silent there. Separate the song again.`;
      this.#showState();
    });
    this.output.addEventListener("interrupted", () => {
      this.#trouble = "The sound was interrupted. Press Play to go on.";
      this.transport.pause();
    });
  }

  /** Without stems there still is the original. */
  #mourn(one, { message, fix, lasting, playing }) {
    this.#trouble = `${message} ${fix}`.trim();
    if (one === this.deck && lasting) {
      const at = this.deck.position();
      for (const { row, id } of this.voices) row.toggleAttribute("data-broken", id !== ORIGINAL);
      this.deck.unload();
      this.tape.seek(at);
      if (playing) this.tape.play();
      this.#trouble += " Until then only the original is played.";
    }
    this.#showState();
  }

  #listenToHands() {
    const on = (id, kind, act) => byId(id).addEventListener(kind, act);
    this.timeline.addEventListener("seek", ({ detail }) => this.seek(detail));
    this.timeline.addEventListener("stretch", ({ detail: { from, to, free } }) => this.repeat(from, to, free));
    this.timeline.addEventListener("dropped", () => this.#showLoop());
    document.addEventListener("sfa:seek", ({ detail }) => this.seek(detail.seconds));
    // A mouse goes down a while before it clicks: time enough to start the sound card.
    on("play", "pointerdown", ({ pointerType }) => pointerType === "mouse" && this.output.wake().catch(() => {}));
    on("play", "click", () => this.toggle());
    on("zoom-in", "click", () => this.timeline.zoom(2, this.transport.position()));
    on("zoom-out", "click", () => this.timeline.zoom(0.5, this.transport.position()));
    on("master", "input", ({ target }) => (this.output.volume = taper(target.value / 100)));
    for (const [id, key] of [["loop-a", "["], ["loop-b", "]"], ["loop-on", "l"], ["loop-clear", "\\"]])
      on(id, "click", () => this.mark(key));
    this.root.addEventListener("click", ({ target, shiftKey }) => {
      const act = target.closest("[data-do]")?.dataset.do;
      const id = target.closest(".voice")?.dataset.stem;
      if (!act || !this.stripOf(id)) return;
      if (act === "mute") this.mixer.toggleMute(id);
      else this.mixer.toggleSolo(id, { only: shiftKey });
    });
    this.root.addEventListener("input", ({ target }) => this.#turn(target));
    this.root.addEventListener("dblclick", ({ target }) => {
      if (!target.matches(".fader, .pan")) return;
      target.value = target.matches(".pan") ? 0 : 100;
      this.#turn(target);
    });
  }

  #turn(knob) {
    const strip = this.stripOf(knob.closest(".voice")?.dataset.stem);
    if (!strip) return;
    if (knob.matches(".fader")) strip.gain = taper(knob.value / 100);
    if (knob.matches(".pan")) strip.pan = knob.value / 100;
  }

  toggle() {
    const { transport } = this;
    if (transport.playing) return transport.pause();
    this.#trouble = "";
    this.timeline.follow();
    return transport.play();
  }

  seek(t) {
    this.transport.seek(Math.min(this.lengthS, Math.max(0, t)));
    this.timeline.follow();
    this.#show();
  }

  /** Set an end of the loop, turn it on or off, or forget it. */
  mark(key) {
    const { marks, timeline } = this;
    const here = this.transport.position();
    if (key === "[") marks.setA(here, timeline.beats);
    else if (key === "]") marks.setB(here, timeline.beats, this.lengthS);
    else if (key === "l") marks.toggle();
    else marks.clear();
    this.#setLoop();
  }

  /** Repeat a stretch, from beat to beat unless it is to be free. */
  repeat(from, to, free = false) {
    const beats = free ? [] : this.timeline.beats;
    this.marks.clear();
    this.marks.setA(Math.min(from, to), beats);
    this.marks.setB(Math.max(from, to), beats, this.lengthS);
    this.#setLoop();
  }

  /** The mix as it is heard now, as the address of the room that renders it. */
  get mix() {
    const said = new URLSearchParams();
    for (const { id } of this.voices) {
      const strip = id === ORIGINAL ? null : this.stripOf(id);
      if (!strip) continue;
      if (strip.isSilent) said.set(`mute.${id}`, "1");
      else said.set(`gain.${id}`, (20 * Math.log10(Math.max(strip.gain, 1e-4))).toFixed(1));
      if (strip.pan) said.set(`pan.${id}`, strip.pan.toFixed(2));
    }
    const { loop } = this.marks;
    if (loop) {
      said.set("from", loop.a.toFixed(3));
      said.set("to", loop.b.toFixed(3));
    }
    return said;
  }

  #setLoop() {
    const { loop } = this.marks;
    this.transport.loop(loop?.a ?? null, loop?.b);
    this.#showLoop();
  }

  #showLoop() {
    const { stretch, loop, a } = this.marks;
    this.timeline.showLoop(stretch ?? (a !== null && { a, b: a }) ?? null, Boolean(loop));
    byId("loop-on").setAttribute("aria-pressed", Boolean(loop));
    byId("loop-on").disabled = !stretch;
    byId("loop-clear").disabled = a === null;
  }

  #showDesk() {
    for (const { row, id } of this.voices) {
      const strip = this.stripOf(id);
      if (!strip) continue;
      row.querySelector(".mute").setAttribute("aria-pressed", strip.mute);
      row.querySelector(".solo").setAttribute("aria-pressed", strip.solo);
      row.querySelector(".fader").setAttribute("aria-valuetext", decibels(strip.gain));
      row.querySelector(".pan").setAttribute("aria-valuetext", side(strip.pan));
      row.toggleAttribute("data-silent", strip.isSilent);
    }
    this.timeline.draw();
    this.#showState();
  }

  #showState() {
    const { playing, status } = this.transport;
    const button = byId("play");
    button.toggleAttribute("data-playing", playing);
    button.toggleAttribute("data-waiting", status in STATES);
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    const says = STATES[status] ?? this.#trouble;
    if (this.says.textContent !== says) this.says.textContent = says;
    this.#show();
  }

  #show() {
    const position = this.transport.position();
    const { chord, section } = this.timeline.show(position, this.transport.playing);
    byId("time").textContent = clock(position, true);
    byId("time").dataset.playhead = position.toFixed(3); // what is corrected by ear is corrected here
    byId("here-bar").textContent = place(this.timeline.beats, this.timeline.bars, position) || "–";
    byId("here-chord").textContent = chord;
    byId("here-section").textContent = section;
    this.timeline.ruler.setAttribute("aria-valuenow", position.toFixed(1));
    this.timeline.ruler.setAttribute("aria-valuetext", clock(position));
  }

  #tick() {
    requestAnimationFrame(() => this.#tick());
    const { playing } = this.transport;
    if (!playing && this.still) return;
    this.still = !playing;
    this.#show();
    const show = (meter, peak) => (meter.style.transform = `scaleX(${playing ? needle(peak) : 0})`);
    for (const { row, id } of this.voices) show(row.querySelector(".level > i"), this.stripOf(id)?.level() ?? 0);
    show(byId("master-level").firstElementChild, this.output.level());
  }

  /** What a key does to the position while that has the focus; true when it did something. */
  slide({ key, shiftKey }) {
    const { beats, bars } = this.timeline;
    const way = { ArrowRight: 1, ArrowUp: 1, PageUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: -1 }[key];
    const wide = shiftKey || key.startsWith("Page");
    if (way) this.seek(step(wide ? bars : beats, this.transport.position(), way, wide ? 10 : 2));
    else if (key === "Home") this.seek(0);
    else if (key === "End") this.seek(this.lengthS);
    else return false;
    return true;
  }

  /** What a key does anywhere on the page; true when it did something. */
  press(event) {
    const digit = /^Digit(\d)$/.exec(event.code)?.[1];
    const stem = digit > 0 ? this.deck.stems[digit - 1] : null;
    const here = this.transport.position();
    const acts = {
      " ": () => this.toggle(),
      0: () => this.mixer.clear(),
      o: () => this.mixer.toggleSolo(ORIGINAL),
      z: () => this.timeline.zoom(2, here),
      Z: () => this.timeline.zoom(0.5, here),
    };
    for (const key of ["[", "]", "l", "\\"]) acts[key] = () => this.mark(key);
    if (stem) event.shiftKey ? this.mixer.toggleSolo(stem) : this.mixer.toggleMute(stem);
    else if (acts[event.key]) acts[event.key]();
    else return ALONG.has(event.key) && this.slide(event);
    return true;
  }
}

let player = null;

function begin(event) {
  if (player && !event?.detail.ctx?.text?.includes('id="player"')) return;
  const root = document.querySelector("#player[data-length-s]");
  if (!player && root) player = new Player(root);
  else player?.refresh();
}

// Keys belong to what has the focus first: a button to Space, a fader to the arrows, the position to its own, which
// work where single keys do nothing.
document.addEventListener("keydown", (event) => {
  const written = event.getModifierState("AltGraph"); // on many keyboards a bracket needs it
  if (!player || event.defaultPrevented || isTaken(event) || event.metaKey || (!written && (event.ctrlKey || event.altKey))) return;
  if (event.target === player.timeline.ruler && player.slide(event)) return event.preventDefault();
  if (keys.on && player.press(event)) event.preventDefault();
});
keys({ e: () => document.querySelector("#exports > summary")?.click() });
document.addEventListener("click", (event) => {
  const own = event.target.closest("a[data-mix]");
  if (own && player) {
    const said = player.mix;
    said.set("run", player.root.dataset.run);
    own.search = said; // anew: what was muted at the last click may not be now
  }
});
document.addEventListener("dblclick", (event) => {
  const section = event.target.closest("#sections > span");
  if (section) player?.repeat(Number(section.dataset.from), Number(section.dataset.to));
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seek]");
  if (button) player?.seek(Number(button.dataset.seek));
});
// The stream shows "the stems". Who listens to others goes on with those, and asks for what is new about them.
document.addEventListener("htmx:before:swap", ({ detail: { tasks = [] } }) => {
  const heard = document.querySelector("#player[data-other]")?.dataset.run;
  const at = tasks.findIndex(({ type, target }) => type === "partial" && target?.id === "player");
  const next = tasks[at]?.fragment.querySelector("#player");
  if (!heard || !next || next.dataset.run === heard || !next.querySelector(`[data-hear="${heard}"]`)) return;
  tasks.splice(at, 1);
  document.querySelector(`#player [data-hear="${heard}"]`).click();
});
document.addEventListener("htmx:after:swap", begin);
begin();
