// The page of a track: its voices in the mixer, the engine that plays them, the timeline that shows them.

import { Engine } from "./engine.js";
import { Mixer } from "./mixer.js";
import { place, step } from "./score.js";
import { Streams } from "./streams.js";
import { Timeline } from "./timeline.js";
import { clock, decibels } from "./words.js";

const ROOM_BYTES = navigator.deviceMemory <= 4 || matchMedia("(pointer: coarse)").matches ? 400e6 : 1000e6;
const LONG = "Too long to hold in memory: the stems come straight from the server and may be a few hundredths of a second apart.";

const byId = (id) => document.getElementById(id);

class Player {
  constructor(root) {
    this.lengthS = Number(root.dataset.lengthS);
    this.mixer = new Mixer();
    this.timeline = new Timeline(byId("timeline"), this.lengthS);
    const voices = root.querySelectorAll(".voice").length;
    const bytes = Number(root.dataset.frames) * 2 * 4 * voices;
    const fits = bytes < ROOM_BYTES;
    this.engine = new (fits ? Engine : Streams)(Number(root.dataset.rate), this.lengthS);
    this.hint = fits ? "" : LONG;
    this.says = byId("player-says");
    this.#listen(root);
    this.refresh();
    this.engine.setMaster((byId("master").value / 100) ** 2);
    requestIdleCallback?.(() => this.engine.load(), { timeout: 800 }) ?? setTimeout(() => this.engine.load(), 300);
    this.#tick();
  }

  #listen(root) {
    this.timeline.addEventListener("seek", ({ detail }) => this.seek(detail));
    this.engine.addEventListener("change", () => this.#showState());
    this.engine.addEventListener("progress", () => this.#showState());
    this.engine.addEventListener("broken", ({ detail }) => {
      byId(`lane-${detail}`)?.setAttribute("data-broken", "");
      this.#showState();
    });
    this.engine.addEventListener("heard", ({ detail: { id, buffer } }) => {
      const row = byId(`lane-${id}`);
      if (row) this.timeline.offer(row, buffer);
    });
    byId("play").addEventListener("click", () => this.toggle());
    byId("zoom-in").addEventListener("click", () => this.timeline.zoom(2, this.engine.position));
    byId("zoom-out").addEventListener("click", () => this.timeline.zoom(0.5, this.engine.position));
    byId("master").addEventListener("input", (event) => this.engine.setMaster((event.target.value / 100) ** 2));
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (!button) return;
      const { id } = this.#voiceOf(button);
      if (button.dataset.do === "mute") this.mixer.toggleMute(id);
      else this.mixer.toggleSolo(id, { only: event.shiftKey });
      this.mix();
    });
    root.addEventListener("input", (event) => {
      if (event.target.matches(".fader")) this.fade(event.target);
    });
    root.addEventListener("dblclick", (event) => {
      if (!event.target.matches(".fader")) return;
      event.target.value = 100;
      this.fade(event.target);
    });
  }

  get voices() {
    return [...document.querySelectorAll("#player .voice")].map((row) => ({
      row,
      id: row.id.slice("lane-".length),
      url: row.dataset.audio,
      original: row.dataset.stem === "mix",
    }));
  }

  #voiceOf(element) {
    const row = element.closest(".voice");
    return this.voices.find((voice) => voice.row === row);
  }

  /** Take in what the page has now: stems may have arrived. */
  refresh() {
    const there = this.voices;
    for (const id of this.mixer.ids) if (!there.some((voice) => voice.id === id)) this.mixer.remove(id);
    for (const { id, original } of there) this.mixer.add(id, { original });
    this.engine.set(
      there.map(({ id, url, original }) => ({ id, url, gain: this.mixer.gain(id), lazy: original && this.mixer.hasStems })),
    );
    this.timeline.refresh();
    this.mix();
    this.engine.load();
  }

  /** Make the mixer audible and visible. */
  mix() {
    for (const { id, row } of this.voices) {
      const gain = this.mixer.gain(id);
      this.engine.setGain(id, gain);
      row.querySelector(".mute").setAttribute("aria-pressed", this.mixer.isMuted(id));
      row.querySelector(".solo").setAttribute("aria-pressed", this.mixer.isSolo(id));
      row.querySelector(".fader").setAttribute("aria-valuetext", decibels(gain));
      row.toggleAttribute("data-silent", gain === 0);
    }
    this.timeline.draw();
    this.#showState();
  }

  fade(fader) {
    this.mixer.fade(this.#voiceOf(fader).id, fader.value / 100);
    this.mix();
  }

  toggle() {
    if (this.engine.playing || this.engine.waiting) this.engine.pause();
    else this.engine.play();
  }

  seek(t) {
    this.engine.seek(t);
    this.#show();
  }

  #showState() {
    const { playing, waiting, ready, loaded } = this.engine;
    const button = byId("play");
    button.toggleAttribute("data-playing", playing || waiting);
    button.toggleAttribute("data-waiting", waiting);
    button.toggleAttribute("data-ready", ready);
    button.setAttribute("aria-label", playing || waiting ? "Pause" : "Play");
    byId("loaded").setAttribute("stroke-dasharray", `${100 * loaded} 100`);
    byId("loaded").style.strokeDasharray = `${100 * loaded} 100`;
    const says = waiting && !ready ? `Loading the stems, ${Math.round(100 * loaded)} %` : this.hint;
    if (this.says.textContent !== says) this.says.textContent = says;
    this.#show();
  }

  #show() {
    const { position, playing } = this.engine;
    const { chord, section } = this.timeline.show(position, playing);
    byId("time").textContent = clock(position, true);
    byId("here-bar").textContent = place(this.timeline.beats, this.timeline.bars, position) || "–";
    byId("here-chord").textContent = chord;
    byId("here-section").textContent = section;
    this.timeline.ruler.setAttribute("aria-valuenow", position.toFixed(1));
    this.timeline.ruler.setAttribute("aria-valuetext", clock(position));
  }

  #tick() {
    requestAnimationFrame(() => this.#tick());
    if (!this.engine.playing && this.still) return;
    this.still = !this.engine.playing;
    if (this.engine.playing && this.engine.position >= this.lengthS) this.engine.pause();
    this.#show();
    for (const { id, row } of this.voices) {
      const level = this.engine.playing ? this.engine.level(id) : 0;
      row.querySelector(".level > i").style.transform = `scaleX(${level})`;
    }
  }

  /** What a key does; true when it did something. */
  press(event) {
    const digit = /^Digit(\d)$/.exec(event.code)?.[1];
    const voice = digit > 0 ? this.voices.filter(({ original }) => !original)[digit - 1] : null;
    const original = this.voices.find((one) => one.original);
    const marks = event.shiftKey ? this.timeline.bars : this.timeline.beats;
    const acts = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.seek(step(marks, this.engine.position, -1, event.shiftKey ? 10 : 2)),
      ArrowRight: () => this.seek(step(marks, this.engine.position, 1, event.shiftKey ? 10 : 2)),
      Home: () => this.seek(0),
      End: () => this.seek(this.lengthS),
      0: () => this.mixer.clear(),
      o: () => this.mixer.toggleSolo(original.id),
      z: () => this.timeline.zoom(2, this.engine.position),
      Z: () => this.timeline.zoom(0.5, this.engine.position),
    };
    if (voice) event.shiftKey ? this.mixer.toggleSolo(voice.id) : this.mixer.toggleMute(voice.id);
    else if (acts[event.key]) acts[event.key]();
    else return false;
    this.mix();
    return true;
  }
}

let player = null;

function begin(event) {
  if (player && !event?.detail.ctx?.text?.includes('hx-target="#player"')) return;
  const root = document.querySelector("#player[data-length-s]");
  if (!player && root) player = new Player(root);
  else player?.refresh();
}

// Keys belong to what has the focus first: a button to Space, a fader to the arrows.
document.addEventListener("keydown", (event) => {
  if (!player || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select, summary")) return;
  if (event.key === " " && event.target.matches("button, a")) return;
  if (player.press(event)) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seek]");
  if (button) player?.seek(Number(button.dataset.seek));
});
document.addEventListener("htmx:after:swap", begin);
begin();
