/** Deferreds: futures that the program settles itself. */
import { adoptPromise } from './adopt.js';
import { DetachedProducer } from './detached.js';
import { Future } from './future.js';
import { deliver, reject } from './settle.js';
import type { FutureState } from './state.js';

/**
 * A future together with the methods that settle it. Use it to pass something that is not a task (a
 * click, a message, a callback API) where futures are expected.
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
 * The first call of `resolve`, `reject` or `cancel` wins. Each method returns whether this call
 * settled the future, and never throws.
 *
 * After a `resolve` with a promise or a future, `cancel` still works until that promise or future
 * has settled. `cancel` also cancels an adopted future that has no other reader.
 */
export class Deferred<T> {
  /** The future that the methods below settle. */
  readonly future: Future<T>;
  readonly #producer: DetachedProducer;

  /** @param name the name that `future.name`, inspection and warnings show */
  constructor(name = 'Deferred') {
    this.#producer = new DetachedProducer(name);
    this.future = new Future<T>(this.#producer);
  }

  /** Advances the future to `running`. Returns false if it was running or settled already. */
  start(): boolean {
    if (this.future.isSettled || this.#producer.hasStarted) return false;
    this.#producer.hasStarted = true;
    return true;
  }

  /**
   * Settles the future with `value`. A plain value advances it to `fulfilled` at once.
   *
   * A promise, a thenable or a Future is adopted, as by a native promise. The future then settles
   * as `value` settles. Until then it keeps its state, and later calls of `resolve` and `reject`
   * return false. If `value` is the Deferred's own future, it is rejected with a TypeError.
   */
  resolve(value: T | PromiseLike<T>): boolean {
    if (this.#isResolved) return false;
    if (adoptPromise(this.future, value, this.#producer)) deliver(this.future);
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
    return this.future.isSettled || this.#producer.adopted !== undefined;
  }

  /** Returns a text such as `Deferred { click #2, pending }`. */
  toString(): string {
    return #producer in this
      ? `Deferred { ${this.future.name} #${this.future.id}, ${this.future.state} }`
      : 'Deferred {}';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Returns the JSON of the future, which never contains the value. */
  toJSON(): { id: number; name: string; state: FutureState } {
    return this.future.toJSON();
  }
}
