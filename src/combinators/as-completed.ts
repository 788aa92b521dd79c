/** `asCompleted`: a stream of outcomes in the order in which futures settle. */

import { UserTimer } from '#platform/timers';
import { TimeoutError } from '../errors.js';
import type { Future } from '../future/future.js';
import type { Outcome } from '../future/outcome.js';
import type { Reaction } from '../future/reaction.js';
import { whenSettled } from '../future/settle.js';
import { phaseOf } from '../future/state.js';
import { reportCleanupError } from '../future/warnings.js';
import { grouped } from '../stream/groups.js';
import { checkInput, open } from '../stream/input.js';
import { type Production, ResultStream, type Sink } from '../stream/result-stream.js';
import { BoundedPull, type PullReader } from '../util/bounded-pull.js';
import { type Checks, integerOrInfinity, ms, validate } from '../util/validate.js';
import { checkFuture, type FutureInput, type ValueOf } from './source.js';

/** Options of {@link asCompleted}. */
export interface AsCompletedOptions {
  /**
   * Time limit in ms, from the subscription. After that time the stream ends with a TimeoutError.
   * The futures are not cancelled.
   *
   * @default Infinity
   */
  readonly timeout?: number;
  /**
   * Maximum number of futures that were read from the input and have not settled, or whose outcome
   * waits for the reader. If the input is a generator that submits tasks, the option limits how
   * many tasks are in progress.
   *
   * @default Infinity
   */
  readonly concurrency?: number;
}

const checks: Checks<AsCompletedOptions> = { timeout: ms, concurrency: integerOrInfinity(1) };

/**
 * Returns a stream of outcomes in the order in which the futures settle. Each distinct future is
 * emitted once. Futures that have already settled come first, in the order of the input.
 *
 * Use it to process results as soon as they are there. A failed task is emitted as an outcome and
 * never ends the stream.
 *
 * ```ts
 * for await (const outcome of asCompleted([nap(1_000), square(3)])) {
 *   if (outcome.status === 'fulfilled') console.log(outcome.value);
 * }
 * // Output:
 * // 9
 * // 1000
 * ```
 *
 * The input may be open-ended: a generator or an Observable may submit more tasks while earlier
 * outcomes are read. An async generator can't yield futures, because its `yield` awaits them. Use a
 * synchronous generator with `concurrency`, or an Observable.
 *
 * The stream does not own the futures, so leaving it cancels nothing. Each subscription reads the
 * input again. The stream holds the outcomes that a `for await` has not read yet.
 *
 * @throws RangeError if `timeout` or `concurrency` is out of range
 * @throws TypeError if the input or an option has the wrong type
 * @see {@link values}, {@link progress}, {@link wait}
 */
export function asCompleted<F extends Future<any>>(
  futures: FutureInput<F>,
  options: AsCompletedOptions = {},
): ResultStream<Outcome<ValueOf<F>>> {
  validate('asCompleted()', options, checks);
  const { timeout = Number.POSITIVE_INFINITY, concurrency = Number.POSITIVE_INFINITY } = options;
  checkInput(futures, 'asCompleted()', 'Futures');
  if (Array.isArray(futures) || futures instanceof Set) {
    let index = 0;
    for (const item of futures) checkFuture(item, `asCompleted(): item ${index++}`);
  }
  const read = (sink: Sink<Outcome<any>>) => new Reading(futures, timeout, concurrency, sink);
  return new ResultStream<Outcome<any>>(grouped('asCompleted', true, read), 'asCompleted');
}

/** Reads the input once, for one subscription. */
class Reading implements Production<Outcome<any>>, PullReader<unknown> {
  readonly #timeout: number;
  readonly #concurrency: number;
  readonly #sink: Sink<Outcome<any>>;
  readonly #waiting = new Map<Future<any>, Reaction>();
  /**
   * Futures that were read. The set is weak, so that an open-ended input does not keep every future
   * alive.
   */
  readonly #seen = new WeakSet<Future<any>>();
  readonly #input = new BoundedPull<unknown>(this);
  #timer: UserTimer | undefined;
  #count = 0;

  constructor(input: unknown, timeout: number, concurrency: number, sink: Sink<Outcome<any>>) {
    this.#timeout = timeout;
    this.#concurrency = concurrency;
    this.#sink = sink;
    // For other inputs, the total is the number of futures read so far. See accept().
    if (Array.isArray(input) || input instanceof Set) sink.expect?.(new Set(input).size);
    const source = open(input, {
      item: (item) => this.#input.acceptNow(item),
      failed: (error) => this.#fail(error),
      cleanupFailed: (error) => reportCleanupError(error, { id: 0, name: 'asCompleted()' }),
      ended: () => this.#inputEnded(),
    });
    this.#input.open(source);
    if (this.#input.isDone && this.#waiting.size === 0) return;
    if (timeout !== Number.POSITIVE_INFINITY) this.#timer = new UserTimer(timeout, () => this.#timedOut());
    this.#input.fill();
  }

  stop(): void {
    this.#timer?.stop();
    for (const [future, reaction] of this.#waiting) future._removeReaction(reaction);
    this.#waiting.clear();
    this.#input.leave();
  }

  valueRead(outcome: Outcome<any> | undefined): void {
    outcome?.future._observe();
    this.#input.fill();
  }

  hasRoom(): boolean {
    return !this.#sink.isClosed && this.#waiting.size + this.#sink.buffered < this.#concurrency;
  }

  accept(item: unknown): void {
    if (this.#sink.isClosed) this.stop();
    if (this.#input.isDone) return;
    let future: Future<any>;
    try {
      future = checkFuture(
        item,
        `asCompleted(): item ${this.#count}`,
        "An async generator can't yield Futures, because its yield awaits them. Use a synchronous generator with the concurrency option, or an Observable.",
      );
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!this.#seen.has(future)) {
      this.#seen.add(future);
      this.#count++;
      this.#sink.expect?.(this.#count);
      const reaction: Reaction = { react: () => this.#settled(future) };
      this.#waiting.set(future, reaction);
      whenSettled(future, reaction);
    }
    this.#input.fill();
  }

  #settled(future: Future<any>): void {
    if (!this.#waiting.delete(future) || this.#sink.isClosed) return;
    // An outcome counts as observed only if the reader has received it. A reader may leave before
    // that.
    if (this.#sink.next(future._outcome())) future._observe();
    this.#completeWhenDone();
    this.#input.fill();
  }

  #inputEnded(): void {
    this.#input.ended();
    this.#completeWhenDone();
  }

  #completeWhenDone(): void {
    if (!this.#input.isDone || this.#waiting.size > 0) return;
    this.#timer?.stop();
    this.#sink.complete();
  }

  #timedOut(): void {
    const phase = [...this.#waiting.keys()].some((future) => phaseOf(future) === 'running') ? 'running' : 'waiting';
    const message = `asCompleted(): ${this.#waiting.size} of ${this.#count} futures had not settled after ${this.#timeout} ms. Increase the option "timeout", or cancel these futures.`;
    this.#fail(new TimeoutError(message, { phase }));
  }

  #fail(error: unknown): void {
    this.stop();
    this.#sink.error(error);
  }
}
