// A limiter that looks ahead: what stays within full scale passes as it is, 127 frames later.

const LOOK = 128; // frames; the gain falls over so many before a peak
const CEILING = 1;
const RELEASE_S = 0.08;

class Limiter extends AudioWorkletProcessor {
  line = [new Float32Array(LOOK), new Float32Array(LOOK)];
  needed = new Float32Array(LOOK).fill(1); // gains that the last frames asked for
  least = new Float32Array(LOOK).fill(1); // the least of them, released slowly; averaged over the same stretch
  low = 0; // how many of `least` are below 1: with none of them the sum is exact
  held = 1;
  place = 0;
  release = 1 - Math.exp(-1 / (RELEASE_S * sampleRate));

  process([input], [output]) {
    const size = output[0].length;
    const left = input[0];
    const right = input[1] ?? left;
    for (let i = 0; i < size; i++) {
      const gain = this.step(left ? Math.max(Math.abs(left[i]), Math.abs(right[i])) : 0);
      for (let channel = 0; channel < 2; channel++) {
        const line = this.line[channel];
        line[this.place] = left ? (channel ? right : left)[i] : 0;
        const sample = line[(this.place + 1) % LOOK];
        output[channel][i] = gain === 1 ? sample : sample * gain;
      }
    }
    return true;
  }

  /** Take in the size of a frame; the gain for the frame that leaves. */
  step(size) {
    this.place = (this.place + 1) % LOOK;
    this.needed[this.place] = size > CEILING ? CEILING / size : 1;
    let least = 1;
    if (this.low || this.held < 1 || size > CEILING) for (const gain of this.needed) if (gain < least) least = gain;
    this.held = least < this.held ? least : this.held + (least - this.held) * this.release;
    if (this.held > 0.99999) this.held = 1;
    this.low += (this.held < 1) - (this.least[this.place] < 1);
    this.least[this.place] = this.held;
    if (!this.low) return 1;
    let sum = 0;
    for (const gain of this.least) sum += gain;
    return sum / LOOK;
  }
}

registerProcessor("sfa-limiter", Limiter);
