// What is known of files on their way up without asking anybody: their order, their speed, what is wrong with
// them, and by what they are known again. Nothing here knows the page.

import { size } from "./words.js";

export const AT_ONCE = 3;
export const HASHED = 64 << 20; // a file up to here is read once before it is sent: it may be there already

const MB = 1 << 20;
const NO_SOUND = /\.(jpe?g|png|gif|webp|bmp|tiff?|heic|svg|pdf|txt|md|nfo|log|cue|m3u8?|pls|html?|xml|json|csv|docx?|xlsx?|zip|rar|7z|gz|exe|dll|db|ini|lnk|url|torrent|sfv|md5|asd|pkf|sfk|mid|midi)$/i;

/** A name that fits into a sentence: of a long one the middle is left out, never half an emoji. */
export function short(name, longest = 72) {
  const letters = [...name];
  if (letters.length <= longest) return name;
  const tail = Math.floor(longest / 3);
  return `${letters.slice(0, longest - tail - 1).join("")}…${letters.slice(-tail).join("")}`;
}

/** What is wrong with a file before it is sent, and the way out; null if nothing is. */
export function fault(file, limit, limitWords) {
  const name = short(file.name);
  if (file.size === 0) return { sentence: `${name} is empty: it has no bytes.`, fix: "Copy or export it again." };
  if (file.size <= limit) return null;
  return {
    sentence: `${name} has ${size(file.size)}. It is larger than ${limitWords}, the most this studio takes.`,
    fix: "Cut it, or raise SFA_MAX_UPLOAD_MB.",
  };
}

/** Whether a file says of itself that it is something else than sound, as the cover in the folder of an album. */
export function isNoSound({ name, type = "" }) {
  if (/^(audio|video)\//.test(type)) return false;
  return /^(image|text|font)\//.test(type) || NO_SOUND.test(name);
}

/** Speed over the last few seconds, in bytes a second; null until there is something to go by. */
export class Speed {
  #marks = [];

  at(timeMs, bytes) {
    this.#marks.push([timeMs, bytes]);
    while (this.#marks.length > 2 && timeMs - this.#marks[0][0] > 4000) this.#marks.shift();
    const [fromMs, from] = this.#marks[0];
    return timeMs - fromMs < 400 ? null : ((bytes - from) / (timeMs - fromMs)) * 1000;
  }
}

/** How large the next part is: some seconds of the line, so that little is lost when it breaks. */
export class Pace {
  static LEAST = 128 << 10;
  static MOST = 8 << 20;
  static TARGET_MS = 2500;

  next = MB;

  sent(bytes, tookMs) {
    const fits = (bytes * Pace.TARGET_MS) / Math.max(1, tookMs);
    this.#set(Math.min(this.next * 2, Math.max(this.next / 2, fits)));
  }

  broke() {
    this.#set(this.next / 2);
  }

  #set(bytes) {
    this.next = Math.round(Math.min(Pace.MOST, Math.max(Pace.LEAST, bytes)));
  }
}

/** How long to wait before the next try: longer each time, and not in step with others. */
export function patience(tries, chance = Math.random()) {
  return Math.min(30000, 500 * 2 ** Math.min(tries, 10)) * (0.75 + chance / 2);
}

/** 106 bits of some bytes. No secret hangs on them: whoever owns the upload made them. */
export function mix(bytes) {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x2545f491];
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  const step = (word) => {
    a = Math.imul(a ^ word, 0x85ebca6b);
    b = Math.imul((b ^ word) + a, 0xc2b2ae35);
    c = Math.imul(c + (word ^ (b >>> 15)), 0x27d4eb2f);
    d = Math.imul(d ^ word ^ (c >>> 13), 0x165667b1) + a;
  };
  for (const word of words) step(word);
  for (let place = words.length * 4; place < bytes.byteLength; place += 1) step(bytes[place] + 256);
  step(bytes.byteLength);
  step(a ^ d);
  return [a, b, c, d].map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
}

/**
 * By what a file is known when it is chosen again: its name, size, date, and both its ends.
 * @throws what the browser throws when the file cannot be read any more
 */
export async function fingerprint(file) {
  const head = await file.slice(0, MB).arrayBuffer();
  const tail = await file.slice(Math.max(0, file.size - MB)).arrayBuffer();
  const said = new TextEncoder().encode(`${file.name}\n${file.size}\n${file.lastModified}\n`);
  const all = new Uint8Array(said.length + ((4 - (said.length % 4)) % 4) + head.byteLength + tail.byteLength);
  all.set(said);
  all.set(new Uint8Array(head), all.length - head.byteLength - tail.byteLength);
  all.set(new Uint8Array(tail), all.length - tail.byteLength);
  return mix(all);
}

/** Words about a file as the protocol has them: pairs, each value in base64. */
export function metadata(told) {
  const coded = (text) => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
  return Object.entries(told)
    .filter(([, value]) => value)
    .map(([word, value]) => `${word} ${coded(value)}`)
    .join(",");
}

/** Runs jobs, so many at a time. A job is a function that returns a promise. */
export class Lanes {
  #waiting = [];
  #running = 0;

  constructor(atOnce = AT_ONCE) {
    this.atOnce = atOnce;
  }

  add(job) {
    this.#waiting.push(job);
    this.#go();
  }

  /** Take a job back; false when it has begun already. */
  drop(job) {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    return place >= 0;
  }

  #go() {
    while (this.#running < this.atOnce && this.#waiting.length) {
      this.#running += 1;
      Promise.resolve(this.#waiting.shift()()).finally(() => {
        this.#running -= 1;
        this.#go();
      });
    }
  }
}
