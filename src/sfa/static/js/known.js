// Which files need not be sent, because the library has them: hashed here one after the other, asked for many at once.

import { HASHED } from "./uploads.js";

const TOGETHER = 100;
const AFTER_MS = 250;
const ANSWER_MS = 15000;
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

let turn = Promise.resolve(); // one at a time: each is held in memory whole
let hashing = 0;
let asking = [];
let timer = 0;

/**
 * The SHA-256 of a file, and the track that it is, if the library has it. Nothing of either where the browser
 * does not hash, as on an insecure address, or where the file is large.
 * @throws what the browser throws when the file cannot be read any more
 */
export async function look(file, signal) {
  if (!globalThis.crypto?.subtle || file.size > HASHED) return { sha256: null, track: null };
  hashing += 1;
  const mine = turn
    .then(async () => {
      signal.throwIfAborted();
      return hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    })
    .finally(() => (hashing -= 1));
  turn = mine.catch(() => null);
  const sha256 = await mine;
  signal.throwIfAborted();
  return { sha256, track: await ask(sha256) };
}

/** The track that a file is, if the library has it. */
export function ask(sha256) {
  return new Promise((resolve) => {
    asking.push({ sha256, resolve });
    if (asking.length >= TOGETHER) return send();
    // Those that come in one go are asked for in one go.
    if (hashing > 0) timer ||= setTimeout(send, AFTER_MS);
    else timer = (clearTimeout(timer), setTimeout(send));
  });
}

async function send() {
  clearTimeout(timer);
  timer = 0;
  const asked = asking;
  asking = [];
  let known = {};
  try {
    const body = [...new Set(asked.map((one) => one.sha256))].join("\n");
    const headers = { "Content-Type": "text/plain" };
    const answer = await fetch("/uploads/known", { method: "POST", body, headers, signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) known = await answer.json();
  } catch {
    // It only saves the way: what is not known to be there is sent.
  }
  for (const { sha256, resolve } of asked) resolve(known[sha256] ?? null);
}
