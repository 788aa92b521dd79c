/** One worker's side of a session: boots, then answers what main sends until it is told to end. */
import { WorkerDiedError } from '../errors.js';
import { headlineOf } from '../protocol/error-text.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import type { SessionConfig, ToWorker } from '../protocol/messages.js';
import { decodeError, encodeError } from '../protocol/wire-error.js';
import { Functions } from './functions.js';
import { JobRunner } from './job-runner.js';
import { loadModule } from './load-module.js';
import { Progress } from './progress.js';
import { type Drain, type Post, Reports, unsendable } from './reports.js';
import { Runner } from './runner.js';
import { Streams } from './streams.js';
import { registry, runningTaskExactly } from './task-context.js';

/** The thread (or what stands for it) that a session lives on. */
export interface Host {
  readonly post: Post;
  readonly drainOutput: Drain;
  readonly drainPosts: Drain;
  /** Main has said goodbye: let go of what keeps this worker alive. */
  readonly end: () => void;
}

export class Session {
  readonly #functions = new Functions();
  readonly #reports: Reports;
  readonly #streams: Streams;
  readonly #jobs: JobRunner;
  readonly #runner: Runner;
  readonly #config: SessionConfig;
  readonly #host: Host;

  constructor(config: SessionConfig, ledger: WorkerLedger, host: Host) {
    this.#config = config;
    this.#host = host;
    this.#reports = new Reports(host.post, host.drainOutput, host.drainPosts, () => this.#runner.released());
    this.#streams = new Streams({
      post: host.post,
      unsendable: (value, cause) => unsendable(value, cause, 'value'),
      within: (task, run) => registry.storage.run(task, run),
      cleanupFailed: ({ id, name }, error) =>
        host.post({ type: 'cleanup-failed', error: encodeError(error), id, name }),
      rests: () => this.#runner.rests(),
      resumes: () => this.#runner.resumes(),
    });
    this.#jobs = new JobRunner(this.#functions, ledger, this.#reports, {
      workerName: config.workerName,
      streams: this.#streams,
      progress: new Progress(host.post, (task, error) => this.#jobs.fail(task, error)),
    });
    this.#runner = new Runner(this.#jobs, this.#reports, config.concurrency);
  }

  /** Loads the task module, runs the initializer, and says how it went. The session is up by then, so that it can say it. */
  async boot(): Promise<void> {
    const { module, initializer, initArgs } = this.#config;
    let stage: 'module' | 'initializer' = 'module';
    try {
      if (module !== undefined) this.#functions.useModule(await loadModule(module), module);
      stage = 'initializer';
      if (initializer !== undefined) await this.#functions.exported(initializer)(...initArgs);
      this.#host.post({ type: 'ready' });
    } catch (error) {
      this.#host.post({ type: 'boot-failed', stage, error: encodeError(error) });
    }
  }

  get isIdle(): boolean {
    return this.#runner.isIdle;
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'run':
        if (message.functions !== undefined) this.#functions.define(message.functions);
        this.#runner.enqueue(message);
        this.#runner.pump();
        break;
      case 'abort':
        this.#jobs.abort(message, decodeError(message.reason));
        break;
      case 'credit':
        this.#streams.credit(message.slot, message.id, message.count);
        break;
      case 'ping':
        this.#host.post({ type: 'pong' });
        break;
      case 'end':
        this.#reports.flushNow();
        this.#host.end();
        break;
      default:
        message satisfies never;
    }
  }

  /**
   * Something threw outside of every promise. Where a task that still runs has caused it, that task fails with it, now: it might wait for
   * ever. The worker is not to be trusted any more; main lets it finish what it has begun and replaces it.
   */
  fault(error: unknown): void {
    const task = runningTaskExactly();
    const isReported = task !== undefined && this.#jobs.fail(task, this.#died(error));
    const wire = encodeError(error);
    this.#host.post({
      type: 'faulted',
      error: wire,
      id: isReported ? -1 : (task?.id ?? 0),
      name: task?.name ?? this.#config.workerName,
    });
  }

  #died(error: unknown): WorkerDiedError {
    const { workerName } = this.#config;
    return new WorkerDiedError(
      `This task threw outside of its promise (in a timer, a listener, or a promise that nobody awaits), which ends its worker ${workerName}: ${headlineOf(error)}`,
      { workerName, exitCode: 1, cause: error },
    );
  }

  /** The thread ends now, asked or not: what is finished must not be lost with it. */
  lastWords(): void {
    this.#streams.flush();
    this.#reports.flushNow();
  }
}
