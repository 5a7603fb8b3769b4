// Files on their way up: so many at a time, in the order they were given. Nothing here knows the page.

export const AT_ONCE = 3;

/** What is wrong with a file before it is sent, and the way out; null if nothing is. */
export function fault(file, limit, limitWords) {
  if (file.size === 0) return { sentence: `${file.name} is empty: it has no bytes.`, fix: "Copy or export it again." };
  if (file.size <= limit) return null;
  return {
    sentence: `${file.name} is larger than ${limitWords}, the most this studio takes.`,
    fix: "Cut it, or raise SFA_MAX_UPLOAD_MB.",
  };
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

  get busy() {
    return this.#running + this.#waiting.length > 0;
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

/** Send one file; htmx cannot tell how far it is, so this is a request of our own. */
export function send(url, file, { onProgress, onSent, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", url);
    request.setRequestHeader("HX-Request", "true");
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.upload.onload = onSent;
    request.onload = () =>
      resolve({
        ok: request.status < 300,
        html: request.responseText,
        known: request.getResponseHeader("X-Known") === "1",
      });
    request.onerror = () => reject(new Error("broken"));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
