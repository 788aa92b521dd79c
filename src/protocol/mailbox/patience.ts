/**
 * Decides whether busy polling is worth another attempt. Each failed attempt in a row doubles the
 * number of attempts that are left out.
 *
 * Polling can fail although the other thread is quick. If the kernel has put both threads on one
 * core, the other thread can't run while this thread polls.
 */

/**
 * Maximum number of failures in a row that are counted. After so many failures, one of 64 attempts
 * is made.
 */
const MAX_FAILURES = 6;

export class Patience {
  #failures = 0;
  #left = 0;

  /** Returns false if this attempt is left out. */
  isWorthTrying(): boolean {
    if (this.#left === 0) return true;
    this.#left--;
    return false;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures = Math.min(this.#failures + 1, MAX_FAILURES);
    this.#left = (1 << this.#failures) - 1;
  }
}
