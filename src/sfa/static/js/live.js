// What every page needs to stay true: the stream's health, rows of tracks that are new, controls that show what was sent.

import { renew, say } from "./answers.js";

const LOST_AFTER_MS = 3000; // shorter gaps are nobody's business
const SILENT_AFTER_MS = 40000; // the server speaks every 15 s

const live = document.getElementById("live");
const link = document.getElementById("link");

let connection = null;
let heard = performance.now();
let patience = 0;

function lost() {
  live.dataset.link = "lost";
  patience ||= setTimeout(() => (link.hidden = false), LOST_AFTER_MS); // counted from the first of many failures
}

function found(event) {
  connection = event.detail.connection;
  heard = performance.now();
  live.dataset.link = "open";
  clearTimeout(patience);
  patience = 0;
  link.hidden = true;
}

// Two things that the stream does not mend by itself: a first request that failed, and a connection whose other
// end is long gone though no error ever came of it, as on a machine that slept.
function check() {
  if (document.hidden) return;
  const silence = performance.now() - heard;
  if (!connection && silence > LOST_AFTER_MS) {
    heard = performance.now();
    lost();
    live.dispatchEvent(new Event("reopen")); // dropped where the first request still waits: hx-sync
  } else if (connection?.reader && silence > SILENT_AFTER_MS) {
    heard = performance.now();
    lost();
    connection.reader.cancel();
  }
}

// A row that the page does not have yet gets its place where the list shows everything, newest first. Any other
// list stays as it was asked for, under the hands of whoever works with it.
function makePlace(task) {
  const row = task.fragment.firstElementChild;
  const shown = document.querySelector("#found[data-plain=yes]");
  if (!shown || !row?.matches("li.track")) return;
  const list = shown.querySelector("#tracks");
  if (!list) {
    drawAgain(shown);
    return;
  }
  const after = [...list.children].find((other) => other.matches(".more") || other.dataset.at < row.dataset.at);
  if (after?.matches(".more")) return; // older than what is shown: it comes with "Load more"
  const place = document.createElement("li");
  place.id = row.id;
  place.dataset.at = row.dataset.at;
  list.insertBefore(place, after ?? null);
  task.target = place;
}

// The first song of an empty library. Many may come at once.
let drawing = Promise.resolve();
let isDue = false;
function drawAgain(shown) {
  if (isDue) return;
  isDue = true;
  drawing = drawing.then(() => {
    isDue = false;
    return renew(shown);
  });
}

if (live) {
  live.addEventListener("htmx:sse:after:connection", found);
  live.addEventListener("htmx:sse:after:message", () => (heard = performance.now()));
  live.addEventListener("htmx:sse:error", lost);
  live.addEventListener("htmx:sse:close", () => (connection = null));
  live.addEventListener("htmx:sse:before:connection", (event) => event.detail.connection.attempt > 0 && lost());
  document.addEventListener("htmx:before:swap", (event) => {
    for (const task of event.detail.tasks ?? []) if (task.type === "partial" && !task.target) makePlace(task);
  });
  setInterval(check, 1000);
}

// Once a person has touched it, a box or a list of options ignores the attribute that a morph gives it.
window.htmx.registerExtension("sfa-controls", {
  htmx_before_morph_attr(control, { attrName, newValue }) {
    if (attrName === "checked" || attrName === "selected") control[attrName] = newValue !== null;
  },
});

// The answer to a request that got none: htmx has nothing to show for it.
document.addEventListener("htmx:error", (event) => {
  if (event.target === live || !event.detail?.ctx) return;
  say("The studio does not answer.", "Wait a moment and try again.");
});
