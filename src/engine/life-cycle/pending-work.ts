/**
 * How much an executor has to do, and with that the life of the process: it is kept alive while anything is pending, and not by a port that
 * listens or a thread that idles.
 */

import { outside } from '../../platform/context.js';
import { clearInterval, setInterval } from '../../platform/time.js';

export class PendingWork {
  #count = 0;
  #holds = 0;
  #whenIdle: (() => void)[] = [];
  readonly #keepAlive = outside(() => setInterval(() => {}, 2 ** 30).unref());

  /** Futures that have not settled, or whose callbacks have not run. */
  get count(): number {
    return this.#count;
  }

  began(): void {
    if (this.#count++ === 0) this.#keepAlive.ref();
  }

  ended(): void {
    if (--this.#count > 0) return;
    this.#rest();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Somebody waits for something else: a worker that starts, or ends. Paired with {@link letGo}. */
  hold(): void {
    this.#holds++;
    this.#keepAlive.ref();
  }

  letGo(): void {
    this.#holds--;
    this.#rest();
  }

  /** Resolves when nothing is pending: not for a moment only, since a callback of the last future may have begun another. */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  close(): void {
    clearInterval(this.#keepAlive);
  }

  #rest(): void {
    if (this.#count === 0 && this.#holds === 0) this.#keepAlive.unref();
  }
}
