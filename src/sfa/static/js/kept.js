// Files that are still to be sent lie in the browser's own store, so that whichever page comes next goes on with them.
// Each belongs to a tab. What a tab has left behind is taken over by one other.

import { alive, me } from "./tabs.js";

const MOST = 8 * 2 ** 30; // of all of them; the browser may allow far less
const SHARE = 8; // one file may take so much of that
const UNTOLD = 4 * 2 ** 30; // taken for the browser's limit where it tells none

const mine = new Map(); // what this page has in the store or on its way there, by its key: how many bytes
const safe = new Set(); // the keys of what is there
const queue = [];
let opening = null;
let isWriting = false;
let missing = null; // the tabs that were, at the last look

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("sfa.uploads", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("records", { keyPath: "key" });
      request.result.createObjectStore("files");
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** What a transaction has found, once it is through. Writing transactions run one after the other, in whichever tabs. */
async function run(mode, act) {
  const store = await open();
  return new Promise((resolve, reject) => {
    const work = store.transaction(["records", "files"], mode);
    work.onabort = () => reject(work.error);
    try {
      const found = act(work.objectStore("records"), work.objectStore("files"));
      work.oncomplete = () => resolve(found.result);
    } catch (error) {
      work.abort();
      reject(error);
    }
  });
}

/** Whether a page that comes after this one finds it. */
export const isKept = ({ key }) => safe.has(key);

/** Keep a file and its record, `{ key, size, … }`, until they are forgotten; whether that can be. Of many the smallest is first. */
export function keep(record, file) {
  return new Promise((resolve) => {
    queue.push({ record, file, resolve });
    if (!isWriting) write();
  });
}

async function write() {
  isWriting = true;
  while (queue.length) {
    const next = queue.reduce((least, one, n) => (one.file.size < queue[least].file.size ? n : least), 0);
    const [{ record, file, resolve }] = queue.splice(next, 1);
    mine.set(record.key, file.size);
    const isThere = await put(record, file).catch(() => false); // the browser refuses, or its disk is full
    if (!isThere) mine.delete(record.key);
    else if (mine.has(record.key)) safe.add(record.key);
    resolve(isThere);
  }
  isWriting = false;
}

async function put(record, file) {
  record.owner = await me();
  if (!(await fits(file)) || !mine.has(record.key)) return false;
  await run("readwrite", (records, files) => (files.put(file, record.key), records.put(record)));
  return true;
}

async function fits(file) {
  const held = [...mine.values()].reduce((sum, bytes) => sum + bytes, -file.size);
  const { quota = UNTOLD, usage = held } = (await navigator.storage?.estimate?.()) ?? {};
  const most = Math.min(MOST, quota / 2);
  return file.size <= most / SHARE && Math.max(usage, held) + file.size <= most;
}

/** Change what is told of a kept file. */
export function note(record, told) {
  Object.assign(record, told);
  if (!mine.has(record.key)) return;
  const change = (records) => {
    const found = records.get(record.key);
    found.onsuccess = () => found.result && records.put(record);
    return found;
  };
  run("readwrite", change).catch(() => null);
}

export function forget({ key }) {
  for (let n = queue.length - 1; n >= 0; n -= 1) if (queue[n].record.key === key) queue.splice(n, 1)[0].resolve(false);
  safe.delete(key);
  if (mine.delete(key)) run("readwrite", (records, files) => (files.delete(key), records.delete(key))).catch(() => null);
}

/** All that is kept, whoever sends it, in the order in which it was added. */
export const records = () => run("readonly", (all) => all.getAll()).catch(() => []);

export const fileOf = ({ key }) => run("readonly", (_, files) => files.get(key));

/**
 * The records that belong to this page from now on: what the page before it in this tab left, and what tabs left that
 * are gone. A tab that is between two pages looks gone too: except at the first look, it has to be missing twice.
 */
export async function takeOver() {
  const others = (await records()).filter(({ key }) => !mine.has(key));
  const before = missing;
  missing = new Set();
  if (!others.length) return [];
  const self = await me();
  const living = await alive();
  missing = new Set(others.map(({ owner }) => owner).filter((owner) => !living.has(owner)));
  const wanted = new Set([self, ...missing].filter((owner) => owner === self || !before || before.has(owner)));
  const taken = [];
  const take = (all) => {
    const found = all.getAll();
    found.onsuccess = () => {
      for (const record of found.result) {
        if (mine.has(record.key) || !wanted.has(record.owner)) continue;
        mine.set(record.key, record.size);
        safe.add(record.key);
        taken.push(Object.assign(record, { owner: self }));
        all.put(record);
      }
    };
    return found;
  };
  await run("readwrite", take);
  return taken;
}
