// The window onto the song: lanes, ruler, sections and chords under one playhead.

import { asCurve } from "./curves.js";
import { drawHeat, drawLine, drawRuler, drawWave } from "./drawing.js";
import { barStep, barsOf, parseBeats, secondStep, spanAt } from "./score.js";
import { clock } from "./words.js";

const DEEPEST = 32;
const SLIM_PX = 7; // a span's text needs its width and a little more
const DRAWN_PX = 4; // less is a click
const NARROW_PX = 900; // less than this for a whole song, and a screen shows a part of it

export class Timeline extends EventTarget {
  #data = new Map(); // what was fetched, by address
  #zoom = 1;
  #shown = {};
  #put = 0; // where the window was put from here; if it is elsewhere, somebody scrolled
  #isAway = false;

  constructor(root, lengthS) {
    super();
    this.root = root;
    this.lengthS = lengthS;
    this.over = root.querySelector("#over");
    this.veil = this.over.querySelector(".veil");
    this.needle = this.over.querySelector(".needle");
    this.band = this.over.querySelector(".loop");
    let due = 0;
    const soon = () => {
      cancelAnimationFrame(due);
      due = requestAnimationFrame(() => this.draw());
    };
    root.addEventListener(
      "scroll",
      () => {
        this.#isAway ||= Math.abs(root.scrollLeft - this.#put) > 1;
        soon();
      },
      { passive: true },
    );
    new ResizeObserver(() => {
      this.#put = root.scrollLeft; // a narrower song ends earlier
      soon();
    }).observe(root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
    new MutationObserver(soon).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#followPointer();
    this.refresh();
    if (this.width < NARROW_PX) this.zoom(NARROW_PX / this.width, 0);
  }

  get ruler() {
    return this.root.querySelector("#ruler");
  }

  /** Width of the whole song, in CSS pixels. */
  get width() {
    return this.ruler.offsetWidth;
  }

  /** What the window shows, in seconds. */
  get window() {
    const perPixel = this.lengthS / this.width;
    const seen = this.ruler.querySelector("canvas").clientWidth;
    return { from: this.root.scrollLeft * perPixel, to: (this.root.scrollLeft + seen) * perPixel };
  }

  /** Take in what the page has now; called again whenever the server changed it. */
  refresh() {
    this.beats = parseBeats(this.ruler.dataset.beats);
    this.bars = barsOf(this.beats);
    this.sections = this.#spans("#sections");
    this.chords = this.#spans("#chords");
    for (const lane of this.root.querySelectorAll("[data-peaks]")) this.#fetch(lane.dataset.peaks, asPeaks);
    for (const lane of this.root.querySelectorAll("[data-curve]")) this.#fetch(lane.dataset.curve, asCurve);
    this.draw();
  }

  #spans(selector) {
    return [...this.root.querySelectorAll(`${selector} > span`)].map((element) => {
      const from = Number(element.dataset.from);
      const to = Number(element.dataset.to);
      element.style.left = `${(100 * from) / this.lengthS}%`;
      element.style.width = `${(100 * (to - from)) / this.lengthS}%`;
      return { from, to, element, text: element.textContent.trim() };
    });
  }

  async #fetch(url, read) {
    if (this.#data.has(url)) return;
    this.#data.set(url, null);
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(String(response.status));
      this.#data.set(url, await read(response));
      this.draw();
    } catch {
      this.#data.delete(url); // not there yet: the next refresh asks again
    }
  }

  #waveOf(row) {
    const wave = this.#data.get(row.dataset.peaks);
    const rate = Number(this.root.closest("[data-rate]").dataset.rate);
    return wave && { ...wave, seconds: wave.frames / rate };
  }

  /** Every lane anew, as far as the window shows it. */
  draw() {
    if (!this.width) return;
    const view = this.window;
    const waves = [...this.root.querySelectorAll(".voice")].map((row) => [row, this.#waveOf(row)]);
    const loudest = Math.max(1, ...waves.map(([, wave]) => wave?.loudest ?? 0));
    for (const [row, wave] of waves)
      if (wave) drawWave(row.querySelector("canvas"), wave.peaks, wave.seconds, { ...view, loudest });
    for (const lane of this.root.querySelectorAll("[data-curve]")) {
      const curve = this.#data.get(lane.dataset.curve);
      const draw = lane.dataset.draw === "heat" ? drawHeat : drawLine;
      if (curve) draw(lane.querySelector("canvas"), curve, view);
    }
    drawRuler(this.ruler.querySelector("canvas"), this.#marks(), view);
    for (const { element } of [...this.sections, ...this.chords])
      element.toggleAttribute("data-slim", element.scrollWidth > element.clientWidth + 1 || element.clientWidth < SLIM_PX);
  }

  #marks() {
    const perSecond = this.width / this.lengthS;
    if (this.bars.length > 1) {
      const every = barStep(this.bars, perSecond);
      const bars = this.bars
        .filter(({ number }) => (number - 1) % every === 0)
        .map(({ at, number }) => ({ at, text: String(number), strong: true }));
      const fine = every === 1 ? this.beats.filter(({ position }) => position > 1) : this.bars;
      return [...bars, ...(every <= 4 ? fine.map(({ at }) => ({ at })) : [])];
    }
    const every = secondStep(perSecond);
    return Array.from({ length: Math.floor(this.lengthS / every) + 1 }, (_, i) => ({
      at: i * every,
      text: clock(i * every),
      strong: true,
    }));
  }

  /** Follow the playhead again, wherever somebody had looked. */
  follow() {
    this.#isAway = false;
  }

  /**
   * Put the playhead to a moment; the window follows a playing song page by page, unless somebody scrolled away from
   * it and it has not come in sight again.
   */
  show(t, following) {
    const x = (t / this.lengthS) * this.width;
    this.needle.style.transform = `translateX(${x}px)`;
    this.veil.style.transform = `translateX(${x}px)`;
    this.veil.style.opacity = t > 0 ? 1 : 0;
    const seen = this.ruler.querySelector("canvas").clientWidth;
    const isSeen = x >= this.root.scrollLeft && x <= this.root.scrollLeft + 0.94 * seen;
    this.#isAway &&= !isSeen;
    if (following && !isSeen && !this.#isAway && this.#zoom > 1) this.#scroll(x - 0.06 * seen);
    const chord = spanAt(this.chords, t);
    const section = spanAt(this.sections, t);
    for (const [name, span] of [["chord", chord], ["section", section]]) {
      if (this.#shown[name] === span?.element) continue;
      this.#shown[name]?.removeAttribute("data-now");
      span?.element.setAttribute("data-now", "");
      this.#shown[name] = span?.element;
    }
    return { chord: chord?.text ?? "–", section: section?.text ?? "–" };
  }

  /** Mark a stretch that is repeated, or that will be; null: none. */
  showLoop(loop, on) {
    this.band.hidden = !loop;
    this.band.toggleAttribute("data-on", on);
    if (!loop) return;
    this.band.style.left = `${(100 * loop.a) / this.lengthS}%`;
    this.band.style.width = `${(100 * (loop.b - loop.a)) / this.lengthS}%`;
  }

  /** Closer or further away, around the moment `t`. */
  zoom(factor, t) {
    const seen = this.ruler.querySelector("canvas").clientWidth;
    const at = (t / this.lengthS) * this.width - this.root.scrollLeft;
    this.#zoom = Math.min(DEEPEST, Math.max(1, this.#zoom * factor));
    this.root.style.setProperty("--zoom", this.#zoom);
    this.#scroll((t / this.lengthS) * this.width - Math.min(Math.max(at, 0.1 * seen), 0.9 * seen));
    this.draw();
  }

  #scroll(left) {
    this.root.scrollLeft = left;
    this.#put = this.root.scrollLeft;
  }

  #followPointer() {
    const at = (event) => {
      const box = this.ruler.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.lengthS;
    };
    const seek = (event) => this.#tell("seek", at(event));
    // Along the ruler a stretch is drawn, to be repeated.
    const stretch = (down) => {
      let drawn = false;
      const move = (event) => {
        drawn ||= Math.abs(event.clientX - down.clientX) > DRAWN_PX;
        if (drawn) this.showLoop({ a: Math.min(at(down), at(event)), b: Math.max(at(down), at(event)) }, true);
      };
      const end = (event) => {
        if (event.type !== "pointerup") this.#tell("dropped");
        else if (drawn) this.#tell("stretch", { from: at(down), to: at(event), free: event.altKey });
        else seek(down);
      };
      this.#hold(down, move, end);
    };
    let pointer = "mouse"; // what went down last: not every browser says so of a click
    this.root.addEventListener("pointerdown", (event) => {
      pointer = event.pointerType;
      if (pointer !== "mouse" || event.button !== 0 || !event.target.closest(".lane")) return;
      if (event.target.closest("#ruler")) return stretch(event);
      seek(event);
      this.#hold(event, seek);
    });
    // A finger or a pen that moves scrolls, and does not click.
    this.root.addEventListener("click", (event) => {
      if (pointer !== "mouse" && event.target.closest(".lane")) seek(event);
    });
    this.root.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 1.25 : 0.8, at(event));
      },
      { passive: false },
    );
  }

  /** Follow one pointer until it is let go, or until the browser takes it for something else. */
  #hold(down, move, end = () => {}) {
    const over = new AbortController();
    const on = (kind, act) => this.root.addEventListener(kind, act, { signal: over.signal });
    this.root.setPointerCapture(down.pointerId);
    on("pointermove", move);
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"])
      on(kind, (event) => {
        over.abort();
        end(event);
      });
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}

async function asPeaks(response) {
  const peaks = new Uint8Array(await response.arrayBuffer());
  return { ...waveOf(peaks), frames: Number(response.headers.get("x-frames-per-peak")) };
}

function waveOf(peaks) {
  return { peaks, loudest: peaks.reduce((most, peak) => Math.max(most, peak), 0) };
}
