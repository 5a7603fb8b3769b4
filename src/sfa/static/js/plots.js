// Plots below the player: a click goes there, the playhead runs through all of them.

/** Which moment a pointer is at, in a field that shows so many seconds from edge to edge. */
export function momentAt(clientX, box, lengthS) {
  return Math.min(1, Math.max(0, (clientX - box.left) / box.width)) * lengthS;
}

const fieldAt = (target) => target.closest?.(".plot [data-length-s] .field");

function follow(event) {
  const field = fieldAt(event.target);
  for (const one of document.querySelectorAll(".plots [data-at]")) if (one !== field) delete one.dataset.at;
  if (!field) return;
  const box = field.getBoundingClientRect();
  const lengthS = Number(field.closest("[data-length-s]").dataset.lengthS);
  const at = momentAt(event.clientX, box, lengthS);
  field.dataset.at = `${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, "0")}`;
  field.style.setProperty("--at", `${(100 * at) / lengthS}%`);
}

function seek(event) {
  const field = fieldAt(event.target);
  if (!field) return;
  const lengthS = Number(field.closest("[data-length-s]").dataset.lengthS);
  const seconds = momentAt(event.clientX, field.getBoundingClientRect(), lengthS);
  field.dispatchEvent(new CustomEvent("sfa:seek", { bubbles: true, detail: { seconds } }));
}

/** The player says where it is on its ruler; the plots only look there. */
function showPlayhead() {
  const ruler = document.getElementById("ruler");
  if (!ruler) return;
  const show = () => {
    const share = Number(ruler.getAttribute("aria-valuenow")) / Number(ruler.getAttribute("aria-valuemax"));
    document.getElementById("plots")?.style.setProperty("--now", `${(100 * (share || 0)).toFixed(3)}%`);
  };
  new MutationObserver(show).observe(ruler, { attributeFilter: ["aria-valuenow"] });
  show();
}

if (typeof document !== "undefined") {
  document.addEventListener("click", seek);
  document.addEventListener("pointermove", follow, { passive: true });
  showPlayhead();
}
