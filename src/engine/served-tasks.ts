/**
 * Runs tasks on behalf of other programs, which have numbered them and wait for their outcomes. A
 * server of a queue is an application of this file. It passes tasks as data, and sees no futures.
 */

import { queueMicrotask, wallClock } from '#platform/time';
import type { CancelledError } from '../errors.js';
import type { Future } from '../future/future.js';
import type { Reaction } from '../future/reaction.js';
import { reject } from '../future/settle.js';
import { FULFILLED, REJECTED } from '../future/state.js';
import type { Step } from '../scheduling/job/job.js';
import type { Engine } from './engine.js';
import { exportStep } from './handles/step.js';
import type { TaskInfo } from './handles/task-info.js';
import type { RunTap, ValueSink } from './run/rare-fields.js';
import type { TaskRun } from './run/task-run.js';

/** Maximum number of cached steps. A module has fewer exports, but a program may send any names. */
const MAX_STEPS = 10_000;

/** The data of another program's task. */
export interface ServedTaskData {
  /** Id of the program's future. */
  readonly id: number;
  readonly attempt: number;
  readonly name: string;
  /** Names of exports of the task module. Each receives the value of the one before it. */
  readonly steps: readonly string[];
  /** Maximum run time in ms. */
  readonly timeout?: number | undefined;
  /** Maximum time in ms from the moment at which the input is there. */
  readonly deadline?: number | undefined;
  /** End of the deadline in ms since the epoch, if it has started in the other program. */
  readonly expires?: number | undefined;
  /** Time in ms that the task may still run after its cancel. */
  readonly terminateAfter?: number | undefined;
  readonly retry?: { readonly count: number; readonly delay: number } | undefined;
  /** The value for `currentTask().context`. */
  readonly context?: unknown;
  /** Number of values by which a stream may be ahead. Undefined for a task with one result. */
  readonly credit?: number | undefined;
  /** Limit of a stream in bytes. Undefined: none. */
  readonly creditBytes?: number | undefined;
}

/** How a served task ended. */
export type ServedOutcome =
  | { readonly status: 'fulfilled'; readonly value: unknown }
  /**
   * `isUnsendable` is true if the task succeeded and only its value could not leave the worker.
   * Tasks behind it have received the value there.
   */
  | { readonly status: 'rejected'; readonly reason: unknown; readonly isUnsendable: boolean }
  /** `reason` is the reason as the program passed it. */
  | { readonly status: 'cancelled'; readonly reason: unknown };

/** Receives what happens to one served task. Nothing is called before `serve` has returned. */
export interface Tap extends RunTap {
  /**
   * Receives the values of a stream, in order. `bytes` and `creditLeft` are described at the
   * message `values` of protocol/messages.ts.
   */
  streamed(values: readonly unknown[], bytes: number, creditLeft: number | undefined): void;
  /** Called last, when the task has ended. */
  ended(outcome: ServedOutcome): void;
}

/** The source of a task's input: a task that is served here too, or one that ended before. */
export type Upstream = ServedTask | ServedOutcome;

export class ServedTasks {
  readonly #engine: Engine;
  readonly #steps = new Map<string, Step>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Runs a task with arguments, or with the value of its upstream. Tasks that are served in one
   * tick, each behind another one, run back to back on one worker. A task whose upstream was
   * rejected or cancelled ends in the same way.
   *
   * @throws ExecutorShutdownError or BrokenExecutorError if the engine accepts no more work
   */
  serve(data: ServedTaskData, input: readonly unknown[] | Upstream, tap: Tap): ServedTask {
    const refusal = this.#engine.refusal();
    if (refusal !== undefined) throw refusal;
    const upstream = input instanceof ServedTask ? input.run.future : undefined;
    const run = this.#engine.createRun(this.#taskOf(data), this.serve, upstream);
    const task = new ServedTask(run, tap);
    run.rare.tap = tap;
    if (data.credit !== undefined) run.rare.valueSink = task;
    if (!run.future.isSettled) start(run, input);
    task.watch();
    return task;
  }

  #taskOf(data: ServedTaskData): TaskInfo {
    const {
      id,
      attempt,
      name,
      steps: names,
      timeout,
      terminateAfter,
      deadline,
      expires,
      retry,
      context,
      credit,
      creditBytes: bytes = Number.POSITIVE_INFINITY,
    } = data;
    const steps = names.map((step) => this.#step(step));
    const options = {
      ...(timeout !== undefined && { timeout }),
      ...(terminateAfter !== undefined && { terminateAfter }),
      ...(deadline !== undefined && { deadline }),
      ...(retry !== undefined && { retry }),
      ...(context !== undefined && { context }),
    };
    const timeLeft = expires === undefined ? undefined : expires - wallClock();
    return {
      engine: this.#engine,
      steps,
      ...(credit !== undefined && { kind: 'stream', highWaterMark: { values: credit, bytes } }),
      name,
      options,
      id,
      attempt,
      ...(timeLeft !== undefined && { timeLeft }),
    };
  }

  #step(name: string): Step {
    let step = this.#steps.get(name);
    if (step === undefined) {
      if (this.#steps.size >= MAX_STEPS) this.#steps.clear();
      step = exportStep(name);
      this.#steps.set(name, step);
    }
    return step;
  }
}

/** A task that the engine runs for another program. */
export class ServedTask implements Reaction, ValueSink {
  /** @internal */ readonly run: TaskRun;
  /** @internal */ hasEmitted = false;
  readonly #tap: Tap;

  /** @internal */
  constructor(run: TaskRun, tap: Tap) {
    this.run = run;
    this.#tap = tap;
  }

  /** Cancels the task, and with it the tasks behind it. Does nothing if it has ended. */
  cancel(reason: unknown): void {
    this.run.future.cancel(reason);
  }

  /** Stops the task, which ends as rejected with `error`. Does nothing if it has ended. */
  fail(error: unknown): void {
    const { run } = this;
    if (run.future.isSettled) return;
    run.owner.cancelJob(run, error);
    reject(run.future, error);
  }

  /** Lets a stream emit `count` more values. Returns false if the task is not on a worker. */
  grant(count: number): boolean {
    return this.run.grant(count);
  }

  /** @internal Waits for the end of the task. */
  watch(): void {
    const { future } = this.run;
    // The program is responsible for handling a failure.
    future._observe();
    if (future.isSettled) queueMicrotask(() => this.react(future));
    else future._addReaction(this);
  }

  /** @internal */
  streamed(values: readonly unknown[], bytes: number, creditLeft: number | undefined): void {
    this.hasEmitted = true;
    this.#tap.streamed(values, bytes, creditLeft);
  }

  /** @internal */
  react(future: Future<any>): void {
    this.#tap.ended(outcomeOf(future, this.run));
  }
}

function start(run: TaskRun, input: readonly unknown[] | Upstream): void {
  if (input instanceof ServedTask) run.follow(input.run.future);
  else if (!('status' in input)) run.submit(input);
  else if (input.status === 'fulfilled') run.submit([input.value]);
  else if (input.status === 'rejected') reject(run.future, input.reason);
  else run.future.cancel(input.reason);
}

function outcomeOf(future: Future<any>, run: TaskRun): ServedOutcome {
  if (future._state === FULFILLED) {
    return {
      status: 'fulfilled',
      // The value may still be encoded. It is decoded when it is read.
      get value() {
        return future._value();
      },
    };
  }
  if (future._state === REJECTED)
    return { status: 'rejected', reason: future._result, isUnsendable: run.isResultUnsendable };
  const error = future._result as CancelledError;
  return { status: 'cancelled', reason: error.cause ?? error };
}
