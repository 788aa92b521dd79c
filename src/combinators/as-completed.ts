/** `asCompleted`: outcomes in the order in which futures settle. */

import { TimeoutError } from '../errors.js';
import type { Future } from '../future/future.js';
import type { Outcome } from '../future/outcome.js';
import type { Reaction } from '../future/reaction.js';
import { whenSettled } from '../future/settle.js';
import { reportCleanupError } from '../future/warnings.js';
import { type Context, call, here } from '../platform/context.js';
import { UserTimer } from '../platform/timers.js';
import { checkInput, open, type Pull } from '../stream/input.js';
import { type Production, ResultStream, type Sink } from '../stream/result-stream.js';
import { checkNames } from '../util/validate.js';
import { checkFuture, type FutureInput, type ValueOf } from './source.js';

export interface AsCompletedOptions {
  /** ms from the subscription; then the stream ends with a TimeoutError, and nothing is cancelled. Default: no limit. */
  readonly timeout?: number;
  /**
   * Futures taken from the input that have not settled, or whose outcome waits for the reader, at most. With a lazy input, a
   * generator that submits, it bounds the work that is started.
   * @default Infinity
   */
  readonly concurrency?: number;
}

/**
 * Outcomes as they come: each distinct future once, those that have settled first, in the order of the input, then the others as they
 * settle. A task that fails is an outcome; it never ends the stream.
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
 * The input may be open-ended: a generator or an Observable that submits while earlier outcomes are read. An async *generator* can't
 * give futures, since `yield` in it awaits them; use a plain generator with `concurrency`, or an Observable.
 *
 * Owns no work: leaving it cancels nothing. Each subscription is a new pass. Holds the outcomes that a `for await` has not read yet.
 *
 * @throws RangeError for a `timeout` or `concurrency` out of range; TypeError for an input of the wrong kind
 */
export function asCompleted<F extends Future<any>>(
  futures: FutureInput<F>,
  options: AsCompletedOptions = {},
): ResultStream<Outcome<ValueOf<F>>> {
  checkNames(options, ['timeout', 'concurrency'], 'asCompleted()');
  const { timeout = Number.POSITIVE_INFINITY, concurrency = Number.POSITIVE_INFINITY } = options;
  if (!(typeof timeout === 'number' && timeout >= 0)) {
    throw new RangeError(`asCompleted(): timeout: expected a number of ms, 0 or more, got ${String(timeout)}`);
  }
  if (!(concurrency === Number.POSITIVE_INFINITY || (Number.isInteger(concurrency) && concurrency >= 1))) {
    throw new RangeError(
      `asCompleted(): concurrency: expected an integer, 1 or more, or Infinity, got ${String(concurrency)}`,
    );
  }
  checkInput(futures, 'asCompleted()', 'Futures');
  if (Array.isArray(futures) || futures instanceof Set) {
    let index = 0;
    for (const item of futures) checkFuture(item, `asCompleted(): item ${index++}`);
  }
  return new ResultStream<Outcome<any>>((sink) => new Pass(futures, timeout, concurrency, sink), 'asCompleted');
}

/** One pass over the input. */
class Pass implements Production<Outcome<any>> {
  readonly #concurrency: number;
  readonly #sink: Sink<Outcome<any>>;
  readonly #waiting = new Map<Future<any>, Reaction>();
  /** Weak, so that an open-ended input does not keep every future that it ever gave. */
  readonly #seen = new WeakSet<Future<any>>();
  readonly #input: Pull;
  /** Of the reader's code: the input is the user's code too. */
  readonly #context: Context = here();
  #timer: UserTimer | undefined;
  #count = 0;
  #isPulling = false;
  #awaitsItem = false;
  #hasEnded = false;

  constructor(input: unknown, timeout: number, concurrency: number, sink: Sink<Outcome<any>>) {
    this.#concurrency = concurrency;
    this.#sink = sink;
    // A lazy input tells no more than it has given so far.
    if (Array.isArray(input) || input instanceof Set) sink.expect?.(new Set(input).size);
    this.#input = open(input, {
      item: (item) => this.#item(item),
      failed: (error) => this.#fail(error),
      cleanupFailed: (error) => reportCleanupError(error, { id: 0, name: 'asCompleted()' }),
      ended: () => this.#inputEnded(),
    });
    this.#input.start();
    if (this.#hasEnded && this.#waiting.size === 0) return;
    if (timeout !== Number.POSITIVE_INFINITY) this.#timer = new UserTimer(timeout, () => this.#timedOut());
    this.#pull();
  }

  stop(): void {
    this.#timer?.stop();
    for (const [future, reaction] of this.#waiting) future._removeReaction(reaction);
    this.#waiting.clear();
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    call(this.#context, this.#input.leave, this.#input, undefined);
  }

  taken(outcome: Outcome<any> | undefined): void {
    outcome?.future._observe();
    this.#pull();
  }

  /** Takes from the input while there is room. A loop, also where items come at once: not a recursion as deep as the input. */
  #pull(): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    call(this.#context, this.#fill, this, undefined);
    this.#isPulling = false;
  }

  #fill(): void {
    while (
      !this.#hasEnded &&
      !this.#awaitsItem &&
      !this.#sink.isClosed &&
      this.#waiting.size + this.#sink.buffered < this.#concurrency
    ) {
      this.#awaitsItem = true;
      this.#input.pull();
    }
  }

  #item(item: unknown): void {
    this.#awaitsItem = false;
    if (this.#sink.isClosed) this.stop();
    if (this.#hasEnded) return;
    let future: Future<any>;
    try {
      future = checkFuture(item, `asCompleted(): item ${this.#count}`);
    } catch (error) {
      (error as Error).message +=
        " An async generator can't give Futures, since yield awaits them there: use a plain generator with the concurrency option, or an Observable.";
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
    this.#pull();
  }

  #settled(future: Future<any>): void {
    if (!this.#waiting.delete(future) || this.#sink.isClosed) return;
    // A reader who leaves before it has come to this outcome has not taken note of it.
    if (this.#sink.next(future._outcome())) future._observe();
    this.#completeWhenDone();
    this.#pull();
  }

  #inputEnded(): void {
    this.#hasEnded = true;
    this.#completeWhenDone();
  }

  #completeWhenDone(): void {
    if (!this.#hasEnded || this.#waiting.size > 0) return;
    this.#timer?.stop();
    this.#sink.complete();
  }

  #timedOut(): void {
    this.#fail(new TimeoutError(`${this.#waiting.size} (of ${this.#count}) futures unfinished`));
  }

  #fail(error: unknown): void {
    this.stop();
    this.#sink.error(error);
  }
}
