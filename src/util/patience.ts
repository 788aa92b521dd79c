/**
 * Decides whether it is worth waiting busily once more. Each failure in a row doubles the number of
 * times that are left out.
 *
 * A thread can wait in vain although the other thread is quick. The kernel may have put both on one
 * core. Then the other one can't run before this one sleeps.
 */

/** Number of failures in a row that are counted. After that many, 1 of 64 times is tried. */
const MAX_FAILURES = 6;

export class Patience {
  #failures = 0;
  #left = 0;

  /** Returns false if this time is left out. */
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
