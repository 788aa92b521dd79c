/**
 * Seeded pseudo-random numbers (mulberry32). The same seed makes the same choices, but does not
 * repeat the timing of threads.
 */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** Returns a number in [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns an integer in [0, end). @param {number} end */
  below(end) {
    return Math.floor(this.next() * end);
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }

  /**
   * Returns one of the items, with a probability proportional to its weight.
   * @template T
   * @param {readonly (readonly [number, T])[]} weighted
   * @returns {T}
   */
  pick(weighted) {
    let at = this.next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of weighted) {
      at -= weight;
      if (at < 0) return item;
    }
    return weighted[0][1];
  }
}
