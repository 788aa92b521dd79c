/**
 * Percentiles of times without storing the times. The times are counted in buckets: sixteen for
 * each doubling, and none shorter than a microsecond. A percentile is never too low. It is too high
 * by at most a sixteenth or a microsecond, whichever is more.
 *
 * The buckets are the log-linear ones of HdrHistogram
 * (https://hdrhistogram.github.io/HdrHistogram/).
 */
export interface Percentiles {
  readonly count: number;
  /** The mean in ms. The percentiles and the maximum are in ms too. */
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

const BUCKETS_PER_DOUBLING = 16;
const BUCKET_BITS = 4;
const US_PER_MS = 1_000;
/**
 * Times of this many us or more do not fit into a signed integer of 32 bits. `DROPPED_BITS` of
 * their bits are left out.
 */
const FIRST_LONG_TIME_US = 2 ** 31;
const DROPPED_BITS = 16;
/** The longest time in us that has a bucket: four years. Longer times are counted as this one. */
const LONGEST_TIME_US = FIRST_LONG_TIME_US * 2 ** DROPPED_BITS - 1;
const BUCKETS = bucketOf(LONGEST_TIME_US) + 1;

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  add(ms: number): void {
    this.#count++;
    this.#sum += ms;
    if (ms > this.#max) this.#max = ms;
    this.#counts[bucketOf(Math.floor(Math.min(LONGEST_TIME_US, ms * US_PER_MS)))]!++;
  }

  /** Returns the percentiles. All numbers are 0 while nothing was added. */
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

/**
 * Returns the bucket of a time in us. The four bits after the highest one select the bucket within
 * its doubling.
 */
function bucketOf(us: number): number {
  if (us < BUCKETS_PER_DOUBLING) return us;
  if (us >= FIRST_LONG_TIME_US)
    return bucketOf(Math.floor(us / 2 ** DROPPED_BITS)) + DROPPED_BITS * BUCKETS_PER_DOUBLING;
  const shift = 31 - BUCKET_BITS - Math.clz32(us);
  return shift * BUCKETS_PER_DOUBLING + (us >>> shift);
}

/** Returns the upper limit of a bucket in us. */
function endOf(bucket: number): number {
  if (bucket < BUCKETS_PER_DOUBLING) return bucket + 1;
  const shift = (bucket >> BUCKET_BITS) - 1;
  return ((bucket & (BUCKETS_PER_DOUBLING - 1)) + BUCKETS_PER_DOUBLING + 1) * 2 ** shift;
}
