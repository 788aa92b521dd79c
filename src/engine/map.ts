/** `map`: runs one task for each of many inputs, and emits the results as a stream. */

import { type Context, call, here } from '#platform/context';
import { CancelledError, ExecutorShutdownError } from '../errors.js';
import { Future } from '../future/future.js';
import type { Outcome } from '../future/outcome.js';
import type { Producer } from '../future/producer.js';
import type { Reaction } from '../future/reaction.js';
import { fulfil, reject, whenSettled } from '../future/settle.js';
import { listenSignal, unlistenSignal } from '../future/signal.js';
import { FULFILLED } from '../future/state.js';
import { checkInput, type Input, open, type Pull } from '../stream/input.js';
import { type Production, ResultStream, type Sink } from '../stream/result-stream.js';
import { Deque } from '../util/deque.js';
import { boolean, type Checks, integer, validate } from '../util/validate.js';
import type { Engine } from './engine.js';
import type { TaskInfo } from './handles/task.js';
import { insideStep } from './life-cycle/step-scope.js';
import { futureOf, markHandled } from './run/awaited-input.js';

export interface MapOptions {
  /**
   * Maximum number of inputs in flight: waiting, running, or finished with a result that the reader
   * has not received.
   * @default adapts, from two per worker for long tasks to 4,096 in total for very short ones
   */
  readonly concurrency?: number;
  /**
   * Whether results are emitted in the order of the inputs. If false, each result is emitted as
   * soon as its task has settled.
   * @default true
   */
  readonly ordered?: boolean;
  /**
   * Whether the stream emits an {@link Outcome} for each input and continues after failures. If
   * false, the first failure ends the stream.
   * @default false
   */
  readonly settle?: boolean;
}

const checks: Checks<MapOptions> = { concurrency: integer(1), ordered: boolean, settle: boolean };

/** The inputs of `map`. Each item may also be a promise or a Future of the input. */
export type MapInput<A> = Input<A | PromiseLike<A>>;

/** The type that `map` emits for each input. */
export type Mapped<R, O extends MapOptions> = 'settle' extends keyof O
  ? O['settle'] extends true
    ? Outcome<R>
    : O['settle'] extends false | undefined
      ? R
      : R | Outcome<R>
  : R;

/**
 * Creates the stream of a `map` call.
 *
 * @throws TypeError or RangeError if `inputs` or an option has a wrong type or value
 */
export function mapStream(
  engine: Engine,
  task: TaskInfo,
  inputs: Input<unknown>,
  options: MapOptions = {},
): ResultStream<any> {
  checkInput(inputs, 'map(task, inputs)', 'inputs');
  validate('map()', options, checks);
  const { concurrency, ordered = true, settle = false } = options;
  return new ResultStream<any>((sink) => {
    const run = new MapRun(engine, task, { concurrency, ordered, settle }, sink);
    run.start(inputs);
    return run;
  }, `map(${task.name})`);
}

interface Settings {
  readonly concurrency: number | undefined;
  readonly ordered: boolean;
  readonly settle: boolean;
}

/**
 * One pass over the inputs. A future represents the whole pass, so the reader, the executor and a
 * failure all end the pass by settling this future.
 */
class MapRun implements Production<unknown>, Producer, Reaction {
  readonly name: string;
  readonly owner: Engine;
  readonly threadId = undefined;
  readonly #task: TaskInfo;
  readonly #settings: Settings;
  readonly #sink: Sink<unknown>;
  readonly #future: Future<void>;
  /**
   * The async context of the reader's code. The input and the functions that a submit calls are
   * code of the user, and run in this context.
   */
  readonly #context: Context = here();
  /**
   * Inputs whose results have not been emitted. In ordered mode, finished inputs wait here behind
   * an unfinished one.
   */
  readonly #items: Items;
  /** Items of an input that is an Observable, waiting until there is room for them. */
  readonly #backlog = new Deque<unknown>();
  #input: Pull | undefined;
  #received = 0;
  #isPulling = false;
  #awaitsItem = false;
  #isExhausted = false;
  #failure: { readonly error: unknown } | undefined;
  /** The reason for the signals of the tasks, if the map ends before they do. */
  #reason: unknown;

  constructor(engine: Engine, task: TaskInfo, settings: Settings, sink: Sink<unknown>) {
    this.name = `map(${task.name})`;
    this.#reason = `"${this.name}" has ended`;
    this.owner = engine;
    this.#task = task;
    this.#settings = settings;
    this.#sink = sink;
    this.#items = settings.ordered ? new InOrder() : new AsTheyCome();
    this.#future = new Future<void>(this);
  }

  start(inputs: Input<unknown>): void {
    this.owner.follow(this.#future);
    whenSettled(this.#future, this);
    const refusal = this.owner.refusal();
    if (refusal !== undefined) {
      reject(this.#future, refusal);
      return;
    }
    // The signal cancels the map too, and not only its tasks. The map may have no task in flight
    // and wait for its input.
    const { signal } = this.#task.options;
    if (signal?.aborted) this.#future.cancel(signal.reason);
    else if (signal !== undefined) listenSignal(signal, this.#future);
    if (this.#future.isSettled) return;
    if (Array.isArray(inputs)) this.#sink.expect?.(inputs.length);
    if (Array.isArray(inputs) || inputs instanceof Set) markHandled(inputs);
    try {
      this.#input = open(inputs, {
        item: (item) => this.#item(item),
        failed: (error) => this.#inputEnded({ error }),
        cleanupFailed: (error) => this.owner.cleanupFailed(error, { id: this.#future.id, name: this.name }),
        ended: () => this.#inputEnded(undefined),
      });
    } catch (error) {
      // Opening the input may throw, for example if a web stream already has a reader.
      reject(this.#future, error);
      return;
    }
    this.#input.start();
    this.#pull();
  }

  // ── Production: what the reader does ───────────────────────────────────────────────────────────

  taken(): void {
    this.#pull();
  }

  /** Called by the stream when its reader leaves, and by the future when it is cancelled. */
  stop(reason: unknown = `the reader of "${this.name}" has left`): void {
    this.#reason = reason;
    this.#future.cancel(reason);
  }

  /**
   * Stops reading inputs. Results of running tasks are still delivered. Then the stream fails with
   * a CancelledError, because completing would claim that every input was processed. In ordered
   * mode the error takes the place of the first task that had not started.
   */
  cancelPending(reason: unknown): void {
    if (this.#future.isSettled) return;
    this.#leaveInput();
    const error = new CancelledError(`Stream "${this.name}" was cancelled before it had read all inputs`, {
      cause: reason,
    });
    this.#failure ??= { error };
    if (!this.#settings.ordered && !this.#settings.settle) {
      const pending = [...this.#items].filter(({ future }) => future.state === 'pending');
      for (const item of pending) this.#items.next(item);
      for (const { future } of pending) future.cancel(reason);
    }
    this.#endWhenDone();
  }

  // ── the future that represents the map ─────────────────────────────────────────────────────────

  isRunning(): boolean {
    return true;
  }

  /**
   * Cancels the tasks of the map. Waiting tasks are cancelled before running ones, so that no task
   * starts meanwhile.
   */
  release(): void {
    const { signal } = this.#task.options;
    if (signal !== undefined) unlistenSignal(signal, this.#future);
    this.owner.unfollow(this.#future);
    this.#leaveInput();
    const futures = [...this.#items];
    this.#items.clear();
    for (const { future } of futures.reverse()) future.cancel(this.#reason);
  }

  react(future: Future<any>): void {
    future._observe();
    if (this.#sink.isClosed) return;
    if (future._state === FULFILLED) this.#sink.complete();
    else this.#sink.error(future._result);
  }

  // ── from the input to the tasks ────────────────────────────────────────────────────────────────

  #leaveInput(): void {
    this.#backlog.clear();
    if (this.#isExhausted) return;
    this.#isExhausted = true;
    const input = this.#input;
    if (input !== undefined) call(this.#context, input.leave, input, undefined);
  }

  /**
   * Reads the input while there is room. Items that arrive synchronously are handled in a loop,
   * because recursion would be as deep as the input is long.
   */
  #pull(): void {
    if (this.#isPulling || this.#input === undefined) return;
    const room = this.#settings.concurrency ?? this.owner.prefetchLimit;
    // Reads several items at a time if there is room for many. One by one, each task would be
    // dispatched in a message of its own.
    if (room - this.#held < Math.max(1, room >> 3)) return;
    this.#isPulling = true;
    call(this.#context, this.#fill, this, room);
    this.#isPulling = false;
    this.#endWhenDone();
  }

  #fill(room: number): void {
    while (!this.#future.isSettled && this.#held < room) {
      if (this.#backlog.size > 0) {
        this.#submit(this.#backlog.shift());
      } else {
        if (this.#isExhausted || this.#awaitsItem) break;
        this.#awaitsItem = true;
        this.#input!.pull();
      }
    }
  }

  get #held(): number {
    return this.#items.size + this.#sink.buffered;
  }

  #item(item: unknown): void {
    this.#awaitsItem = false;
    const input = futureOf(item) ?? item;
    if (this.#future.isSettled) return;
    this.#sink.expect?.(++this.#received);
    // The item passes through the backlog even if there is room, so that the order is kept.
    this.#backlog.push(input);
    this.#pull();
  }

  #inputEnded(failure: { readonly error: unknown } | undefined): void {
    this.#isExhausted = true;
    this.#failure = failure;
    this.#pull();
  }

  #submit(input: unknown): void {
    let future: Future<unknown>;
    try {
      // The task belongs to work that was accepted before, so a draining executor accepts it.
      future = insideStep(() => this.owner.run(this.#task, [input]));
    } catch (error) {
      // The executor was terminated meanwhile. The map is cancelled like all other pending work.
      if (error instanceof ExecutorShutdownError) this.#future.cancel(error);
      else reject(this.#future, error);
      return;
    }
    const item = new Item(future, this);
    this.#items.add(item);
    whenSettled(future, item);
  }

  // ── from the tasks to the reader ───────────────────────────────────────────────────────────────

  /** @internal */
  settled(item: Item): void {
    if (this.#future.isSettled) return;
    for (let next = this.#items.next(item); next !== undefined; next = this.#items.next(undefined)) {
      this.#emit(next.future);
      if (this.#future.isSettled) return;
    }
    this.#pull();
  }

  #emit(future: Future<unknown>): void {
    if (this.#settings.settle) this.#sink.next(future._outcome());
    else if (future._state === FULFILLED) this.#sink.next(future._value());
    else reject(this.#future, future._result);
  }

  /**
   * Settles the map if it has finished. A failure of the input is reported after the results of the
   * items before it.
   */
  #endWhenDone(): void {
    if (!this.#isExhausted || this.#items.size > 0 || this.#backlog.size > 0) return;
    if (this.#failure === undefined) fulfil(this.#future, undefined);
    else reject(this.#future, this.#failure.error);
  }
}

/** An input in flight. */
class Item implements Reaction {
  constructor(
    readonly future: Future<unknown>,
    readonly run: MapRun,
  ) {}

  react(): void {
    // Observes the future even if the result is never emitted because the map has ended. No other
    // code could ever observe it.
    this.future._observe();
    this.run.settled(this);
  }
}

interface Items extends Iterable<Item> {
  readonly size: number;
  add(item: Item): void;
  /**
   * Removes and returns an item whose result can be emitted now. `settled` is the item that has
   * just settled. With undefined, returns the next such item.
   */
  next(settled: Item | undefined): Item | undefined;
  clear(): void;
}

class AsTheyCome extends Set<Item> implements Items {
  next(settled: Item | undefined): Item | undefined {
    return settled !== undefined && this.delete(settled) ? settled : undefined;
  }
}

class InOrder extends Deque<Item> implements Items {
  add(item: Item): void {
    this.push(item);
  }

  next(): Item | undefined {
    return this.first?.future.isSettled ? this.shift() : undefined;
  }
}
