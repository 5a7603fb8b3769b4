// A deck's sound from the audio thread: see worklet/stems.js.

export class ByWorklet {
  /** @param {(report: object) => void} hear */
  constructor(context, pack, hear) {
    const count = pack.stems.length;
    this.node = new AudioWorkletNode(context, "sfa-stems", {
      numberOfInputs: 0,
      numberOfOutputs: count,
      outputChannelCount: Array(count).fill(2),
      processorOptions: { stems: count, frames: pack.frames, segmentFrames: pack.segmentFrames },
    });
    this.node.port.onmessage = ({ data }) => (data.kind === "pong" ? this.answered?.() : hear(data));
    this.node.onprocessorerror = () => hear({ kind: "died" });
  }

  connect(stem, node) {
    this.node.connect(node, stem);
  }

  add(k, channels) {
    this.#say({ do: "add", k, channels }, channels.map((samples) => samples.buffer));
  }

  drop(k) {
    this.#say({ do: "drop", k });
  }

  play() {
    this.#say({ do: "play" });
  }

  pause() {
    this.#say({ do: "pause" });
  }

  seek(frame, gen) {
    this.#say({ do: "seek", frame, gen });
  }

  /** `turn`: what is behind the end already goes on in the loop. */
  setLoop(loop, turn = false) {
    this.#say({ do: "setLoop", loop, turn });
  }

  setSpeed(speed) {
    this.#say({ do: "setSpeed", speed });
  }

  /** Resolves once all that was said before has been taken in. */
  settled() {
    return new Promise((resolve) => {
      this.answered = resolve;
      this.#say({ do: "ping" });
    });
  }

  close() {
    this.node.port.onmessage = null;
    this.node.disconnect();
    this.#say({ do: "close" });
  }

  #say(message, taken = []) {
    this.node.port.postMessage(message, taken);
  }
}
