// What `bench.player` does in a page. `window.bench` is there before any script of the page.

window.bench = (() => {
  const connect = AudioNode.prototype.connect;
  let tap = null;

  // Whatever goes to the sound card is heard here too.
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && this.context instanceof AudioContext) {
      tap = this.context.createAnalyser();
      tap.fftSize = 32768;
      connect.call(this, tap);
    }
    return connect.call(this, to, ...rest);
  };

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function sounds(began) {
    const samples = new Float32Array(32768);
    for (;;) {
      tap?.getFloatTimeDomainData(samples);
      if (samples.some((sample) => sample !== 0)) return performance.now() - began;
      await pause(1);
    }
  }

  async function click() {
    const began = performance.now();
    document.getElementById("play").click();
    return sounds(began);
  }

  /** A click at the first moment at which there is anything to click, before any sound has come. */
  const early = () =>
    new Promise((resolve) => document.addEventListener("DOMContentLoaded", () => resolve(click())));

  /** The plain way: every stem whole, decoded, started together. */
  async function whole(urls) {
    const began = performance.now();
    const context = new AudioContext({ sampleRate: 44100 });
    const buffers = await Promise.all(
      urls.map(async (url) => context.decodeAudioData(await (await fetch(url)).arrayBuffer())),
    );
    const at = context.currentTime + 0.02;
    for (const buffer of buffers) {
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(context.destination);
      source.start(at);
    }
    return sounds(began);
  }

  async function deckOn(base, pack, context) {
    const [{ Deck }, { Output }] = await Promise.all(["deck", "output"].map((name) => import(`${base}/${name}.js`)));
    const deck = new Deck(new Output(context));
    deck.load(pack);
    return deck;
  }

  const playing = (deck) =>
    new Promise((resolve) => {
      const look = () => deck.status === "playing" && (deck.removeEventListener("change", look), resolve());
      deck.addEventListener("change", look);
      look();
    });

  /** Jumps to places never heard before, and how long each takes; then so many seconds of plain listening. */
  async function seeks({ base, pack, places, listenS }) {
    const deck = await deckOn(base, pack);
    await deck.play();
    await playing(deck);
    const took = [];
    for (const place of places) {
      await pause(400);
      const began = performance.now();
      deck.seek(place);
      await playing(deck);
      took.push(performance.now() - began);
    }
    let waits = 0;
    deck.addEventListener("change", () => (waits += deck.status === "buffering"));
    const [from, clock] = [deck.position(), performance.now()];
    await pause(1000 * listenS);
    const drift = deck.position() - from - (performance.now() - clock) / 1000;
    return { took, waits, driftS: drift };
  }

  /** Samples of later rounds of a loop that are not those of the first. */
  async function loop({ base, pack, a, b, rounds }) {
    const first = Math.round(a * 44100);
    const size = Math.round(b * 44100) - first;
    const context = new OfflineAudioContext(2, first + rounds * size + 127, 44100);
    const deck = await deckOn(base, pack, context);
    deck.loop(a, b);
    await deck.settled();
    await deck.play();
    await deck.settled();
    const samples = (await context.startRendering()).getChannelData(0).subarray(127 + first);
    let off = 0;
    for (let i = size; i < rounds * size; i++) off += samples[i] !== samples[i % size];
    return { off, of: (rounds - 1) * size, loudest: samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0) };
  }

  return { click, early: location.hash === "#early" ? early() : null, whole, seeks, loop };
})();
