/**
 * Percentiles of times without keeping them: counts in buckets, sixteen to each doubling and none shorter than a microsecond. So a percentile
 * is never too low, and at most a sixteenth or a microsecond too high, whichever is more. (The log-linear buckets of HdrHistogram,
 * https://hdrhistogram.github.io/HdrHistogram/.)
 */
export interface Percentiles {
  readonly count: number;
  /** ms, like all that follow. */
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

const PER_OCTAVE = 16;
const BITS = 4;
const US_PER_MS = 1_000;
/** us from which on a time is no integer of 32 bits, and how many bits are left out then. */
const LONG = 2 ** 31;
const LEFT_OUT = 16;
/** us in the last bucket at the most: four years. */
const LARGEST = LONG * 2 ** LEFT_OUT - 1;
const BUCKETS = bucketOf(LARGEST) + 1;

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  add(ms: number): void {
    this.#count++;
    this.#sum += ms;
    if (ms > this.#max) this.#max = ms;
    this.#counts[bucketOf(Math.floor(Math.min(LARGEST, ms * US_PER_MS)))]!++;
  }

  /** All 0 while nothing was added. */
  percentiles(): Percentiles {
    const mean = this.#count === 0 ? 0 : this.#sum / this.#count;
    return { count: this.#count, mean, p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99), max: this.#max };
  }

  #at(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (let bucket = 0; bucket < BUCKETS && left > 0; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return Math.min(this.#max, endOf(bucket) / US_PER_MS);
    }
    return this.#max;
  }
}

/** The four bits below the first one tell the bucket within its doubling. */
function bucketOf(us: number): number {
  if (us < PER_OCTAVE) return us;
  if (us >= LONG) return bucketOf(Math.floor(us / 2 ** LEFT_OUT)) + LEFT_OUT * PER_OCTAVE;
  const shift = 31 - BITS - Math.clz32(us);
  return shift * PER_OCTAVE + (us >>> shift);
}

/** us */
function endOf(bucket: number): number {
  if (bucket < PER_OCTAVE) return bucket + 1;
  const shift = (bucket >> BITS) - 1;
  return ((bucket & (PER_OCTAVE - 1)) + PER_OCTAVE + 1) * 2 ** shift;
}
