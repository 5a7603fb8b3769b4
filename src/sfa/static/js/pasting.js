// Text and links that were pasted or dropped: the studio says what they are before anything is done with them.

import { post, say } from "./answers.js";

const sheet = document.getElementById("recognised");
const body = document.getElementById("recognised-body");
const words = document.getElementById("words");
const LINK = /^\s*<?(https?:\/\/|spotify:\w+:|(www\.|open\.|play\.)?spotify\.(com|link)\/|(www\.|m\.|music\.)?youtube\.com\/|youtu\.be\/)\S+\s*$/i;

/** Whether a text is one link and nothing else, so that nobody can have meant to search for it. */
export const isLink = (text) => LINK.test(text);

/** Show what the studio takes a text for. */
export async function recognise(text) {
  if (!text.trim()) return;
  try {
    const answer = await post("/recognise", { text });
    const shown = new DOMParser().parseFromString(answer.html, "text/html").body;
    if (!answer.ok) say(shown.querySelector(".sentence")?.textContent ?? "That could not be read.", shown.querySelector(".fix")?.textContent);
    else {
      body.replaceChildren(...shown.children);
      if (!sheet.open) sheet.showModal();
    }
  } catch {
    say("The studio does not answer.", "Wait a moment, then paste it again.");
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-recognise]")) return;
  event.preventDefault();
  recognise(event.target.elements.text.value);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("form[data-recognise] textarea")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// Pasted into the import box it is looked at without being asked for; the text stays, to be corrected.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (event.target.matches?.("form[data-recognise] textarea") && text.trim()) recognise(text);
  if (event.target === words && isLink(text)) {
    event.preventDefault();
    recognise(text);
  }
});

words?.form.addEventListener("submit", (event) => {
  if (!isLink(words.value)) return;
  event.preventDefault();
  recognise(words.value);
});
