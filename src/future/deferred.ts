/** The writing end of a future that this program settles itself. */
import { Future } from './future.js';
import { DetachedOrigin } from './nobody.js';
import { fulfil, reject } from './settle.js';
import type { FutureState } from './state.js';

/**
 * A future and the means to settle it: to put something that is no task (a click, a message, a callback API) where futures are expected.
 *
 * ```ts
 * const confirmed = new Deferred<boolean>();
 * button.once('click', () => confirmed.resolve(true));
 * await confirmed.future;
 * ```
 *
 * The first of `resolve`, `reject` and `cancel` wins. Each answers whether it was this call that did it, and none throws.
 */
export class Deferred<T> {
  readonly future: Future<T>;
  readonly #origin: DetachedOrigin;

  /** @param name shown by `future.name`, inspection and warnings */
  constructor(name = 'Deferred') {
    this.#origin = new DetachedOrigin(name);
    this.future = new Future<T>(this.#origin);
  }

  /** Advances the future to `running`. */
  start(): boolean {
    if (this.future.isSettled || this.#origin.hasStarted) return false;
    this.#origin.hasStarted = true;
    return true;
  }

  /** Advances the future to `fulfilled`. */
  resolve(value: T): boolean {
    return fulfil(this.future, value);
  }

  /** Advances the future to `rejected`. */
  reject(reason?: unknown): boolean {
    return reject(this.future, reason);
  }

  /** Advances the future to `cancelled`. */
  cancel(reason?: unknown): boolean {
    return !this.future.isSettled && this.future.cancel(reason);
  }

  /** `Deferred { click #2, pending }` */
  toString(): string {
    return #origin in this
      ? `Deferred { ${this.future.name} #${this.future.id}, ${this.future.state} }`
      : 'Deferred {}';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** That of its future: never the value. */
  toJSON(): { id: number; name: string; state: FutureState } {
    return this.future.toJSON();
  }
}
