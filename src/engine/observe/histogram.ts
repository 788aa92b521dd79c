/** Percentiles of times, without storing the times. */

/**
 * The distribution of many times, in ms. A percentile is never too low. It is too high by at most a
 * sixteenth or a microsecond, whichever is more.
 */
export interface Percentiles {
  /** Number of times. All other fields are 0 while there is none. */
  readonly count: number;
  /** The mean. */
  readonly mean: number;
  /** The median: half of the times are not longer. */
  readonly p50: number;
  /** 90 % of the times are not longer. */
  readonly p90: number;
  /** 99 % of the times are not longer. */
  readonly p99: number;
  /** The longest time. */
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

/**
 * Counts times in buckets: sixteen for each doubling, and none shorter than a microsecond. The
 * buckets are the log-linear ones of HdrHistogram (https://hdrhistogram.github.io/HdrHistogram/).
 */
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
