// Waveforms, curves and heat maps on a canvas. A canvas is as wide as the window onto the timeline, and is
// drawn again when that window moves; while a song plays nothing is drawn at all.

/** Largest peak behind each pixel column of the window from second `from` to `to`. */
export function columns(peaks, secondsPerPeak, from, to, width) {
  const out = new Uint8Array(width);
  const perColumn = (to - from) / width / secondsPerPeak;
  for (let x = 0; x < width; x += 1) {
    const start = from / secondsPerPeak + x * perColumn;
    const last = Math.min(peaks.length - 1, Math.max(Math.floor(start), Math.ceil(start + perColumn) - 1));
    let most = 0;
    for (let i = Math.max(0, Math.floor(start)); i <= last; i += 1) if (peaks[i] > most) most = peaks[i];
    out[x] = most;
  }
  return out;
}

/** Half-precision floats as numbers; not every browser has an array for them. */
export function halves(bytes) {
  const view = new DataView(bytes);
  const out = new Float32Array(view.byteLength / 2);
  for (let i = 0; i < out.length; i += 1) {
    const bits = view.getUint16(2 * i, true);
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 31) out[i] = fraction ? NaN : sign * Infinity;
    else out[i] = sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  }
  return out;
}

/** The canvas at the screen's own resolution, empty, and its size in CSS pixels. */
export function fresh(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height, scale };
}

export function drawWave(canvas, peaks, secondsPerPeak, { from, to, loudest }) {
  const { pen, width, height, scale } = fresh(canvas);
  if (!width) return;
  const dots = Math.round(width * scale);
  const high = columns(peaks, secondsPerPeak, from, to, dots);
  const middle = height / 2;
  const reach = (height / 2 - 4) / Math.max(loudest, 1);
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.beginPath();
  pen.moveTo(0, middle);
  for (let x = 0; x < dots; x += 1) pen.lineTo(x / scale, middle - Math.max(0.5, high[x] * reach));
  for (let x = dots - 1; x >= 0; x -= 1) pen.lineTo(x / scale, middle + Math.max(0.5, high[x] * reach));
  pen.fill();
}

export function drawLine(canvas, curve, { from, to }) {
  const { pen, width, height } = fresh(canvas);
  const known = curve.values.filter(Number.isFinite);
  if (!width || !known.length) return;
  const sorted = Float32Array.from(known).sort();
  const top = sorted.at(-1);
  const floor = Math.max(sorted[0], top - 30); // the silence before a song is not its shape
  const x = (i) => ((curve.start + i * curve.hop - from) / (to - from)) * width;
  const y = (value) => height - 5 - ((Math.max(value, floor) - floor) / Math.max(top - floor, 1)) * (height - 10);
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.fillStyle = `color-mix(in oklab, ${pen.strokeStyle} 16%, transparent)`;
  const first = Math.max(0, Math.floor((from - curve.start) / curve.hop) - 1);
  const last = Math.min(curve.values.length - 1, Math.ceil((to - curve.start) / curve.hop) + 1);
  const stride = Math.max(1, Math.floor((last - first) / (2 * width)));
  pen.beginPath();
  for (let i = first; i <= last; i += stride) {
    const value = curve.values[i];
    pen.lineTo(x(i), Number.isFinite(value) ? y(value) : height - 5);
  }
  pen.lineWidth = 1.4;
  pen.lineJoin = "round";
  pen.stroke();
  pen.lineTo(x(last), height);
  pen.lineTo(x(first), height);
  pen.fill();
}

// From the ground to the strongest through amber: even steps to the eye, also to one that does not tell red
// from green.
const DARK = [[10, 11, 15], [58, 42, 62], [128, 74, 62], [205, 128, 52], [248, 205, 100], [255, 244, 205]];
const LIGHT = [[250, 251, 252], [252, 226, 172], [240, 176, 92], [203, 112, 66], [128, 62, 78], [46, 30, 56]];

/** The colour of a value from 0 to 1, on dark ground or on light. */
export function heat(value, dark = true) {
  const ramp = dark ? DARK : LIGHT;
  const place = Math.min(Math.max(value, 0), 1) * (ramp.length - 1);
  const low = Math.min(Math.floor(place), ramp.length - 2);
  return ramp[low].map((channel, i) => Math.round(channel + (ramp[low + 1][i] - channel) * (place - low)));
}

/** A (rows, n) curve as a picture, one pixel a value, row 0 at the bottom; made once, then scaled. */
export function heatPicture(curve, dark) {
  const [rows, n] = curve.shape;
  const most = curve.values.reduce((high, value) => (value > high ? value : high), 0) || 1;
  const picture = new OffscreenCanvas(Math.max(n, 1), rows);
  const pen = picture.getContext("2d");
  const pixels = pen.createImageData(Math.max(n, 1), rows);
  for (let row = 0; row < rows; row += 1)
    for (let i = 0; i < n; i += 1) {
      const colour = heat((curve.values[row * n + i] / most) ** 1.4, dark);
      pixels.data.set([...colour, 255], 4 * ((rows - 1 - row) * n + i));
    }
  pen.putImageData(pixels, 0, 0);
  return picture;
}

export function drawHeat(canvas, curve, { from, to }) {
  const { pen, width, height } = fresh(canvas);
  if (!width) return;
  const [, n] = curve.shape;
  const dark = window.isDark();
  if (curve.dark !== dark) Object.assign(curve, { dark, picture: heatPicture(curve, dark) });
  const begin = (from - curve.start) / curve.hop;
  const end = (to - curve.start) / curve.hop;
  pen.imageSmoothingEnabled = end - begin > width;
  pen.imageSmoothingQuality = "high";
  const scale = width / (end - begin);
  pen.drawImage(curve.picture, 0, 0, n, curve.shape[0], -begin * scale, 0, n * scale, height);
}

export function drawRuler(canvas, marks, { from, to }) {
  const { pen, width, height } = fresh(canvas);
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.font = `500 11px ${getComputedStyle(document.body).getPropertyValue("--mono")}`;
  for (const { at, text, strong } of marks) {
    const x = ((at - from) / (to - from)) * width;
    if (x < -60 || x > width) continue;
    pen.globalAlpha = strong ? 1 : 0.4;
    pen.fillRect(Math.round(x), text ? 4 : height - 7, 1, text ? height - 4 : 7);
    if (text) pen.fillText(text, Math.round(x) + 5, 15);
  }
  pen.globalAlpha = 1;
}
