// A pack: all stems of a song in short segments, as the server keeps them. Fetched and decoded here, nothing kept.

export const RATE = 44100;

const PATIENCE_MS = 20000; // for one answer; what takes longer will not come

/**
 * @typedef {object} Pack
 * @property {string} url            address of the pack; a span is below it
 * @property {string[]} stems        in the order in which they lie in each segment
 * @property {number} frames         of the song
 * @property {number} segmentFrames  of every segment; the last one ends in silence
 * @property {number} gain           by which the stems are lower than they are in the mix
 */

/** What cannot be mended by asking again: a sentence, and the way out. */
export class Broken extends Error {
  constructor(sentence, fix = "") {
    super(sentence);
    this.fix = fix;
  }
}

export const segmentsOf = (pack) => Math.ceil(pack.frames / pack.segmentFrames);

/**
 * Segments `first` to `last`, each as one Float32Array per stem and channel: left, right, left, right …
 * A stream that cannot be decoded is silence, and `damaged(stem, segment)` hears of it.
 *
 * @throws {Broken} when the server has no such sound any more
 * @throws {Error} when asking again may help
 */
export async function fetchSegments(pack, [first, last], signal, damaged = () => {}) {
  const late = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(`${pack.url}/${first}-${last}`, { signal: AbortSignal.any([signal, late]) });
  if (!response.ok) throw await refusal(response);
  const bytes = await response.arrayBuffer();
  const decoder = new OfflineAudioContext(2, 1, RATE);
  return Promise.all(
    unpack(bytes, pack.stems.length).map(async (streams, place) => {
      const decoded = await Promise.all(
        streams.map((stream, stem) =>
          decode(decoder, stream, pack.segmentFrames).catch(() => {
            damaged(pack.stems[stem], first + place);
            return [new Float32Array(pack.segmentFrames), new Float32Array(pack.segmentFrames)];
          }),
        ),
      );
      return decoded.flat();
    }),
  );
}

/** Why the server did not answer with sound: a Broken, or another error when asking again may help. */
export async function refusal(response) {
  if (response.status >= 500 || response.status === 429) return new Error(`${response.status}`);
  const said = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("h1");
  const sentence = said?.textContent.trim() || "The server does not give this sound out.";
  return new Broken(sentence, said?.nextElementSibling?.textContent.trim() || "Load the page again.");
}

/** The streams of each segment, cut out: decoding takes their memory away. */
export function unpack(bytes, stems) {
  const view = new DataView(bytes);
  const segments = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const lengths = Array.from({ length: stems }, (_, stem) => view.getUint32(at + 4 * stem, true));
    at += 4 * stems;
    segments.push(lengths.map((length) => bytes.slice(at, (at += length))));
  }
  return segments;
}

async function decode(decoder, stream, frames) {
  const sound = await decoder.decodeAudioData(stream);
  if (sound.length !== frames || sound.numberOfChannels !== 2) throw new Error("not a segment");
  return [0, 1].map((channel) => {
    const samples = new Float32Array(frames);
    sound.copyFromChannel(samples, channel);
    return samples;
  });
}
