// Where files come from: chosen, dropped, in folders, or pasted. What is no sound in a folder is left out.

import { isNoSound } from "./uploads.js";

/** The files of a drop, those in folders included, and the names of what could not be read or is no sound. */
export async function dropped(transfer) {
  // To be asked for before anything is waited for: the list is empty afterwards.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = [...transfer.files];
  const found = { files: [], leftOut: [], unread: [] };
  if (!entries.length) return { ...found, files };
  for (const entry of entries) {
    if (entry.isFile) await take(entry, found, false);
    else await walk(entry, found);
  }
  return found;
}

async function take(entry, found, inFolder) {
  try {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    if (inFolder && isNoSound(file)) found.leftOut.push(file.name);
    else found.files.push(file);
  } catch {
    found.unread.push(entry.name); // a link that leads nowhere, or a file that its owner keeps closed
  }
}

async function walk(folder, found) {
  const reader = folder.createReader();
  try {
    for (;;) {
      const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
      if (!part.length) return;
      for (const entry of part) {
        if (entry.name.startsWith(".")) continue;
        if (entry.isFile) await take(entry, found, true);
        else await walk(entry, found);
      }
    }
  } catch {
    found.unread.push(folder.name);
  }
}

/** Whether something is dragged over the page from outside of it, and what: files, a link, or words. */
export function dragged(event) {
  const types = event.dataTransfer?.types ?? [];
  if (types.includes("Files")) return "files";
  if (types.includes("text/uri-list")) return "link";
  return types.includes("text/plain") ? "text" : null;
}

/** Words and links of a drop. A list of links may hold comments. */
export function textOf(transfer) {
  const links = transfer.getData("text/uri-list").split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return links.length ? links.join("\n") : transfer.getData("text/plain");
}
