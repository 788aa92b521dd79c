/** The writing end of a future that this program settles itself. */
import { adoptPromise } from './adopt.js';
import { Future } from './future.js';
import { DetachedOrigin } from './nobody.js';
import { deliver, reject } from './settle.js';
import type { FutureState } from './state.js';

/**
 * A future and the means to settle it: to put something that is no task (a click, a message, a callback API) where futures are expected.
 *
 * ```ts
 * import { EventEmitter } from 'node:events';
 *
 * const button = new EventEmitter();
 * const confirmed = new Deferred<boolean>();
 * button.once('click', () => confirmed.resolve(true));
 *
 * button.emit('click');
 * console.log(await confirmed.future);
 * // Output:
 * // true
 * ```
 *
 * The first of `resolve`, `reject` and `cancel` wins. Each returns whether it was this call that did it, and none throws. After a `resolve` with a
 * promise or a future, `cancel` still cancels until that has settled; a future that nobody else uses is cancelled too.
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

  /**
   * Advances the future to `fulfilled`. A promise, a thenable or a Future is adopted, as a native promise does: the future settles as `value` does, and
   * later calls of `resolve` and `reject` return false. The Deferred's own future rejects it with a TypeError.
   */
  resolve(value: T | PromiseLike<T>): boolean {
    if (this.#isResolved) return false;
    if (adoptPromise(this.future, value, this.#origin)) deliver(this.future);
    return true;
  }

  /** Advances the future to `rejected`. */
  reject(reason?: unknown): boolean {
    return !this.#isResolved && reject(this.future, reason);
  }

  /** Advances the future to `cancelled`. */
  cancel(reason?: unknown): boolean {
    return !this.future.isSettled && this.future.cancel(reason);
  }

  get #isResolved(): boolean {
    return this.future.isSettled || this.#origin.adopted !== undefined;
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
