/**
 * Runs single jobs: claims a job, calls its steps, and reports the outcome.
 *
 * The file is long because each part of a worker takes part in a job.
 */

import { performance } from '#platform/time';
import type { Key } from '../protocol/job-layout.js';
import { firstKeyOf, hasStandIns, isRoot, isStream, nextJob, slotOf } from '../protocol/job-layout.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import type { Cells, JobBatch } from '../protocol/messages.js';
import { whenDone } from '../protocol/thenable.js';
import { closeUnused } from '../protocol/transfer.js';
import type { Actor } from './actors/actor.js';
import { type Functions, type KnownFunction, measured } from './functions.js';
import type { Inputs } from './inputs.js';
import { isPromise, JobSteps } from './job-steps.js';
import type { Links } from './links.js';
import type { Reports } from './reports.js';
import type { RunningTasks } from './running-tasks.js';
import type { SharedValues } from './shared-values.js';
import type { Streams } from './streams.js';
import type { TaskContext } from './task-context.js';
import { UnstartedJobs } from './unstarted-jobs.js';
import type { WaitingTasks } from './waiting-tasks.js';

/**
 * Run time in ms up to which a function counts as quick. A quick function may start while results
 * wait to be sent.
 */
export const QUICK_MS = 0.25;

/**
 * Receives the outcome of a job for its dependents. A job that is alone in its tree has no
 * Downstream.
 */
export interface Downstream {
  /**
   * Returns true if another job receives the value. The value itself is then rarely read on the
   * main thread.
   */
  fulfilled(value: unknown): boolean;
  failed(): void;
}

/** Identifies a job among all jobs that were ever sent to the worker. */
interface JobReference {
  readonly slot: number;
  readonly id: number;
  readonly attempt: number;
}

/** The parts of a worker that its jobs use. */
export interface WorkerParts {
  readonly functions: Functions;
  readonly reports: Reports;
  readonly tasks: RunningTasks;
  readonly streams: Streams;
  readonly shared: SharedValues;
  readonly inputs: Inputs;
  readonly links: Links;
  readonly waiting: WaitingTasks;
}

export class JobRunner {
  readonly #functions: Functions;
  readonly #ledger: WorkerLedger;
  readonly #reports: Reports;
  readonly #tasks: RunningTasks;
  readonly #streams: Streams;
  readonly #shared: SharedValues;
  readonly #inputs: Inputs;
  readonly #links: Links;
  readonly #waiting: WaitingTasks;
  readonly #steps: JobSteps;
  /** `undefined` if the main thread can revoke jobs in the ledger. */
  readonly #unstarted: UnstartedJobs | undefined;
  /** True while a job has stream arguments, or emits its values through a link. */
  #hasStreams = false;
  /** Contexts of the jobs that have not started, by slot. Most jobs have none. */
  readonly #contexts = new Map<number, unknown>();
  /**
   * Time at which the last job ended. The next job starts at this time too, so that the clock is
   * read once for both.
   */
  now = 0;

  constructor(
    ledger: WorkerLedger,
    { functions, reports, tasks, streams, shared, inputs, links, waiting }: WorkerParts,
  ) {
    this.#functions = functions;
    this.#ledger = ledger;
    this.#reports = reports;
    this.#tasks = tasks;
    this.#streams = streams;
    this.#shared = shared;
    this.#inputs = inputs;
    this.#links = links;
    this.#waiting = waiting;
    this.#steps = new JobSteps(functions, ledger, tasks, streams);
    this.#unstarted = ledger.isShared ? undefined : new UnstartedJobs();
  }

  /** True if only the message of a cancel informs this worker of the cancel. */
  get lacksSharedMemory(): boolean {
    return !this.#ledger.isShared;
  }

  /**
   * Records the jobs of a batch, so that an abort finds those that have not started. Keeps the
   * contexts of the jobs until their runs.
   */
  arrived({ cells, contexts, inputs, outputs }: JobBatch): void {
    this.#unstarted?.add(cells);
    if (inputs !== undefined) this.#inputs.arrived(inputs);
    if (outputs !== undefined) this.#links.arrived(outputs);
    if (inputs !== undefined || outputs !== undefined) this.#hasStreams = true;
    if (contexts === undefined) return;
    for (let at = 0, job = 0; at < cells.length; at = nextJob(cells, at), job++) {
      if (contexts[job] !== undefined) this.#contexts.set(slotOf(cells, at), contexts[job]);
    }
  }

  abort({ slot, id, attempt }: JobReference, reason: unknown): void {
    if (this.#unstarted?.cancel(slot, id)) return;
    // After the report of a job, its slot belongs to no job. An abort that was sent before the
    // report arrived finds no job here.
    const task = this.#tasks.get(slot);
    if (task?.id !== id || task.attempt !== attempt) return;
    task.abort(reason);
    this.#streams.leave(slot);
  }

  /**
   * Prepares for the job at `at`. If the job may be slow, or if waiting results are due, the
   * results are sent first. Otherwise they would wait behind a long task, or be lost with a task
   * that crashes. Returns false if the results can't be sent yet and the job has to wait.
   */
  clear(cells: Cells, at: number): boolean {
    if (this.#functions.slowest(cells[firstKeyOf(at)]!) > QUICK_MS || this.#reports.isDue(this.now))
      this.#reports.flush();
    return !this.#reports.isBlocked;
  }

  /**
   * Runs a job. `lane` is its key or its actor. Returns `undefined` if the job is already reported.
   * Otherwise returns a promise that resolves when the job is reported and never rejects.
   */
  run(
    cells: Cells,
    at: number,
    args: readonly unknown[],
    downstream?: Downstream,
    lane?: Key | Actor,
  ): Promise<void> | undefined {
    const slot = slotOf(cells, at);
    const context = this.#contexts.size === 0 ? undefined : this.#takeContext(slot);
    if (!this.#ledger.claim(slot, this.now) || this.#unstarted?.isCancelled(slot) === true) {
      this.skip(slot, downstream);
      // The argument of a dependent job stays open, because other jobs may receive the same value.
      if (isRoot(cells, at)) closeUnused(args);
      return undefined;
    }
    this.#unstarted?.remove(slot);
    const startedAt = this.now;
    let first: KnownFunction | undefined;
    try {
      first = this.#functions.get(cells[firstKeyOf(at)]!);
      // The list of arguments may be changed, because no other run has it.
      if (hasStandIns(cells, at)) this.#shared.resolve(args as unknown[]);
      const inputs = this.#hasStreams ? this.#inputs.take(slot) : undefined;
      const prepare = inputs && ((task: TaskContext) => this.#inputs.insert(task, inputs, args as unknown[]));
      const value = this.#steps.call(first, cells, at, args, context, lane, prepare);
      if (isPromise(value)) return this.#settleLater(slot, value, isStream(cells, at), downstream);
      this.#fulfil(slot, value, downstream);
    } catch (error) {
      this.#reject(slot, error, downstream);
    } finally {
      this.now = performance.now();
      if (first !== undefined) measured(first, this.now - startedAt);
    }
    return undefined;
  }

  /** Skips a job that was revoked or whose upstream failed. */
  skip(slot: number, downstream?: Downstream): void {
    this.#unstarted?.remove(slot);
    this.#contexts.delete(slot);
    if (this.#hasStreams) this.#endStreams(slot);
    this.#reports.skip(slot);
    downstream?.failed();
  }

  #takeContext(slot: number): unknown {
    const context = this.#contexts.get(slot);
    this.#contexts.delete(slot);
    return context;
  }

  /**
   * Settles a job once: by its promise, or by an uncaught error that was traced to the task. A
   * stream ends by its promise alone, because its job is reported after its cleanup.
   */
  #settleLater(
    slot: number,
    promise: Promise<unknown>,
    isStream: boolean,
    downstream: Downstream | undefined,
  ): Promise<void> {
    const task = this.#tasks.get(slot)!;
    return new Promise((done) => {
      const once = (end: (result: unknown) => void) => (result: unknown) => {
        if (this.#tasks.get(slot) !== task) return;
        try {
          end(result);
        } catch (error) {
          // Reading the result may throw, for example in a trap of a Proxy.
          this.#reject(slot, error, downstream);
        }
        done();
      };
      const fulfil = once((value) => this.#fulfil(slot, value, downstream));
      const reject = once((error) => this.#reject(slot, error, downstream));
      task.fault = isStream ? (error) => this.#streams.fail(task, error) : reject;
      whenDone(promise, fulfil, reject);
    });
  }

  #fulfil(slot: number, value: unknown, downstream: Downstream | undefined): void {
    // The main thread stops a job first, and then its dependents. The job may end between the two.
    const isStopped = downstream !== undefined && this.#steps.isStopped(slot);
    this.#ended(slot);
    if (isStopped) downstream.failed();
    if (!isStopped && downstream?.fulfilled(value)) this.#reports.fulfilLazily(slot, value);
    else this.#reports.fulfil(slot, value);
  }

  #reject(slot: number, error: unknown, downstream: Downstream | undefined): void {
    this.#ended(slot);
    downstream?.failed();
    this.#reports.reject(slot, error);
  }

  #ended(slot: number): void {
    this.#ledger.finish(slot);
    if (this.#hasStreams) this.#endStreams(slot);
    this.#tasks.remove(slot);
  }

  /** Forgets the streams that the job in a slot reads, and the link of its own values. */
  #endStreams(slot: number): void {
    this.#inputs.ended(slot);
    this.#links.ended(slot);
    this.#waiting.ended(slot);
    this.#hasStreams = this.#inputs.isActive || this.#links.isActive || this.#waiting.isActive;
  }
}
