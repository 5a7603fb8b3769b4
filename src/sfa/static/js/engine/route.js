// Which segments will be heard, in which order, and which of them to ask for next. Numbers only.

const MOST = 16; // segments of one request

/** Whether a deck at `frame` will turn back at the end of the loop; one that stands behind it goes on. */
export const isInside = (loop, frame) => Boolean(loop) && frame < loop.b;

/** Where a frame at or behind the end of a loop would be, had the loop been there before. */
export const turnedBack = ({ a, b }, frame) => a + ((frame - b) % (b - a));

/**
 * The next `most` segments in the order in which they are heard from `frame` on, each once.
 *
 * @param {{frames: number, segmentFrames: number}} pack
 * @param {{a: number, b: number} | null} loop
 */
export function route(pack, frame, loop, most) {
  const found = new Set();
  const walk = (from, to) => {
    const last = from < to ? Math.ceil(to / pack.segmentFrames) - 1 : -1;
    for (let k = Math.floor(from / pack.segmentFrames); k <= last && found.size < most; k++) found.add(k);
  };
  if (isInside(loop, frame)) {
    walk(frame, loop.b);
    walk(loop.a, loop.b);
  } else walk(frame, pack.frames);
  return [...found];
}

/**
 * The first and last segment to ask for; null when nothing is missing. The server sends aligned powers of two
 * only, so that what was fetched once is found again in the browser's store.
 *
 * @param {number[]} wanted          in the order in which they are needed
 * @param {(k: number) => boolean} isFree  neither here nor on its way
 * @param {number} burst             at most so many
 * @param {number} count             segments of the song
 */
export function nextSpan(wanted, isFree, burst, count) {
  const first = wanted.find(isFree);
  if (first === undefined) return null;
  const among = new Set(wanted);
  const fits = (k) => k >= count || (among.has(k) && isFree(k));
  let size = 1;
  while (first + size < count && 2 * size <= Math.min(burst, MOST) && first % (2 * size) === 0) {
    if (!Array.from({ length: size }, (_, i) => first + size + i).every(fits)) break;
    size *= 2;
  }
  return [first, first + size - 1];
}

/**
 * How many segments to ask for at once. An answer is of use only once its last byte is here: it must not take
 * longer than half of what is buffered lasts.
 *
 * @param {number} aheadS    seconds of sound that are here, without a gap
 * @param {number} speed     seconds of sound that arrive in a second; 0 when not known yet
 * @param {number} segmentS  length of a segment
 */
export function burst(aheadS, speed, segmentS) {
  return Math.max(1, Math.min(MOST, Math.floor((0.5 * aheadS * (speed || 1)) / segmentS)));
}
