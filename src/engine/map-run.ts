/** One run of `map`: reads the inputs, submits the tasks and emits the results. */
import { CancelledError, ExecutorShutdownError } from '../errors.js';
import { Future } from '../future/future.js';
import type { Producer } from '../future/producer.js';
import type { Reaction } from '../future/reaction.js';
import { fulfil, reject, whenSettled } from '../future/settle.js';
import { listenSignal, unlistenSignal } from '../future/signal.js';
import { FULFILLED } from '../future/state.js';
import { isInstance } from '../protocol/instance.js';
import { type Input, open } from '../stream/input.js';
import type { Production, Sink } from '../stream/result-stream.js';
import { BoundedPull, type PullReader, type PullSource } from '../util/bounded-pull.js';
import type { Engine } from './engine.js';
import type { TaskInfo } from './handles/task-info.js';
import { insideStep } from './life-cycle/step-scope.js';
import { submitInput } from './map-input.js';
import { AsTheyCome, InOrder, type Items } from './map-order.js';
import { futureOf, markHandled } from './run/awaited-input.js';

export interface MapSettings {
  readonly concurrency: number | undefined;
  readonly ordered: boolean;
  readonly settle: boolean;
  readonly key: ((input: any) => unknown) | undefined;
}

/**
 * Runs one subscription of a `map`. A future represents the whole run, so the reader, the executor
 * and a failure all end the run by settling this future.
 */
export class MapRun implements Production<unknown>, Producer, Reaction, PullReader<unknown> {
  readonly name: string;
  readonly owner: Engine;
  readonly threadId = undefined;
  readonly #task: TaskInfo;
  readonly #settings: MapSettings;
  readonly #sink: Sink<unknown>;
  readonly #future: Future<void>;
  readonly #items: Items<Item>;
  readonly #input = new BoundedPull<unknown>(this);
  /** The map reads more input while the number of its items is lower than this number. */
  #room = 0;
  #received = 0;
  #failure: { readonly error: unknown } | undefined;
  /** The reason for the signals of the tasks, if the map ends before they do. */
  #reason: unknown;

  constructor(engine: Engine, task: TaskInfo, settings: MapSettings, sink: Sink<unknown>) {
    this.name = `map(${task.name})`;
    this.#reason = `"${this.name}" has ended`;
    this.owner = engine;
    this.#task = task;
    this.#settings = settings;
    this.#sink = sink;
    this.#items = settings.ordered ? new InOrder<Item>() : new AsTheyCome<Item>();
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
    let source: PullSource;
    try {
      source = open(inputs, {
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
    this.#input.open(source);
    this.#pull();
  }

  // ── called by the stream, for its reader ───────────────────────────────────────────────────────

  /** Called when the reader has read a result, so that there may be room for another input. */
  valueRead(): void {
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
   * mode the error stands for the first task that had not started.
   */
  cancelPending(reason: unknown): void {
    if (this.#future.isSettled) return;
    this.#input.leave();
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
    this.#input.leave();
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

  /**
   * Reads the input while there is room. If there is room for many items, several are read at a
   * time. One by one, each task would be dispatched in a message of its own.
   */
  #pull(): void {
    if (this.#input.isFilling) return;
    const room = this.#settings.concurrency ?? this.owner.prefetchLimit;
    if (room - this.#held < Math.max(1, room >> 3)) return;
    this.#room = room;
    this.#input.fill();
    this.#endWhenDone();
  }

  get #held(): number {
    return this.#items.size + this.#sink.buffered;
  }

  hasRoom(): boolean {
    return !this.#future.isSettled && this.#held < this.#room;
  }

  #item(item: unknown): void {
    const input = futureOf(item) ?? item;
    if (this.#future.isSettled) return;
    this.#sink.expect?.(++this.#received);
    this.#input.push(input);
    this.#pull();
  }

  #inputEnded(failure: { readonly error: unknown } | undefined): void {
    this.#input.ended();
    this.#failure = failure;
    this.#pull();
  }

  accept(input: unknown): void {
    let future: Future<unknown>;
    try {
      // The task belongs to work that was accepted before, so a draining executor accepts it.
      future = insideStep(() => submitInput(this.owner, this.#task, input, this.#settings.key));
    } catch (error) {
      // The executor was terminated meanwhile. The map is cancelled like all other pending work.
      if (isInstance(error, ExecutorShutdownError)) this.#future.cancel(error);
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
    if (!this.#input.isDone || this.#items.size > 0) return;
    if (this.#failure === undefined) fulfil(this.#future, undefined);
    else reject(this.#future, this.#failure.error);
  }
}

/** One input of the map, from the submit of its task until its result has been emitted. */
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
