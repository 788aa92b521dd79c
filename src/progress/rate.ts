/** How fast something happens now: what the rate and the ETA of `progress` and of bars are made of. Pure: it is told the time. */

/**
 * A moving average: outcomes over time, both with weights that fade.
 *
 * It is the estimate of tqdm, the ratio of two averages (https://github.com/tqdm/tqdm, std.py, `_ema_dn() / _ema_dt()`), with weights that
 * fade with time as those of indicatif do (https://github.com/console-rs/indicatif/pull/539): a tenth is left after 15 s. Where outcomes
 * come seldom, that would make an average of one or two; so a single gap never takes more than a tenth, as a fixed smoothing factor does.
 *
 * It is tempting to average the rates of the gaps, 1 / gap, but tasks of equal length end in bursts, one from each worker: a gap of
 * 10 s and then fifteen of 1 ms. The ratio gets such waves right; the average of rates jumps with each of them.
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
    // What was there from the beginning says nothing of the pace.
    if (now === this.#start) return;
    const gap = now - this.#last;
    const weight = fade(gap);
    this.#outcomes = this.#outcomes * weight + 1;
    this.#time = this.#time * weight + gap;
    this.#last = now;
  }

  /** Outcomes per ms; 0 while nothing is known. Falls when the next one is later than the pace so far lets expect. */
  at(now: number): number {
    if (this.#time === 0) return 0;
    const gap = now - this.#last;
    const weight = fade(gap);
    const ifOneCameNow = (this.#outcomes * weight + 1) / (this.#time * weight + gap);
    return Math.min(this.#outcomes / this.#time, ifOneCameNow);
  }
}

/** ms after which a tenth of the weight is left. indicatif's choice. */
const MEMORY = 15_000;

/** The least weight that a gap of any length leaves to what was before it: nine tenths of the weight are in the last 22 outcomes then. */
const LEAST = 0.9;

function fade(gap: number): number {
  return Math.max(0.1 ** (gap / MEMORY), LEAST);
}
