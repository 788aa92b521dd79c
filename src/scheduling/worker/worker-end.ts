/**
 * Ends one worker in an orderly way: the finalizer runs after the last task, and then the session
 * ends.
 *
 *     working ──► awaiting-start ──► finalizing ──► ending
 *
 * A worker that is killed goes to `ending` at once. So does one that has neither a finalizer to run
 * nor actors to dispose of.
 *
 *   1. The worker is leaving, and its last job has been reported. It receives `finalize`: it
 *      disposes of the objects of its actors, then it runs the finalizer. A worker that is still
 *      starting receives it when it is ready.
 *   2. The worker answers `finalized`. The session ends, and its 'exit' listeners run.
 *   3. A worker that does not answer within `finalizeTimeout` is killed. So is each worker when the
 *      time of a shutdown is over.
 *
 * A worker whose start failed runs no finalizer, because its initializer has not finished.
 */
import { clearTimeout, type Timer, unref } from '#platform/time';
import { limitOfWorker } from '#platform/timers';
import { trace } from '#platform/trace';
import type { Session } from '../../backends/backend.js';
import { type Ending, isOrderly } from '../../backends/ending.js';
import { TimeoutError } from '../../errors.js';
import { diedFinalizing } from './worker-died.js';

export interface Finalizer {
  /** Name of the export that is the finalizer. Undefined if there is none. */
  readonly name: string | undefined;
  /** ms that the finalizer may take, and ms in which a terminated worker must become free. */
  readonly timeout: number;
}

type EndState = 'working' | 'awaiting-start' | 'finalizing' | 'ending';

const moves: Readonly<Record<EndState, readonly EndState[]>> = {
  working: ['awaiting-start', 'ending'],
  'awaiting-start': ['finalizing', 'ending'],
  finalizing: ['ending'],
  ending: [],
};

export class WorkerEnd {
  readonly #worker: string;
  readonly #session: Session;
  readonly #actors: { readonly hasDisposables: boolean };
  readonly #failed: (error: unknown) => void;
  /** Undefined if nothing must run any more. */
  #finalizer: Finalizer | undefined;
  #isFinalized = false;
  #state: EndState = 'working';
  #timer: Timer | undefined;

  /** `failed` is called if the finalizer does not end in time, or ends the worker. */
  constructor(
    worker: string,
    session: Session,
    finalizer: Finalizer,
    actors: { readonly hasDisposables: boolean },
    failed: (error: unknown) => void,
  ) {
    this.#worker = worker;
    this.#session = session;
    this.#finalizer = finalizer;
    this.#actors = actors;
    this.#failed = failed;
  }

  /** True if the objects of the actors were disposed of and the finalizer has run. */
  get isFinalized(): boolean {
    return this.#isFinalized;
  }

  /** Undefined if the worker has nothing to do before it ends. */
  get #duty(): Finalizer | undefined {
    return this.#finalizer?.name !== undefined || this.#actors.hasDisposables ? this.#finalizer : undefined;
  }

  /**
   * Called when the worker is leaving and has no job. May be called again. Advances to
   * `awaiting-start`, and then to `finalizing` if the worker has started. If there is nothing to do
   * before, advances to `ending`.
   */
  endOrFinalize(hasStarted: boolean): void {
    const finalizer = this.#duty;
    if (finalizer === undefined) {
      if (this.#advance('ending')) this.#session.end();
    } else if (this.#advance('awaiting-start')) {
      if (hasStarted) this.started();
      else this.#killAfter(finalizer.timeout);
    }
  }

  /** Called when the worker is ready. Advances to `finalizing` if the worker is leaving. */
  started(): void {
    const finalizer = this.#duty;
    if (finalizer === undefined || !this.#advance('finalizing')) return;
    trace?.('%s: runs its finalizer', this.#worker);
    this.#session.post({ type: 'finalize' });
    this.#killAfter(finalizer.timeout, () => {
      this.#late(finalizer, `needed more than ${finalizer.timeout} ms`, 'finalizeTimeout');
    });
  }

  /** Called when the start of the worker has failed. */
  startFailed(): void {
    this.#finalizer = undefined;
  }

  /**
   * Called when the finalizer has ended. Advances to `ending`. Returns false if the worker was
   * killed before.
   */
  finalized(): boolean {
    if (this.#state !== 'finalizing') return false;
    this.#isFinalized = true;
    this.#advance('ending');
    this.#stopTimer();
    this.#session.end();
    return true;
  }

  /**
   * Kills the worker, unless it becomes free within `finalizeTimeout` ms and can run its finalizer.
   */
  terminate(): void {
    const finalizer = this.#duty;
    if (finalizer === undefined) this.kill();
    else if (this.#state === 'working') this.#killAfter(finalizer.timeout);
  }

  /**
   * Kills the worker, because the time of a shutdown is over. Reports a finalizer that still runs.
   */
  cutOff(): void {
    const running = this.#state === 'finalizing' ? this.#finalizer : undefined;
    this.kill();
    if (running !== undefined) this.#late(running, 'had not ended in time', 'the timeout of shutdown()');
  }

  /** Ends the worker at once. The finalizer does not run, or is cut off. Advances to `ending`. */
  kill(): void {
    this.#advance('ending');
    this.#stopTimer();
    this.#session.kill();
  }

  /** Called when the worker has ended. */
  ended(ending: Ending): void {
    this.#stopTimer();
    if (this.#state !== 'finalizing' || this.#finalizer === undefined || isOrderly(ending)) return;
    this.#failed(diedFinalizing({ name: this.#worker }, this.#finalizer.name, ending));
  }

  /**
   * All changes of the state happen here. Returns false if the table has no such move, because the
   * call comes too late or too early.
   */
  #advance(state: EndState): boolean {
    if (!moves[this.#state].includes(state)) return false;
    this.#state = state;
    return true;
  }

  /** Reports that the finalizer was cut off. `limit` is what the user may increase. */
  #late({ name }: Finalizer, how: string, limit: string): void {
    const what = name === undefined ? 'The disposal of actors' : `Finalizer "${name}"`;
    const message = `${what} ${how}, so worker "${this.#worker}" was terminated`;
    this.#failed(new TimeoutError(`${message}. Increase ${limit}, or make it faster.`));
  }

  #killAfter(ms: number, late?: () => void): void {
    this.#stopTimer();
    if (ms === Number.POSITIVE_INFINITY) return;
    const timer = limitOfWorker(ms, () => {
      if (this.#timer !== timer) return;
      this.kill();
      late?.();
    });
    this.#timer = unref(timer);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
