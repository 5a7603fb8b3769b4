// What is asked of the studio, and what is said to a person: at the edge of the page, or in the dialog that is open.

const PATIENCE_MS = 60000;
const LONG_MS = 7000;
const MOST = 4; // of those that go by themselves; what is wrong stays until it is closed
const HELD = ":hover, :has(:focus-visible)"; // being read

const place = globalThis.document?.getElementById("notices");

/** Send fields as a form does. Throws where nobody answers. */
export async function post(address, fields = {}) {
  const answer = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "HX-Request": "true" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { ok: answer.ok, status: answer.status, html: await answer.text() };
}

/** Draw a part of the page again, as the page (or `data-from`) has it now. Where that fails, what is shown stays. */
export async function renew(part) {
  try {
    const answer = await fetch(part.dataset.from ?? location.href, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await answer.text();
    const hasIt = new DOMParser().parseFromString(text, "text/html").getElementById(part.id) !== null;
    if (!answer.ok || !hasIt || !part.isConnected) return;
    await window.htmx.swap({ text, select: `#${part.id}`, target: part, swap: "outerMorph", sourceElement: part });
  } catch {
    // The page says by itself that the studio is away.
  }
}

/** Say what went wrong. Said once more, it is the same notice. */
export function say(sentence, fix = "") {
  const notice = made("notice wrong", "alert", { sentence, fix });
  [...place.querySelectorAll(".wrong")].find((other) => other.textContent === notice.textContent)?.remove();
  place.append(notice);
}

/** Say something that nobody has to act upon; it goes by itself. */
export function mention(sentence) {
  const notice = made("notice toast", "status", { sentence });
  notice.dataset.fades = "";
  place.append(notice);
}

/** Show the notices of an answer of the studio. */
export function tell(html) {
  const answer = new DOMParser().parseFromString(html.replaceAll("hx-partial", "div"), "text/html");
  for (const notice of answer.querySelectorAll(".notice")) {
    place.append(notice);
    window.htmx.process(notice);
  }
}

// With the same face as those that the studio draws (errors/_notice.html, studio/_said.html).
function made(className, role, lines) {
  const notice = document.createElement("div");
  notice.className = className;
  notice.setAttribute("role", role);
  for (const [name, text] of Object.entries(lines)) {
    if (!text) continue;
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    notice.append(line);
  }
  const close = document.createElement("button");
  close.className = "close";
  close.type = "button";
  close.dataset.close = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  notice.append(close);
  return notice;
}

function fade(notice) {
  setTimeout(() => (notice.matches(HELD) ? fade(notice) : notice.remove()), Number(notice.dataset.fades) || LONG_MS);
}

let holding = null; // the notice that has the focus
let before = null; // what had it before

function arrange(changes) {
  follow();
  for (const { addedNodes } of changes)
    for (const notice of addedNodes) if (notice.matches?.("[data-fades]")) fade(notice);
  const toasts = [...place.querySelectorAll(":scope > .toast")];
  for (const old of toasts.slice(0, -MOST)) if (!old.matches(HELD)) old.remove();
  if (!holding || holding.isConnected) return;
  holding = null;
  if (document.activeElement !== document.body) return;
  const next = place.querySelector(".notice:last-child button") ?? (before?.isConnected ? before : document.getElementById("main"));
  next?.focus({ preventScroll: true });
}

// All that lies outside of an open dialog can be neither read nor touched: what is said goes where the person is.
function follow() {
  const home = document.querySelector("dialog:modal") ?? document.body;
  if (place.parentElement !== home) home.append(place);
}

function attend() {
  new MutationObserver(arrange).observe(place, { childList: true });
  for (const notice of place.querySelectorAll("[data-fades]")) fade(notice);
  document.addEventListener("close", follow, true);
  place.addEventListener("focusin", ({ target, relatedTarget }) => {
    holding = target.closest(".notice");
    if (relatedTarget && !place.contains(relatedTarget)) before = relatedTarget;
  });
  place.addEventListener("focusout", () => {
    // Later: a notice that goes away with the focus in it loses it too.
    setTimeout(() => holding?.isConnected && !holding.contains(document.activeElement) && (holding = null));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-close]")) event.target.closest(".notice").remove();
  });
}

if (place) attend();
