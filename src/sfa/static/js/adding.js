// Files are chosen, pasted or dropped on any page, each with its own progress, until their row takes over.

import { say } from "./answers.js";
import { dragged, dropped, textOf } from "./gathering.js";
import { isKept, records, takeOver } from "./kept.js";
import { isTaken } from "./keys.js";
import { Entry, UNDER_WAY, all, button, make } from "./panel.js";
import { recognise } from "./pasting.js";
import { ask, attend, stamp } from "./tabs.js";
import { Unfinished, Upload, gone, idOf, takenUp } from "./uploading.js";
import { isNoSound, short } from "./uploads.js";
import { count } from "./words.js";

const LOOK_MS = 3000;
const input = document.getElementById("files");
const cover = document.getElementById("drop");

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
  for (const file of files) new Upload({ key: stamp(), name: file.name, size: file.size }, file);
}

const underWay = () => [...all].filter((entry) => UNDER_WAY.has(entry.state));

/** Go on with what the page before this one has left, or a tab that was closed. */
async function goOn() {
  for (const record of await takeOver().catch(() => [])) new Upload(record);
}

/** Ask the studio what was interrupted; what is sent elsewhere just now is the business of others. */
async function offer() {
  try {
    const answer = await fetch("/uploads", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const found = await answer.json();
    if (!found.length) return;
    const { sending } = await ask();
    const kept = (await records()).map(({ url }) => idOf(url));
    const taken = new Set([...sending, ...kept, ...[...all].map((entry) => entry.id)]);
    for (const one of found) if (!taken.has(one.id)) new Unfinished(one);
  } catch {
    // The studio is away: the page says so already.
  }
}

attend(
  () => underWay().flatMap((entry) => entry.id ?? []),
  ({ sending, gone: id }) => {
    takenUp(sending ?? []);
    if (id) gone(id);
  },
);

let depth = 0;
let isOurs = false; // dragged from within the page: not to be added
const wanted = (event) => (isOurs ? null : dragged(event));

function hover(event, step) {
  const what = wanted(event);
  if (!what || (what !== "files" && isTaken(event))) return;
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
  if (what && (what === "files" || !isTaken(event))) event.preventDefault();
});
window.addEventListener("drop", async (event) => {
  const what = wanted(event);
  depth = 0;
  cover.hidden = true;
  if (!what || (what !== "files" && isTaken(event))) return;
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
  if (!files.length && !isTaken(event)) recognise(text);
});
window.addEventListener("beforeunload", (event) => underWay().some(({ record }) => !isKept(record)) && event.preventDefault());
// Shown again as it was left, it knows nothing of what other pages have sent since.
window.addEventListener("pageshow", (event) => event.persisted && underWay().length && location.reload());
setInterval(goOn, LOOK_MS);
goOn().then(offer);
