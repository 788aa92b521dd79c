/**
 * The current rate of outcomes, for the rate and the ETA of `progress` and of bars. This module is
 * pure: the caller passes the time.
 */

/**
 * A moving average: the number of outcomes divided by time. The weights of both fade.
 *
 * The estimate is that of tqdm, the ratio of two averages (https://github.com/tqdm/tqdm, std.py,
 * `_ema_dn() / _ema_dt()`). Its weights fade with time, as those of indicatif do
 * (https://github.com/console-rs/indicatif/pull/539): a tenth of the weight is left after 15 s. If
 * outcomes are rare, such an average would cover one or two of them. Therefore a single gap never
 * removes more than a tenth of the weight, as with a fixed smoothing factor.
 *
 * It is tempting to average the rates of the gaps, 1 / gap. But tasks of equal length end in
 * bursts, one from each worker: a gap of 10 s, then fifteen gaps of 1 ms. The ratio of averages is
 * correct for such bursts. An average of rates would jump at each of them.
 */
export class Rate {
  readonly #start: number;
  #last: number;
  #outcomes = 0;
  #time = 0;

  constructor(now: number) {
    this.#start = now;
    this.#last = now;
  }

  record(now: number): void {
    // Outcomes that exist at the start say nothing about the rate.
    if (now === this.#start) return;
    const gap = now - this.#last;
    const weight = fade(gap);
    this.#outcomes = this.#outcomes * weight + 1;
    this.#time = this.#time * weight + gap;
    this.#last = now;
  }

  /**
   * Returns the outcomes per ms; 0 if no rate is known yet. The result falls when the next outcome
   * is later than the rate so far predicts.
   */
  at(now: number): number {
    if (this.#time === 0) return 0;
    const gap = now - this.#last;
    const weight = fade(gap);
    const rateWithOutcomeNow = (this.#outcomes * weight + 1) / (this.#time * weight + gap);
    return Math.min(this.#outcomes / this.#time, rateWithOutcomeNow);
  }
}

/** Time in ms after which a tenth of the weight is left. This is the value of indicatif. */
const FADE_TIME_MS = 15_000;

/**
 * Smallest weight that a gap of any length leaves to the outcomes before it. With 0.9, the last 22
 * outcomes have nine tenths of the weight.
 */
const MIN_WEIGHT = 0.9;

function fade(gap: number): number {
  return Math.max(0.1 ** (gap / FADE_TIME_MS), MIN_WEIGHT);
}
