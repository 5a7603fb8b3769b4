// What the tests of the engine do in the page; each takes what the test told it.

const { Deck } = await import(`${told.base}/deck.js`);
const { Output } = await import(`${told.base}/output.js`);
const { Loader } = await import(`${told.base}/loader.js`);

async function render({ pack, frames, plan, start = 0, loop, before = [], worklet = true, decks = 1 }) {
  const context = new OfflineAudioContext(2, frames, 44100);
  if (!worklet) Object.defineProperty(context, "audioWorklet", { value: undefined });
  const output = new Output(context);
  const all = Array.from({ length: decks }, () => new Deck(output));
  const act = async (deck, [what, ...how]) => {
    if (what === "seek") deck.seekFrame(how[0]);
    else if (what === "loop") how[0] === null ? deck.loop(null) : deck.loop(how[0] / 44100, how[1] / 44100);
    else deck.stem(how[0])[what] = how[1] ?? true;
  };
  for (const deck of all) {
    deck.load(pack, start / 44100);
    if (loop) deck.loop(loop[0] / 44100, loop[1] / 44100);
    for (const one of before) await act(deck, one);
    await deck.settled();
    await deck.play();
    await deck.settled();
  }
  if (!worklet) output.fader.connect(context.destination), output.meter.disconnect(); // its limiter colours
  for (const [frame, ...what] of plan)
    context.suspend(frame / 44100).then(async () => {
      for (const deck of all) {
        await act(deck, what);
        await deck.settled();
      }
      context.resume();
    });
  const sound = await context.startRendering();
  const lag = worklet ? 0 : 127; // without its own limiter
  return packed([0, 1].map((side) => {
    const samples = new Float32Array(frames);
    samples.set(sound.getChannelData(side).subarray(0, frames - lag), lag);
    return samples;
  }));
}

/** Channels one after the other, as text. */
function packed(channels) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob(channels));
  });
}

async function decoded({ pack, stem }) {
  const { fetchSegments, segmentsOf } = await import(`${told.base}/pack.js`);
  const segments = [];
  for (let k = 0; k < segmentsOf(pack); k++)
    segments.push(...(await fetchSegments(pack, [k, k], new AbortController().signal)));
  return packed([0, 1].flatMap((side) => segments.map((channels) => channels[2 * stem + side])));
}

/** A sine instead of the stems, at another speed: its pitch, and how much louder it is than all else. */
async function bent({ pack, rate, hz }) {
  const frames = 1 << 16;
  const context = new OfflineAudioContext(2, frames, 44100);
  const output = new Output(context);
  await output.wake();
  const { ByWorklet } = await import(`${told.base}/by_worklet.js`);
  const one = { ...pack, stems: ["sine"], frames: 40 * pack.segmentFrames };
  const motor = new ByWorklet(context, one, () => {});
  motor.connect(0, context.destination);
  for (let k = 0; k < 12; k++) {
    const samples = Float32Array.from({ length: pack.segmentFrames }, (_, i) =>
      0.5 * Math.sin((2 * Math.PI * hz * (k * pack.segmentFrames + i)) / 44100));
    motor.add(k, [samples, samples.slice()]);
  }
  motor.setSpeed(rate);
  motor.play();
  await motor.settled();
  const sound = await context.startRendering();
  return packed([sound.getChannelData(0), sound.getChannelData(1)]);
}

/** What a loader asks for, and how much of it is kept, while a deck plays through the song and jumps about in it. */
async function hold({ pack }) {
  const [asked, kept] = [[], new Set()];
  let most = 0;
  const { fetch } = window;
  window.fetch = (url, how) => {
    asked.push(String(url).split("/").at(-1).split("-").map(Number));
    const other = asked.at(-1).map((k) => k % 8); // a long song made of a short one
    return fetch(`${pack.url}/${other[0]}-${Math.min(other[0] + asked.at(-1)[1] - asked.at(-1)[0], 7)}`, how);
  };
  const loader = new Loader({ ...pack, frames: 600 * 44100 }, {
    add: (k) => (kept.add(k), (most = Math.max(most, kept.size))),
    drop: (k) => kept.delete(k),
    trouble: () => {}, damaged: () => {}, broken: () => {},
  });
  loader.want(0, null, 2);
  while (!loader.isFull) await new Promise((resolve) => setTimeout(resolve, 5));
  const first = [...asked];
  for (let frame = 0; frame < 60 * 44100; frame += 30000) {
    loader.want(frame, null);
    await new Promise((resolve) => setTimeout(resolve, 8));
  }
  for (const frame of [9e6, 1e6, 2e7, 5e6]) {
    loader.jump(frame, { a: 4e6, b: 6e6 });
    while (!loader.isFull) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  loader.close();
  window.fetch = fetch;
  return { first, most, sizes: [...new Set(asked.map(([a, b]) => b - a + 1))].sort((a, b) => a - b),
           isAligned: asked.every(([a, b]) => a % (b - a + 1) === 0) };
}

/** Two stems, each frame its own number; the second segment comes at frame `late` of the output. */
async function hole({ pack, late, frames }) {
  const context = new OfflineAudioContext(4, frames, 44100);
  const output = new Output(context);
  await output.wake();
  const { ByWorklet } = await import(`${told.base}/by_worklet.js`);
  const size = pack.segmentFrames;
  const said = [];
  const motor = new ByWorklet(context, { ...pack, stems: ["one", "two"], frames: 3 * size }, ({ kind }) => said.push(kind));
  const merger = context.createChannelMerger(4);
  for (const stem of [0, 1]) {
    const sides = context.createChannelSplitter(2);
    motor.connect(stem, sides);
    for (const side of [0, 1]) sides.connect(merger, side, 2 * stem + side);
  }
  context.destination.channelInterpretation = "discrete";
  merger.connect(context.destination);
  const segment = (k) => [1, -1, 2, -2].map((sign) => Float32Array.from({ length: size }, (_, i) => sign * (k * size + i + 1)));
  motor.add(0, segment(0));
  motor.play();
  await motor.settled();
  context.suspend(late / 44100).then(async () => {
    motor.add(1, segment(1));
    motor.add(2, segment(2));
    await motor.settled();
    context.resume();
  });
  const sound = await context.startRendering();
  return { said, sound: await packed([0, 1, 2, 3].map((channel) => sound.getChannelData(channel))) };
}

/** Where a deck says it is in the moments after each of some seeks, with the sound card running. */
async function seekAbout({ pack, places }) {
  const deck = new Deck(new Output());
  deck.load(pack);
  await deck.play();
  const found = [];
  for (const place of places) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    deck.seek(place);
    const seen = [];
    for (let i = 0; i < 40; i++) {
      seen.push(deck.position());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    found.push(seen);
  }
  deck.pause();
  const stood = deck.position();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { found, status: deck.status, moved: Math.abs(deck.position() - stood) };
}

async function damage({ pack }) {
  const deck = new Deck(new Output(new OfflineAudioContext(2, 128, 44100)));
  const found = [];
  deck.addEventListener("damaged", ({ detail }) => found.push(detail));
  deck.load(pack);
  await deck.settled();
  return found;
}

/** Where a deck says it is after a loop was closed just before the ear gets to its end, with a slow sound card. */
async function closeLoop({ pack, latencyS, closedS, worklet }) {
  if (!worklet) delete BaseAudioContext.prototype.audioWorklet;
  Object.defineProperty(AudioContext.prototype, "outputLatency", { get: () => latencyS });
  const deck = new Deck(new Output());
  deck.load(pack);
  await deck.play();
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  while (deck.position() < 1) await pause();
  const b = deck.position() + closedS;
  deck.loop(b - 0.5, b);
  const seen = [];
  for (const end = performance.now() + 1500; performance.now() < end; await pause()) seen.push(deck.position() - b);
  deck.unload();
  return seen;
}
