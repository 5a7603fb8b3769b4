// Files are chosen, pasted or dropped on any page, each with its own progress, until their row takes over.

import { dragged, dropped, textOf } from "./gathering.js";
import { look } from "./known.js";
import { say } from "./live.js";
import { Entry, UNDER_WAY, all, arrived, button, make } from "./panel.js";
import { recognise } from "./pasting.js";
import { Refused, Sending, Wrong } from "./sending.js";
import { isTyping } from "./undo.js";
import { Lanes, Speed, fault, isNoSound, short } from "./uploads.js";
import { count, size } from "./words.js";

const form = document.getElementById("add");
const input = document.getElementById("files");
const cover = document.getElementById("drop");
const lanes = new Lanes();
const tabs = globalThis.BroadcastChannel ? new BroadcastChannel("sfa.uploads") : null;
const ASK_TABS_MS = 150;

class Upload extends Entry {
  constructor(file) {
    super(file.name);
    this.file = file;
    this.size = file.size;
    this.job = () => this.run();
    this.begin();
  }

  async begin() {
    this.abort = new AbortController();
    this.again = null;
    this.show({ state: "looking", said: "waits", done: 0, why: [], acts: [button("Cancel", () => this.cancel())] });
    const wrong = fault(this.file, Number(form.dataset.limit), form.dataset.limitWords);
    if (wrong) return this.fail(wrong.sentence, wrong.fix, false);
    try {
      const { sha256, track } = await look(this.file, this.abort.signal);
      this.sha256 = sha256;
      if (track) return this.known(track.id);
      this.show({ state: "waiting" });
      return lanes.add(this.job);
    } catch (error) {
      if (error.name === "AbortError") return null;
      return this.fail(`${short(this.name)} cannot be read.`, "It may have been moved, or be open elsewhere. Choose it again.", false);
    }
  }

  async run() {
    const speed = new Speed();
    this.sending = new Sending(this.file, {
      sha256: this.sha256,
      signal: this.abort.signal,
      say: (state, place) => this.tell(state, place, speed),
      opened: (id) => {
        this.id = id;
        for (const entry of all) if (entry instanceof Unfinished && entry.id === id) entry.remove();
      },
    });
    try {
      const track = await this.sending.run();
      if (track.known) this.known(track.id);
      else arrived(this);
      summed();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error instanceof Refused) this.refuse(error.html);
      else if (error instanceof Wrong) this.fail(error.message, error.fix, error.again);
      else throw error;
    }
  }

  tell(state, place, speed) {
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

  cancel() {
    lanes.drop(this.job);
    this.abort.abort();
    this.sending?.forget();
    this.remove();
  }

  /** The library has it: nothing more is to be done, and here it is. */
  known(id) {
    const open = make("a", "button small", "Open");
    open.href = `/tracks/${id}`;
    this.show({ state: "known", said: "in the library already", done: null, acts: [open, button("OK", () => this.remove())] });
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
    this.again = again ? () => this.begin() : null;
    const acts = [...(again ? [button("Try again", this.again)] : []), button("Dismiss", () => this.drop())];
    this.show({ state: "failed", said: "not added", done: null, acts, why: why ?? [make("p", "sentence", sentence), make("p", "fix", fix)] });
  }

  drop() {
    this.sending?.forget();
    this.remove();
  }
}

/** What was interrupted before this page was opened, and can go on once the file is chosen again. */
class Unfinished extends Entry {
  constructor({ id, name, bytes, received }) {
    super(name);
    this.id = id;
    const choose = button("Choose it again", () => input.click());
    const discard = button("Discard", () => this.discard());
    this.show({
      state: "unfinished",
      said: `${size(received)} of ${size(bytes)}`,
      done: received / bytes,
      acts: [choose, discard],
      why: [make("p", "fix", "This upload was interrupted. Choose or drop the same file, and it goes on from there.")],
    });
  }

  async discard() {
    this.remove();
    const answer = await fetch(`/uploads/${this.id}`, { method: "DELETE", headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok && answer?.status !== 404) say(`${short(this.name)} could not be discarded.`, "The studio forgets it by itself after a day.");
  }
}

/** A word about files that were not even tried. */
class Note extends Entry {
  constructor(names, sentence, files = []) {
    super(sentence);
    const few = names.slice(0, 4).map((name) => short(name, 40)).join(", ");
    const others = names.length > 4 ? ` and ${names.length - 4} more` : "";
    this.show({ state: "noted", said: "left out", why: [make("p", "fix", few + others)] });
    this.acts = [...(files.length ? [button("Add anyway", () => (this.remove(), add(files)))] : []), button("OK", () => this.remove())];
  }
}

function add(files) {
  for (const file of files) new Upload(file);
}

/** Say once that many have come, when the last of them has. */
let sent = 0;
function summed() {
  sent += 1;
  if ([...all].some((entry) => UNDER_WAY.has(entry.state))) return;
  if (sent > 2) {
    const notice = make("div", "notice toast", "");
    notice.dataset.fades = "";
    notice.append(make("p", "sentence", `${count(sent, "file")} sent.`));
    document.getElementById("notices").append(notice);
  }
  sent = 0;
}

/** Ask the studio what was interrupted; what another tab is sending just now is its business. */
async function offer() {
  const elsewhere = new Set();
  const hear = ({ data }) => data.sending?.forEach((id) => elsewhere.add(id));
  tabs?.addEventListener("message", hear);
  tabs?.postMessage({ who: true });
  try {
    const answer = await fetch("/uploads", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const found = await answer.json();
    if (!found.length) return;
    await new Promise((resolve) => setTimeout(resolve, tabs ? ASK_TABS_MS : 0));
    const mine = new Set([...all].map((entry) => entry.id));
    for (const one of found) if (!elsewhere.has(one.id) && !mine.has(one.id)) new Unfinished(one);
  } catch {
    // The studio is away: the page says so already.
  } finally {
    tabs?.removeEventListener("message", hear);
  }
}

tabs?.addEventListener("message", ({ data }) => {
  if (!data.who) return;
  tabs.postMessage({ sending: [...all].filter((entry) => entry.id && UNDER_WAY.has(entry.state)).map((entry) => entry.id) });
});

let depth = 0;
let isOurs = false; // dragged from within the page: not to be added
const wanted = (event) => (isOurs ? null : dragged(event));

function hover(event, step) {
  const what = wanted(event);
  if (!what || (what !== "files" && isTyping(event.target))) return;
  event.preventDefault();
  depth = Math.max(0, depth + step);
  const files = what === "files" ? (event.dataTransfer.items?.length ?? 0) : 0;
  document.getElementById("drop-count").textContent = files ? count(files, "file") : "";
  cover.hidden = depth === 0;
}

window.addEventListener("dragstart", () => (isOurs = true));
window.addEventListener("dragend", () => (isOurs = false));
window.addEventListener("dragenter", (event) => hover(event, 1));
window.addEventListener("dragleave", (event) => hover(event, -1));
window.addEventListener("dragover", (event) => {
  const what = wanted(event);
  if (what && (what === "files" || !isTyping(event.target))) event.preventDefault();
});
window.addEventListener("drop", async (event) => {
  const what = wanted(event);
  depth = 0;
  cover.hidden = true;
  if (!what || (what !== "files" && isTyping(event.target))) return;
  event.preventDefault();
  if (what !== "files") {
    recognise(textOf(event.dataTransfer));
    return;
  }
  const { files, leftOut, unread } = await dropped(event.dataTransfer);
  add(files);
  if (leftOut.length) new Note(leftOut, `${count(leftOut.length, "file")} in these folders ${leftOut.length === 1 ? "is" : "are"} no sound`);
  if (unread.length) new Note(unread, `${count(unread.length, "item")} could not be read`);
  if (!files.length && !leftOut.length && !unread.length) say("There was no file in that.", "Drop sound files, or folders that hold some.");
});
input.addEventListener("change", () => {
  add([...input.files]);
  input.value = "";
});
window.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const odd = files.filter((file) => isNoSound(file));
  add(files.filter((file) => !odd.includes(file)));
  if (odd.length) new Note(odd.map((file) => file.name), "What was pasted is no sound", odd);
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!files.length && !isTyping(event.target)) recognise(text);
});
window.addEventListener("beforeunload", (event) => [...all].some((entry) => UNDER_WAY.has(entry.state)) && event.preventDefault());
offer();
