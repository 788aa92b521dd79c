/**
 * Ends one worker in an orderly way: the finalizer runs after the last task, and then the session
 * ends.
 *
 *     serving ──► awaiting-start ──► finalizing ──► ending
 *        │              │                │
 *        └──────────────┴────────────────┴── kill, or no finalizer ──► ending
 *
 *   1. The worker is leaving, and its last job has been reported. It receives `finalize`. A worker
 *      that is still starting receives it when it is ready.
 *   2. The worker answers `finalized`. The session ends, and its 'exit' listeners run.
 *   3. A worker that does not answer within `finalizeTimeout` is killed.
 *
 * A worker whose start failed runs no finalizer, because its initializer has not finished.
 */
import { clearTimeout, type Timer, unref } from '#platform/time';
import { after } from '#platform/timers';
import { trace } from '#platform/trace';
import type { Ending, Session } from '../backends/backend.js';
import { TimeoutError } from '../errors.js';
import { diedFinalizing } from './worker-died.js';

export interface Finalizer {
  /** Name of the export that is the finalizer. Undefined if there is none. */
  readonly name: string | undefined;
  /** ms that the finalizer may take, and ms in which a terminated worker must become free. */
  readonly timeout: number;
}

export class WorkerEnd {
  readonly #worker: string;
  readonly #session: Session;
  readonly #failed: (error: unknown) => void;
  /** Undefined if there is no finalizer, or if it must not run any more. */
  #finalizer: Finalizer | undefined;
  #state: 'serving' | 'awaiting-start' | 'finalizing' | 'ending' = 'serving';
  #timer: Timer | undefined;

  /** `failed` is called if the finalizer does not end in time, or ends the worker. */
  constructor(worker: string, session: Session, finalizer: Finalizer, failed: (error: unknown) => void) {
    this.#worker = worker;
    this.#session = session;
    this.#finalizer = finalizer.name === undefined ? undefined : finalizer;
    this.#failed = failed;
  }

  /** Called when the worker is leaving and has no job. May be called again. */
  begin(hasStarted: boolean): void {
    const finalizer = this.#finalizer;
    if (this.#state === 'ending') return;
    if (finalizer === undefined) {
      this.#state = 'ending';
      this.#session.end();
    } else if (this.#state === 'serving') {
      this.#state = 'awaiting-start';
      if (hasStarted) this.started();
      else this.#killAfter(finalizer.timeout);
    }
  }

  /** Called when the worker is ready. */
  started(): void {
    const finalizer = this.#finalizer;
    if (this.#state !== 'awaiting-start' || finalizer === undefined) return;
    trace?.('%s: runs its finalizer', this.#worker);
    this.#state = 'finalizing';
    this.#session.post({ type: 'finalize' });
    this.#killAfter(finalizer.timeout, () => {
      const { name, timeout } = finalizer;
      const message = `Finalizer "${name}" needed more than ${timeout} ms, so worker "${this.#worker}" was terminated`;
      this.#failed(new TimeoutError(`${message}. Increase finalizeTimeout, or make the finalizer faster.`));
    });
  }

  /** Called when the start of the worker has failed. */
  startFailed(): void {
    this.#finalizer = undefined;
  }

  /** Called when the finalizer has ended. Returns false if the worker was killed before. */
  finalized(): boolean {
    if (this.#state !== 'finalizing') return false;
    this.#state = 'ending';
    clearTimeout(this.#timer);
    this.#session.end();
    return true;
  }

  /**
   * Kills the worker, unless it becomes free within `finalizeTimeout` ms and can run its finalizer.
   */
  terminate(): void {
    const finalizer = this.#finalizer;
    if (finalizer === undefined) this.kill();
    else if (this.#state === 'serving') this.#killAfter(finalizer.timeout);
  }

  /** Ends the worker at once. The finalizer does not run, or is cut off. */
  kill(): void {
    this.#finalizer = undefined;
    this.#state = 'ending';
    clearTimeout(this.#timer);
    this.#session.kill();
  }

  /** Called when the worker has ended. */
  ended(ending: Ending): void {
    clearTimeout(this.#timer);
    const { name } = this.#finalizer ?? {};
    if (this.#state !== 'finalizing' || name === undefined) return;
    if (ending.exitCode !== 0 || ending.error !== undefined)
      this.#failed(diedFinalizing({ name: this.#worker }, name, ending));
  }

  #killAfter(ms: number, late?: () => void): void {
    clearTimeout(this.#timer);
    if (ms === Number.POSITIVE_INFINITY) return;
    const timer = after(ms, () => {
      this.kill();
      late?.();
    });
    this.#timer = unref(timer);
  }
}
