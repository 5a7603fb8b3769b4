// The library page: files are chosen or dropped anywhere, each with its own progress, until their row takes over.

import { say } from "./live.js";
import { Lanes, Speed, fault, send } from "./uploads.js";
import { count, size } from "./words.js";

const form = document.getElementById("add");
const input = document.getElementById("files");
const uploads = document.getElementById("uploads");
const list = document.getElementById("tracks");
const cover = document.getElementById("drop");
const lanes = new Lanes();

const make = (tag, className, text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};

class Upload {
  constructor(file) {
    this.file = file;
    this.line = make("li", "upload");
    this.line.append(make("span", "file", file.name));
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `Upload of ${file.name}`);
    this.said = make("span", "said", "waits");
    this.acts = make("span", "acts");
    this.why = make("div", "why");
    this.line.append(this.bar, this.said, this.acts, this.why);
    uploads.append(this.line);
    this.job = () => this.run();
    this.queue();
  }

  queue() {
    this.abort = new AbortController();
    this.line.dataset.state = "waiting";
    this.why.replaceChildren();
    this.acts.replaceChildren(this.button("Cancel", () => this.cancel()));
    const wrong = fault(this.file, Number(form.dataset.limit), form.dataset.limitWords);
    if (wrong) this.fail(wrong.sentence, wrong.fix, false);
    else lanes.add(this.job);
  }

  button(text, act) {
    const button = make("button", "button small", text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  cancel() {
    lanes.drop(this.job);
    this.abort.abort();
    this.line.remove();
  }

  async run() {
    this.line.dataset.state = "sending";
    const speed = new Speed();
    try {
      const answer = await send(form.action, this.file, {
        signal: this.abort.signal,
        onProgress: (sent, total) => {
          this.bar.value = sent / total;
          const rate = speed.at(performance.now(), sent);
          this.said.textContent = `${Math.round((100 * sent) / total)} %${rate ? ` · ${size(rate)}/s` : ""}`;
        },
        onSent: () => {
          this.line.dataset.state = "storing";
          this.said.textContent = "storing";
        },
      });
      if (answer.ok) this.take(answer);
      else this.refuse(answer.html);
    } catch (error) {
      if (error.name !== "AbortError")
        this.fail("The upload broke off.", "The studio stopped answering, or the file changed meanwhile.", true);
    }
  }

  // The row of the track, rendered by the server, takes the place of the upload.
  async take({ html, known }) {
    const row = new DOMParser().parseFromString(html, "text/html").querySelector("li.track");
    const there = document.getElementById(row.id);
    if (!there) {
      list.prepend(row);
      window.htmx.process(row);
    }
    const shown = there ?? row;
    if (known) {
      this.line.dataset.state = "known";
      this.bar.hidden = true;
      this.said.textContent = "in the library already";
      this.acts.replaceChildren(this.button("OK", () => this.line.remove()));
      shown.scrollIntoView({ block: "center", behavior: "smooth" });
      shown.classList.add("shown");
    } else {
      this.line.remove();
    }
  }

  refuse(html) {
    this.why.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.children);
    this.fail("", "", true);
  }

  fail(sentence, fix, again) {
    this.line.dataset.state = "failed";
    this.said.textContent = "not added";
    if (sentence) this.why.replaceChildren(make("p", "sentence", sentence), make("p", "fix", fix));
    const dismiss = this.button("Dismiss", () => this.line.remove());
    this.acts.replaceChildren(...(again ? [this.button("Try again", () => this.queue())] : []), dismiss);
  }
}

/** The files of a drop, those in folders included. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    else {
      const reader = entry.createReader();
      for (;;) {
        const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!part.length) return;
        for (const inner of part) if (!inner.name.startsWith(".")) await walk(inner);
      }
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
let depth = 0;

function hover(event, step) {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = Math.max(0, depth + step);
  const files = event.dataTransfer.items?.length ?? 0;
  document.getElementById("drop-count").textContent = files ? count(files, "file") : "";
  cover.hidden = depth === 0;
}

window.addEventListener("dragenter", (event) => hover(event, 1));
window.addEventListener("dragleave", (event) => hover(event, -1));
window.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
window.addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = 0;
  cover.hidden = true;
  try {
    for (const file of await dropped(event.dataTransfer)) new Upload(file);
  } catch {
    say("That could not be read.", "Choose the files with the button instead.");
  }
});
input.addEventListener("change", () => {
  for (const file of input.files) new Upload(file);
  input.value = "";
});
window.addEventListener("paste", (event) => {
  for (const file of event.clipboardData?.files ?? []) new Upload(file);
});
window.addEventListener("beforeunload", (event) => lanes.busy && event.preventDefault());
