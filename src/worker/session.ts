/**
 * The worker's side of a session: boots, then handles the messages of the main thread until one of
 * them ends the worker.
 */
import { loadModule } from '#platform/load-module';
import { WorkerDiedError } from '../errors.js';
import { headlineOf } from '../protocol/error-text.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import type { SessionConfig, ToWorker } from '../protocol/messages.js';
import { decodeError, encodeError } from '../protocol/wire-error.js';
import { Functions } from './functions.js';
import type { Host } from './host.js';
import { JobRunner } from './job-runner.js';
import { Progress } from './progress.js';
import { Reports } from './reports.js';
import { Runner } from './runner.js';
import { RunningTasks } from './running-tasks.js';
import { Streams } from './streams.js';
import { runningTaskExactly } from './task-context.js';

export class Session {
  readonly #functions = new Functions();
  readonly #reports: Reports;
  readonly #streams: Streams;
  readonly #tasks: RunningTasks;
  readonly #jobs: JobRunner;
  readonly #runner: Runner;
  readonly #config: SessionConfig;
  readonly #host: Host;

  constructor(config: SessionConfig, ledger: WorkerLedger, host: Host) {
    this.#config = config;
    this.#host = host;
    this.#reports = new Reports(host, () => this.#runner.unblocked());
    this.#streams = new Streams({
      post: host.post,
      paused: () => this.#runner.paused(),
      resumed: () => this.#runner.resumed(),
    });
    const progress = new Progress(host.post, (task, error) => this.#tasks.fail(task, error));
    this.#tasks = new RunningTasks(config.workerName, progress);
    this.#jobs = new JobRunner(this.#functions, ledger, this.#reports, this.#tasks, this.#streams);
    this.#runner = new Runner(this.#jobs, this.#reports, config.concurrency);
  }

  /** Loads the task module, runs the initializer, and posts the result. */
  async boot(): Promise<void> {
    const { module, initializer, initArgs } = this.#config;
    let stage: 'module' | 'initializer' = 'module';
    try {
      const { loadModule: load } = this.#host;
      if (load !== undefined) this.#functions.useReplaceable(await load(), module!);
      else if (module !== undefined) this.#functions.useModule(await loadModule(module), module);
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
   * Reports an error that escaped all promises. If a running task caused the error, the task is
   * rejected with it at once, because the task might wait forever.
   *
   * The worker is not reliable any more. The main thread lets its running tasks finish and replaces
   * it.
   */
  fault(error: unknown): void {
    const task = runningTaskExactly();
    const isReported = task !== undefined && this.#tasks.fail(task, this.#uncaughtError(error));
    const wire = encodeError(error);
    this.#host.post({
      type: 'faulted',
      error: wire,
      id: isReported ? -1 : (task?.id ?? 0),
      name: task?.name ?? this.#config.workerName,
    });
  }

  #uncaughtError(error: unknown): WorkerDiedError {
    const { workerName } = this.#config;
    return new WorkerDiedError(
      `This task caused an uncaught error (in a timer, an event listener or a promise that is not awaited), so worker "${workerName}" will be replaced. Catch the error in the task: ${headlineOf(error)}`,
      { workerName, exitCode: 1, cause: error },
    );
  }

  /**
   * Called when the thread ends, expectedly or not. Sends all results and values that are finished.
   */
  flush(): void {
    this.#streams.flush();
    this.#reports.flushNow();
  }
}
