// What every page needs to stay true: the stream's health, rows of tracks that are new, notices that can be closed.

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
    live.dispatchEvent(new Event("reopen"));
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
  const list = document.querySelector("#found[data-plain=yes] #tracks");
  if (!list || !row?.matches("li.track")) return;
  const after = [...list.children].find((other) => other.matches(".more") || other.dataset.at < row.dataset.at);
  if (after?.matches(".more")) return; // older than what is shown: it comes with "Load more"
  const place = document.createElement("li");
  place.id = row.id;
  place.dataset.at = row.dataset.at;
  list.insertBefore(place, after ?? null);
  task.target = place;
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

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-close]")) event.target.closest(".notice").remove();
});

// The answer to a request that got none: htmx has nothing to show for it.
document.addEventListener("htmx:error", (event) => {
  if (event.target === live || !event.detail?.ctx) return;
  say("The studio does not answer.", "Wait a moment and try again.");
});

/** Show a notice made here, with the same face as those of the server. */
export function say(sentence, fix = "") {
  const notice = document.createElement("div");
  notice.className = "notice wrong";
  notice.setAttribute("role", "alert");
  for (const [name, text] of [["sentence", sentence], ["fix", fix]]) {
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    if (text) notice.append(line);
  }
  const close = document.createElement("button");
  close.className = "close";
  close.type = "button";
  close.dataset.close = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  notice.append(close);
  document.getElementById("notices").append(notice);
}

/** Show the notices of an answer of the server. */
export function tell(html) {
  const answer = new DOMParser().parseFromString(html.replaceAll("hx-partial", "div"), "text/html");
  for (const notice of answer.querySelectorAll(".notice")) {
    document.getElementById("notices").append(notice);
    window.htmx.process(notice);
  }
}
