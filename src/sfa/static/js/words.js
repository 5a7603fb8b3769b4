// How quantities are written: as the server writes them (sfa/web/words.py, sfa/names.py).

/** Seconds as 3:25; with tenths, 3:25.1. */
export function clock(seconds, tenths = false) {
  const all = Math.max(0, tenths ? Math.floor(seconds * 10) / 10 : Math.floor(seconds));
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  const rest = tenths ? (all % 60).toFixed(1).padStart(4, "0") : String(Math.floor(all % 60)).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Bytes as 512 B, 3.4 MB, 2 GB. */
export function size(count) {
  let amount = count;
  for (const unit of ["B", "kB", "MB"]) {
    if (amount < 1024) return `${unit === "B" || amount >= 10 ? amount.toFixed(0) : amount.toFixed(1)} ${unit}`;
    amount /= 1024;
  }
  return `${amount >= 10 || Number.isInteger(amount) ? amount.toFixed(0) : amount.toFixed(1)} GB`;
}

/** A fader's gain in decibels, for people who do not see it. */
export function decibels(gain) {
  return gain > 0 ? `${(20 * Math.log10(gain)).toFixed(1)} dB` : "silent";
}

/** "1 file", "7 files". */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A place between left, -1, and right, 1. */
export function side(pan) {
  if (Math.abs(pan) < 0.005) return "in the middle";
  return `${Math.round(100 * Math.abs(pan))} % ${pan < 0 ? "left" : "right"}`;
}
