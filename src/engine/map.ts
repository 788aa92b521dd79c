/** `map`: one task over many inputs, as a stream of its results. */

import { CancelledError, ExecutorShutdownError } from '../errors.js';
import { Future } from '../future/future.js';
import type { Outcome } from '../future/outcome.js';
import type { Producer } from '../future/producer.js';
import type { Reaction } from '../future/reaction.js';
import { fulfil, reject, whenSettled } from '../future/settle.js';
import { listenSignal, unlistenSignal } from '../future/signal.js';
import { FULFILLED } from '../future/state.js';
import { type Context, call, here } from '../platform/context.js';
import { checkInput, type Input, open, type Pull } from '../stream/input.js';
import { type Production, ResultStream, type Sink } from '../stream/result-stream.js';
import { Deque } from '../util/deque.js';
import { checkNames, show } from '../util/validate.js';
import type { Engine } from './engine.js';
import type { TaskInfo } from './handles/task.js';
import { insideStep } from './life-cycle/step-scope.js';
import { futureOf, markHandled } from './run/awaited-input.js';

export interface MapOptions {
  /**
   * Inputs that are held at most: waiting, running, or done and not read yet. Default: it adapts, from two per worker for long tasks to 4,096
   * in all for tiny ones.
   */
  readonly concurrency?: number;
  /**
   * Results in the order of the inputs; false: as they come.
   * @default true
   */
  readonly ordered?: boolean;
  /**
   * Gives an {@link Outcome} for each input and goes on after failures, instead of ending with the first one.
   * @default false
   */
  readonly settle?: boolean;
}

/** Inputs of `map`: each may also be a promise or a Future of the input. */
export type MapInput<A> = Input<A | PromiseLike<A>>;

/** What `map` gives for each input. */
export type Mapped<R, O extends MapOptions> = 'settle' extends keyof O
  ? O['settle'] extends true
    ? Outcome<R>
    : O['settle'] extends false | undefined
      ? R
      : R | Outcome<R>
  : R;

/** @throws TypeError or RangeError for an input or an option of the wrong kind */
export function mapStream(
  engine: Engine,
  task: TaskInfo,
  inputs: Input<unknown>,
  options: MapOptions = {},
): ResultStream<any> {
  checkInput(inputs, 'map(task, inputs)', 'inputs');
  checkNames(options, ['concurrency', 'ordered', 'settle'], 'map()');
  const { concurrency, ordered = true, settle = false } = options;
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new RangeError(`map(): concurrency: expected an integer, 1 or more, got ${show(concurrency)}`);
  }
  for (const [name, value] of Object.entries({ ordered, settle })) {
    if (typeof value !== 'boolean') throw new TypeError(`map(): ${name}: expected true or false, got ${show(value)}`);
  }
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

/** One pass over the inputs. A future stands for all of it: what ends that (the reader, the executor, a failure) ends the pass. */
class MapRun implements Production<unknown>, Producer, Reaction {
  readonly name: string;
  readonly owner: Engine;
  readonly threadId = undefined;
  readonly #task: TaskInfo;
  readonly #settings: Settings;
  readonly #sink: Sink<unknown>;
  readonly #future: Future<void>;
  /** Of the reader's code. The input is the user's code too, and so is what a submit calls. */
  readonly #context: Context = here();
  /** Inputs whose results have not been given. In order, those that are done wait here behind one that is not. */
  readonly #items: Items;
  /** Of an input that comes by itself: what there is no room for. */
  readonly #backlog = new Deque<unknown>();
  #input: Pull | undefined;
  #taken = 0;
  #isPulling = false;
  #awaitsItem = false;
  #isExhausted = false;
  #failure: { readonly error: unknown } | undefined;
  /** What the signals of its tasks say when it ends before them. */
  #reason: unknown;

  constructor(engine: Engine, task: TaskInfo, settings: Settings, sink: Sink<unknown>) {
    this.name = `map(${task.name})`;
    this.#reason = `${this.name} has ended`;
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
    // Not its tasks alone: it may have none at hand, and wait for its input.
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
      // A web stream that is being read already, for one.
      reject(this.#future, error);
      return;
    }
    this.#input.start();
    this.#pull();
  }

  // ── Production: what the reader does ──────────────────────────────────────────────────────────────────────────────

  taken(): void {
    this.#pull();
  }

  /** The reader has left; as an origin it is told why the future was cancelled, by itself too. */
  stop(reason: unknown = `the reader of ${this.name} has left`): void {
    this.#reason = reason;
    this.#future.cancel(reason);
  }

  /**
   * Takes no more inputs. What runs is given, then a CancelledError: an end like any other would say that this was all. (In order, that comes
   * in the place of the first that had not begun.)
   */
  cancelPending(reason: unknown): void {
    if (this.#future.isSettled) return;
    this.#leaveInput();
    const error = new CancelledError(`${this.name} was cancelled before it had taken all inputs`, { cause: reason });
    this.#failure ??= { error };
    if (!this.#settings.ordered && !this.#settings.settle) {
      const pending = [...this.#items].filter(({ future }) => future.state === 'pending');
      for (const item of pending) this.#items.next(item);
      for (const { future } of pending) future.cancel(reason);
    }
    this.#endWhenDone();
  }

  // ── the future that stands for it ─────────────────────────────────────────────────────────────────────────────────

  isRunning(): boolean {
    return true;
  }

  /** Cancels what was started. What waits is cancelled before what runs, so that nothing begins meanwhile. */
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

  // ── from the input to the tasks ───────────────────────────────────────────────────────────────────────────────────

  #leaveInput(): void {
    this.#backlog.clear();
    if (this.#isExhausted) return;
    this.#isExhausted = true;
    const input = this.#input;
    if (input !== undefined) call(this.#context, input.leave, input, undefined);
  }

  /** Takes from the input while there is room. A loop, also where items come at once: not a recursion as deep as the input. */
  #pull(): void {
    if (this.#isPulling || this.#input === undefined) return;
    const room = this.#settings.concurrency ?? this.owner.prefetchLimit;
    // Several at a time where there is room for many: one by one, each would travel to its worker alone.
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
    this.#sink.expect?.(++this.#taken);
    // Through the backlog also where there is room: first come first served.
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
      // It belongs to work that was accepted: an executor that drains takes it.
      future = insideStep(() => this.owner.run(this.#task, [input]));
    } catch (error) {
      // Terminated under its hands: it is cancelled like all that is pending.
      if (error instanceof ExecutorShutdownError) this.#future.cancel(error);
      else reject(this.#future, error);
      return;
    }
    const item = new Item(future, this);
    this.#items.add(item);
    whenSettled(future, item);
  }

  // ── from the tasks to the reader ──────────────────────────────────────────────────────────────────────────────────

  /** @internal */
  settled(item: Item): void {
    if (this.#future.isSettled) return;
    for (let next = this.#items.next(item); next !== undefined; next = this.#items.next(undefined)) {
      this.#give(next.future);
      if (this.#future.isSettled) return;
    }
    this.#pull();
  }

  #give(future: Future<unknown>): void {
    if (this.#settings.settle) this.#sink.next(future._outcome());
    else if (future._state === FULFILLED) this.#sink.next(future._value());
    else reject(this.#future, future._result);
  }

  /** Advances to its end. A failure of the input comes after the results of what it has given. */
  #endWhenDone(): void {
    if (!this.#isExhausted || this.#items.size > 0 || this.#backlog.size > 0) return;
    if (this.#failure === undefined) fulfil(this.#future, undefined);
    else reject(this.#future, this.#failure.error);
  }
}

/** An input on its way. */
class Item implements Reaction {
  constructor(
    readonly future: Future<unknown>,
    readonly run: MapRun,
  ) {}

  react(): void {
    // Also where it is never given, since something else has ended the map: nobody else could ever look at it.
    this.future._observe();
    this.run.settled(this);
  }
}

interface Items extends Iterable<Item> {
  readonly size: number;
  add(item: Item): void;
  /** `settled` has; gives what can be given now, and takes it out. Without an argument: the next of them. */
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
