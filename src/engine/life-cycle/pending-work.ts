/**
 * Counts the pending work of an executor and keeps the process alive for it. The process lives
 * while anything is pending. An open port or an idle thread does not keep it alive (G13).
 */

import { outside } from '#platform/context';
import { clearInterval, ref, setInterval, unref } from '#platform/time';

export class PendingWork {
  #count = 0;
  #holds = 0;
  #whenIdle: (() => void)[] = [];
  readonly #keepAlive = outside(() => unref(setInterval(() => {}, 2 ** 30)));

  /** Number of futures that have not settled, or whose callbacks have not run. */
  get count(): number {
    return this.#count;
  }

  added(): void {
    if (this.#count++ === 0) ref(this.#keepAlive);
  }

  ended(): void {
    if (--this.#count > 0) return;
    this.#unrefIfIdle();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /**
   * Keeps the process alive for other work, such as a worker that starts or ends. Each call is
   * paired with a call of {@link letGo}.
   */
  hold(): void {
    this.#holds++;
    ref(this.#keepAlive);
  }

  letGo(): void {
    this.#holds--;
    this.#unrefIfIdle();
  }

  /**
   * Resolves when nothing is pending. The count is checked again after each wake-up, because a
   * callback of the last future may have started new work.
   */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  close(): void {
    clearInterval(this.#keepAlive);
  }

  #unrefIfIdle(): void {
    if (this.#count === 0 && this.#holds === 0) unref(this.#keepAlive);
  }
}
