/** The scheduler in a test. Its jobs and workers are fakes, and time is virtual. */
import { codeOf } from '../../src/backends/ending.js';
import { Dispatcher, type DispatcherOptions } from '../../src/scheduling/dispatcher.js';
import { GONE, WAITING } from '../../src/scheduling/job/job-state.js';
import { FakeBackend, type FakeBackendOptions } from './fake-backend.js';
import { FakeJob, type FakeJobInit } from './fake-job.js';
import type { FakeWorker } from './fake-worker.js';
import { endTick } from './virtual-ticks.js';

type Limits = Pick<
  DispatcherOptions,
  | 'maxWorkers'
  | 'minWorkers'
  | 'idleTimeout'
  | 'maxTasksPerWorker'
  | 'startTimeout'
  | 'terminateAfter'
  | 'errorClasses'
  | 'finalizeTimeout'
  | 'rateLimit'
>;

export interface SchedulerOptions extends Partial<Limits>, FakeBackendOptions {
  readonly concurrency?: number;
  /** Name of the finalizer. By default there is none. */
  readonly finalizer?: string;
}

/** A job for each of the names, which are separated by spaces. */
type JobsOf<Names extends string> = Names extends `${string} ${infer Rest}` ? [FakeJob, ...JobsOf<Rest>] : [FakeJob];

interface Started {
  1: [FakeWorker];
  2: [FakeWorker, FakeWorker];
  3: [FakeWorker, FakeWorker, FakeWorker];
}

const UNLIMITED = Number.POSITIVE_INFINITY;

export class Scheduler {
  readonly backend: FakeBackend;
  readonly dispatcher: Dispatcher;
  /** Events of the workforce: `'spawned w-1'`, `'lost w-1, code 1'`, `'recycled w-1: …'`. */
  readonly events: string[] = [];
  /** The errors of these events. */
  readonly errors: unknown[] = [];
  /** Called inside each event, as a listener of the program is. */
  onEvent: (event: string) => void = () => {};
  #lastId = 0;

  constructor({ concurrency = 1, finalizer, canRevoke, traits, ...limits }: SchedulerOptions = {}) {
    this.backend = new FakeBackend({ canRevoke, traits });
    const options: DispatcherOptions = {
      name: 'w',
      backend: this.backend,
      config: { module: 'file:///tasks.js', initializer: 'init', initArgs: [], finalizer, concurrency },
      workerOptions: {},
      maxWorkers: 1,
      minWorkers: 0,
      idleTimeout: UNLIMITED,
      maxTasksPerWorker: UNLIMITED,
      startTimeout: UNLIMITED,
      terminateAfter: UNLIMITED,
      finalizeTimeout: UNLIMITED,
      errorClasses: {},
      ...limits,
    };
    this.dispatcher = new Dispatcher(options, this.#listener());
  }

  #listener(): ConstructorParameters<typeof Dispatcher>[1] {
    const record = (event: string, error?: unknown) => {
      this.events.push(event);
      if (error !== undefined) this.errors.push(error);
      this.onEvent(event);
    };
    return {
      spawned: ({ name }) => record(`spawned ${name}`),
      ready: ({ name }) => record(`ready ${name}`),
      recycled: ({ name }, reason) => record(`recycled ${name}: ${reason}`),
      ended: ({ name }, ending, isExpected) =>
        record(`${isExpected ? 'ended' : 'lost'} ${name}, code ${codeOf(ending)}`),
      faulted: ({ name }, { error }) => record(`faulted ${name}: ${error}`, error),
      cleanupFailed: ({ name, error }) => record(`cleanup failed ${name}: ${error}`, error),
      finalizerFailed: (error) => record(`finalizer failed: ${error}`, error),
      broken: (error) => {
        record('broken', error);
        void this.dispatcher.workforce.close('terminate');
      },
      incomplete: (error) => record('incomplete', error),
    };
  }

  get workers(): readonly FakeWorker[] {
    return this.backend.workers;
  }

  /** Names of the jobs that have not been sent, in the order of the queue. */
  get queue(): string {
    return this.dispatcher
      .queuedJobs()
      .map((job) => (job as FakeJob).name)
      .join(' ');
  }

  /** Names of the workers that may receive jobs. */
  get receiving(): string {
    return this.dispatcher.workforce.receiving.map(({ name }) => name).join(' ');
  }

  /**
   * Starts workers until `count` are ready, and empties the logs.
   *
   * @param pace time in ms that a job takes on them. Each worker then prefetches 5 ms of work
   */
  start<N extends keyof Started>(count: N, pace = 0): Started[N] {
    this.dispatcher.workforce.ensure(count);
    const workers = this.workers.slice(-count);
    for (const worker of workers) worker.ready();
    if (pace > 0) {
      const warm = workers.map(() => this.submitOne('warm'));
      endTick();
      workers.forEach((worker, i) => {
        worker.pace = pace;
        worker.fulfils(warm[i]!);
      });
    }
    for (const worker of workers) worker.log.length = 0;
    this.events.length = 0;
    return workers as Started[N];
  }

  /** Enqueues jobs with these names, separated by spaces. They are sent when the tick ends. */
  submit<Names extends string>(names: Names, init?: FakeJobInit): JobsOf<Names> {
    return names.split(' ').map((name) => this.submitOne(name, init)) as JobsOf<Names>;
  }

  submitOne(name: string, init?: FakeJobInit): FakeJob {
    const job = this.make(name, init);
    this.dispatcher.enqueue(job);
    return job;
  }

  /** Enqueues jobs and ends the tick. */
  send<Names extends string>(names: Names, init?: FakeJobInit): JobsOf<Names> {
    const jobs = this.submit(names, init);
    endTick();
    return jobs;
  }

  /** Makes a job without enqueuing it. */
  make(name: string, init?: FakeJobInit): FakeJob {
    return new FakeJob(++this.#lastId, name, init);
  }

  /** Cancels a job and then its dependents, as the futures do. */
  cancel(job: FakeJob, reason: unknown = 'enough'): void {
    job.isSettled = true;
    if (job.state === WAITING) job.state = GONE;
    else this.dispatcher.cancel(job, reason);
    for (const dependent of job.dependents ?? []) if (!dependent.isSettled) this.cancel(dependent, reason);
  }
}
