// One file on its way up, in parts, over a line that may break: tus 1.0, as src/sfa/uploads/pages.py speaks it.

import { Pace, fingerprint, metadata, patience, short } from "./uploads.js";

const SILENT_MS = 30000; // a line on which nothing moves any more is taken for dead
const STORING_MS = 600000; // the studio reads a file once more before it answers the last part
const OFFLINE_MS = 15000;
const LOOK_MS = 2000;
const ELSEWHERE_MS = 12000; // another page that has not moved for so long has left it to us
const BUGS = 6; // tries after which a fault of the studio's is believed

/** The line broke, or nobody answered. */
class Lost extends Error {}

/** The studio has said no: `html` is the notice that it sent. */
export class Refused extends Error {
  constructor(html) {
    super("refused");
    this.html = html;
  }
}

/** What the page itself has to say. */
export class Wrong extends Error {
  constructor(sentence, fix, again = true) {
    super(sentence);
    Object.assign(this, { fix, again });
  }
}

/** The file is not what it was, or not there: nothing of it is kept. */
export class Changed extends Wrong {
  constructor(name) {
    super(`${short(name)} changed or went away while it was sent.`, "Nothing of it was kept. Choose it again.", false);
  }
}

/** Taken back, a request is broken off; one with `late` is answered all the same, and that is told what came. */
function ask(method, url, { headers = {}, body = null, signal, onProgress = () => {}, waitMs = SILENT_MS, late = null }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
    const alive = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), ms);
    };
    const stop = () => (late ? reject(signal.reason) : request.abort());
    // A request that was never sent tells nobody of its abort: whoever waited for it would keep its lane for ever.
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    request.open(method, url);
    for (const [name, value] of Object.entries({ "Tus-Resumable": "1.0.0", "HX-Request": "true", ...headers }))
      request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      alive(SILENT_MS);
      onProgress(event.loaded);
    };
    request.upload.onload = () => alive(waitMs);
    request.onload = () => {
      end();
      const header = (name) => request.getResponseHeader(name);
      const number = (name) => Number(header(name) ?? NaN);
      const answer = { status: request.status, html: request.responseText, number, header };
      if (signal.aborted) late?.(answer);
      resolve(answer);
    };
    request.onerror = () => (end(), reject(new Lost()));
    request.onabort = () => (end(), reject(signal.aborted ? signal.reason : new Lost()));
    alive(body?.byteLength ? SILENT_MS : waitMs);
    request.send(body);
  });
}

/** Have the studio forget what it has of a file. */
export function discard(url) {
  // The tab may be closing: the request is to outlive it.
  return fetch(url, { method: "DELETE", headers: { "HX-Request": "true" }, keepalive: true }).catch(() => null);
}

/** Resolves after so long, or as soon as the network is back. */
function rest(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const done = (act, value) => {
      clearTimeout(timer);
      window.removeEventListener("online", go);
      signal.removeEventListener("abort", stop);
      act(value);
    };
    const go = () => done(resolve);
    const stop = () => done(reject, signal.reason);
    // A machine without any network still reaches a studio of its own: it is tried, only not so often.
    const timer = setTimeout(go, navigator.onLine === false ? Math.max(ms, OFFLINE_MS) : ms);
    window.addEventListener("online", go);
    signal.addEventListener("abort", stop, { once: true });
  });
}

export class Sending {
  /**
   * `say(state, place)`: opening, sending, storing, waiting, elsewhere; how many bytes are there. `reached(url, place)`:
   * how many are safe with the studio, and where; with these it goes on in another page.
   */
  constructor(file, { sha256, url = null, place = 0, signal, say, reached }) {
    Object.assign(this, { file, sha256, url, place, signal, say, reached });
    this.pace = new Pace();
    this.tries = 0;
    this.faults = 0;
    this.clashes = 0;
  }

  /**
   * Send it, however often the line breaks; the track that it has become.
   * @throws {Refused | Wrong | DOMException} when the studio does not want it, it changed, or it was taken back
   */
  async run() {
    this.print = await this.#read(() => fingerprint(this.file));
    let isSure = false; // where the studio is with it
    for (;;) {
      try {
        if (!this.url) await this.#open();
        else if (!isSure) await this.#where();
        isSure = true;
        if (this.clashes > 1) await this.#watch();
        const answer = await this.#part();
        this.tries = 0;
        if (answer) return answer;
        this.reached(this.url, this.place);
      } catch (error) {
        if (error.track) return error.track;
        if (!(error instanceof Lost)) throw error;
        isSure = false;
        this.pace.broke();
        this.say("waiting", this.place);
        await rest(patience(this.tries++), this.signal);
      }
    }
  }

  async #open() {
    this.say("opening", 0);
    const told = { filename: this.file.name, fingerprint: this.print, sha256: this.sha256 };
    const headers = { "Upload-Length": String(this.file.size), "Upload-Metadata": metadata(told) };
    const late = (answer) => answer.header("Location") && discard(answer.header("Location"));
    const answer = this.#heard(await ask("POST", "/uploads", { headers, signal: this.signal, late }));
    this.url = new URL(answer.header("Location"), location.href).pathname;
    this.place = answer.number("Upload-Offset");
    this.reached(this.url, this.place);
  }

  async #where() {
    const answer = this.#heard(await ask("HEAD", this.url, { signal: this.signal }));
    this.place = answer.number("Upload-Offset");
    this.#ended(answer);
  }

  /** Send the next part; the track, if it was the last one. */
  async #part() {
    const { file, place } = this;
    const end = Math.min(file.size, place + this.pace.next);
    const isLast = end === file.size;
    if (isLast && place < end && (await this.#read(() => fingerprint(file))) !== this.print) throw this.#changed();
    const part = await this.#read(() => file.slice(place, end).arrayBuffer());
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(place) };
    if (!this.sha256 && globalThis.crypto?.subtle) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", part));
      headers["Upload-Checksum"] = `sha256 ${btoa(String.fromCharCode(...digest))}`;
    }
    const began = performance.now();
    this.say("sending", place);
    const onProgress = (sent) => {
      const there = Math.min(end, place + sent);
      this.say(there === file.size ? "storing" : "sending", there);
    };
    const waitMs = isLast ? STORING_MS : SILENT_MS;
    const answer = await ask("PATCH", this.url, { headers, body: part, signal: this.signal, onProgress, waitMs });
    if (answer.status === 409) {
      this.clashes += 1;
      this.place = answer.number("Upload-Offset");
      return null;
    }
    if (answer.status === 423) this.clashes += 1;
    this.#heard(answer);
    this.clashes = 0;
    this.faults = 0;
    this.pace.sent(end - place, performance.now() - began);
    this.place = answer.number("Upload-Offset");
    return track(answer);
  }

  /** Another page sends the same file: look on, and take over when it has left. */
  async #watch() {
    let seen = this.place;
    let since = performance.now();
    while (performance.now() - since < ELSEWHERE_MS) {
      this.say("elsewhere", this.place);
      await rest(LOOK_MS, this.signal);
      await this.#where();
      if (this.place === seen) continue;
      seen = this.place;
      since = performance.now();
    }
    this.clashes = 0;
  }

  #ended(answer) {
    const found = track(answer);
    if (found) throw Object.assign(new Error("ended"), { track: found });
  }

  /** The answer, if it is one to go on with. */
  #heard(answer) {
    const { status } = answer;
    if (status < 300) return answer;
    if (status === 404 && this.url && this.faults++ < 2) {
      this.url = null; // forgotten there: it begins anew
      throw new Lost();
    }
    const passes = [423, 460, 502, 504].includes(status) || (status === 503 && answer.header("Retry-After"));
    if (passes || (status === 500 && this.faults++ < BUGS)) throw new Lost();
    throw new Refused(answer.html);
  }

  async #read(act) {
    try {
      return await act();
    } catch {
      throw this.#changed();
    }
  }

  #changed() {
    if (this.url) discard(this.url);
    return new Changed(this.file.name);
  }
}

function track(answer) {
  const id = answer.header("X-Track");
  return id ? { id, known: answer.header("X-Known") === "1" } : null;
}
