/**
 * The worker's side of a session: boots, then handles the messages of the main thread until one of
 * them ends the worker.
 *
 * This file is long because each message of the main thread has a case here.
 */
import { AsyncLocalStorage } from '#platform/async-storage';
import { usedHeap } from '#platform/heap';
import { setImmediate } from '#platform/time';
import { WorkerDiedError } from '../errors.js';
import { headlineOf } from '../protocol/error-text.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import type { Prerequisite, SessionConfig, ToWorker } from '../protocol/messages.js';
import { decodeError, encodeError, type WireError } from '../protocol/wire-error.js';
import { isActor } from './actors/actor.js';
import { Actors } from './actors/actors.js';
import { type AnyFunction, Functions } from './functions.js';
import { HeapLimit } from './heap-limit.js';
import type { Host } from './host.js';
import { Inputs } from './inputs.js';
import { JobRunner } from './job-runner.js';
import { Links } from './links.js';
import { Progress } from './progress.js';
import { Reports } from './reports.js';
import { Runner } from './runner.js';
import { RunningTasks } from './running-tasks.js';
import { SharedValues } from './shared-values.js';
import { Streams } from './streams.js';
import { type TaskContext, taskAtFault } from './task-context.js';
import { WaitingTasks } from './waiting-tasks.js';

export class Session {
  readonly #functions = new Functions();
  readonly #reports: Reports;
  readonly #streams: Streams;
  readonly #shared = new SharedValues();
  readonly #actors = new Actors();
  readonly #inputs: Inputs;
  readonly #links: Links;
  readonly #tasks: RunningTasks;
  readonly #jobs: JobRunner;
  readonly #runner: Runner;
  readonly #config: SessionConfig;
  readonly #host: Host;
  readonly #ledger: WorkerLedger;
  /** Messages that were read for {@link Session.#receiveAbort} and wait for their turn. */
  readonly #early: ToWorker[] = [];
  /** Calls a function in the async context of the session, which has no store of a task. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #finalizer: AnyFunction | undefined;

  constructor(config: SessionConfig, ledger: WorkerLedger, host: Host) {
    this.#config = config;
    this.#host = host;
    this.#ledger = ledger;
    const { maxMemory } = config;
    const heapLimit = maxMemory === undefined ? undefined : new HeapLimit(maxMemory);
    this.#reports = new Reports(host, () => this.#runner.unblocked(), heapLimit);
    const waiting = new WaitingTasks(
      {
        // A task of an actor occupies no concurrency slot.
        has: (slot) => !isActor(this.#tasks.get(slot)?.lane),
        paused: () => this.#runner.paused(),
        resumed: () => this.#runner.resumed(),
      },
      host.post,
    );
    this.#inputs = new Inputs(host.post, waiting);
    this.#links = new Links(host, this.#inputs);
    this.#streams = new Streams({
      post: host.post,
      links: this.#links,
      ledger,
      paused: (slot, isSeen) => waiting.waitStarted(slot, isSeen),
      resumed: (slot, isSeen) => waiting.waitEnded(slot, isSeen),
    });
    const progress = new Progress(host.post, (task, error) => this.#tasks.fail(task, error));
    this.#tasks = new RunningTasks(config.workerName, progress, {
      ledger,
      receiveAbort: (task) => this.#receiveAbort(task),
    });
    this.#jobs = new JobRunner(ledger, {
      functions: this.#functions,
      reports: this.#reports,
      tasks: this.#tasks,
      streams: this.#streams,
      shared: this.#shared,
      inputs: this.#inputs,
      links: this.#links,
      waiting,
    });
    this.#runner = new Runner(this.#jobs, this.#reports, config.concurrency, this.#actors);
  }

  /** Loads the task module, runs the initializer, and posts the result. */
  async boot(): Promise<void> {
    const { module, initializer, initArgs, finalizer } = this.#config;
    let prerequisite: Prerequisite = 'module';
    try {
      const { loadModule, importModule } = this.#host;
      if (loadModule !== undefined) this.#functions.useReplaceable(await loadModule(), module!);
      else if (module !== undefined) this.#functions.useModule(await importModule(module), module);
      // The finalizer is looked up before the initializer runs. If its name is wrong, the
      // initializer opens nothing that no finalizer would close.
      prerequisite = 'finalizer';
      if (finalizer !== undefined) this.#finalizer = this.#functions.exported(finalizer);
      prerequisite = 'initializer';
      if (initializer !== undefined) await this.#functions.exported(initializer)(...initArgs);
      this.#host.post({ type: 'ready' });
    } catch (error) {
      this.#host.post({ type: 'boot-failed', prerequisite, error: encodeError(error) });
    }
  }

  get isIdle(): boolean {
    // A message of a link does not wake a blocked thread.
    const mayBlock = !this.#inputs.isActive && !this.#links.isActive;
    return mayBlock && this.#early.length === 0 && this.#runner.isIdle;
  }

  receive(message: ToWorker): void {
    this.#handleEarly();
    this.#handle(message);
  }

  /**
   * Reads messages inside a task until one aborts the task. All of them are handled in the next
   * turn of the event loop, in their order, because no other task may run inside this one.
   */
  #receiveAbort(task: TaskContext): void {
    const isForTask = (message: ToWorker) =>
      message.type === 'abort' &&
      message.slot === task.slot &&
      message.id === task.id &&
      message.attempt === task.attempt;
    let found = this.#early.find(isForTask);
    while (found === undefined) {
      const next = this.#host.next?.();
      if (next === undefined) return;
      if (this.#early.push(next) === 1) this.#outside(() => setImmediate(() => this.#handleEarly()));
      if (isForTask(next)) found = next;
    }
    if (found.type === 'abort') task.abort(decodeError(found.reason));
  }

  #handleEarly(): void {
    // A message may start a task, and this task may add further messages to the list.
    for (let next = this.#early.shift(); next !== undefined; next = this.#early.shift()) this.#handle(next);
  }

  #handle(message: ToWorker): void {
    switch (message.type) {
      case 'run':
        if (message.functions !== undefined) {
          this.#functions.define(message.functions);
          this.#actors.defined(message.functions);
        }
        this.#runner.enqueue(message);
        this.#runner.pump();
        break;
      case 'abort':
        this.#jobs.abort(message, decodeError(message.reason));
        break;
      case 'credit':
        this.#streams.credit(message.slot, message.id, message.count);
        break;
      case 'share':
        this.#shared.add(message.id, message.value);
        break;
      case 'unshare':
        this.#shared.remove(message.id);
        break;
      case 'ledger':
        this.#ledger.add(message);
        break;
      case 'link':
        this.#links.open(message.link, message.isSource, message.port);
        break;
      case 'input-ended':
        this.#links.drain();
        this.#inputs.receive(message);
        break;
      case 'input-values':
        this.#inputs.receive(message);
        break;
      case 'ping':
        this.#host.post({ type: 'pong' });
        break;
      case 'measure':
        this.#host.post({ type: 'measured', heap: usedHeap() });
        break;
      case 'finalize':
        void this.#finalize();
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
   * Disposes of the actors, then runs the finalizer. Posts the answer after the output of the
   * finalizer.
   */
  async #finalize(): Promise<void> {
    this.#reports.flushNow();
    await this.#actors.disposeAll((error, name) => this.#host.post({ type: 'cleanup-failed', error, id: 0, name }));
    const finalizer = this.#finalizer;
    let error: WireError | undefined;
    try {
      await finalizer?.();
    } catch (thrown) {
      error = encodeError(thrown);
    }
    const answer = () => this.#host.post({ type: 'finalized', error });
    if (!this.#host.drainOutput(answer)) answer();
  }

  /**
   * Reports an error that escaped all promises. If a running task caused the error, the task is
   * rejected with it at once, because the task might wait forever.
   *
   * The worker is not reliable any more. The main thread lets its running tasks finish and replaces
   * it.
   */
  fault(error: unknown): void {
    const task = taskAtFault();
    const isRejected = task !== undefined && this.#tasks.fail(task, this.#uncaughtError(error, task));
    const wire = encodeError(error);
    this.#host.post({
      type: 'faulted',
      error: wire,
      isRejected,
      id: task?.id ?? 0,
      name: task?.name ?? this.#config.workerName,
    });
  }

  #uncaughtError(error: unknown, { name, id }: { name: string; id: number }): WorkerDiedError {
    const { workerName } = this.#config;
    return new WorkerDiedError(
      `Task "${name}" (#${id}) caused an uncaught error: ${headlineOf(error).replace(/\.$/, '')}. Worker "${workerName}" will be replaced. Catch the error in the timer, the event listener or the promise in which it was thrown.`,
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
