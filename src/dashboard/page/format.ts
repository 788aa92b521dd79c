/** Texts of numbers and times: short, and of a width that changes little. */

const whole = new Intl.NumberFormat('en');
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** The sign for "not known". */
export const NONE = '–';

/** Returns `1,234`, and from a million on `1.23 M`. */
export function count(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return whole.format(Math.round(value));
}

/** Returns `0.4`, `12`, `1,234`. */
export function rate(value: number): string {
  return value > 0 && value < 10 ? oneDigit.format(value) : count(value);
}

/** Returns `0`, `412 µs`, `3.2 ms`, `1.4 s`, `2 m 03 s`, `1 h 02 m`. */
export function duration(ms: number): string {
  if (ms <= 0) return '0';
  if (ms < 0.9995) return `${Math.max(1, Math.round(ms * 1_000))} µs`;
  if (ms < 99.95) return `${oneDigit.format(ms)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${oneDigit.format(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

export function bytes(value: number | undefined): string {
  if (value === undefined) return NONE;
  if (value < 1e9) return `${oneDigit.format(value / 1e6)} MB`;
  return `${(value / 1e9).toFixed(2)} GB`;
}

export function percent(value: number | undefined): string {
  return value === undefined ? NONE : `${Math.round(value * 100)} %`;
}

/** Returns the time of day: `14:03:59`. */
export function clock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
