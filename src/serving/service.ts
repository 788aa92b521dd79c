/** The server of a queue: receives jobs and orders, from its start until it has closed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import { performance, wallClock } from '#platform/time';
import { TimeLimits } from '#platform/timers';
import { Engine } from '../engine/engine.js';
import type { ExecutorState } from '../engine/life-cycle/executor-state.js';
import type { ExecutorEvent } from '../engine/observe/events.js';
import { type ExecutorStats, statsOf } from '../engine/observe/stats.js';
import { DEFAULT_KEEP } from '../protocol/queue/job-data.js';
import type { Rules } from '../protocol/queue/lost-jobs.js';
import { decodeMessages, type ToServer } from '../protocol/queue/messages.js';
import {
  ALIVE_TTL,
  type ClaimedJob,
  type JobEnd,
  type JobIntake,
  type ServerConnection,
} from '../protocol/queue/transport.js';
import { ms, validate } from '../util/validate.js';
import { ClaimedJobs } from './claimed-jobs.js';
import { Concurrency } from './concurrency.js';
import { Leases } from './leases.js';
import type { JobLog } from './notices.js';
import { Outbox } from './outbox.js';
import { ORDER_TTL, ServedJobs } from './served-jobs.js';
import type { TaskService } from './task-service.js';

/** Options of a server of any queue. */
export interface ServiceOptions extends Rules {
  /** Maximum size of the arguments or the result of a task, in bytes. */
  readonly maxPayload: number;
  readonly engine: ConstructorParameters<typeof Engine>[0];
}

/** Time in ms without a reply after which a terminating server treats the queue as unreachable. */
const TERMINATE_TIMEOUT = 1_000;
/** Interval in ms at which a closing server checks whether the queue is reachable. */
const CHECK_INTERVAL = 100;

export class Service implements TaskService {
  readonly #options: ServiceOptions;
  readonly #connection: ServerConnection;
  readonly #log: JobLog;
  readonly #engine: Engine;
  readonly #servedJobs: ServedJobs;
  readonly #outbox: Outbox;
  readonly #concurrency: Concurrency;
  readonly #leases: Leases;
  readonly #jobs: ClaimedJobs;
  /** Number of jobs that run at a time. */
  readonly #concurrencySlots: number;
  #intake: JobIntake | undefined;
  #closing: Promise<void> | undefined;
  readonly #closed = settleLater();
  /** The limits of close({ timeout }). */
  readonly #limits = new TimeLimits();
  #terminatedAt = Number.POSITIVE_INFINITY;

  constructor(options: ServiceOptions, connection: ServerConnection, log: JobLog) {
    const { engine, maxPayload } = options;
    this.#options = options;
    this.#connection = connection;
    this.#log = log;
    const concurrencySlots = engine.maxWorkers * engine.config.concurrency;
    this.#concurrencySlots = concurrencySlots;
    this.#outbox = new Outbox(connection);
    this.#engine = new Engine(engine);
    this.#concurrency = new Concurrency(concurrencySlots);
    this.#servedJobs = new ServedJobs(this.#engine, this.#outbox, this.#concurrency, maxPayload);
    const leases = new Leases(connection, options);
    this.#leases = leases;
    this.#jobs = new ClaimedJobs(connection, this.#engine, this.#servedJobs, leases, concurrencySlots, log, options);
    void connection.givenUp.then((error) => this.#fail(error));
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  get events(): Observable<ExecutorEvent> {
    return this.#engine.events.events;
  }

  stats(): ExecutorStats {
    return statsOf(this.#engine);
  }

  async start(): Promise<void> {
    const { lostAfter, rerunLost } = this.#options;
    await this.#engine.life.ready();
    await this.#connection.publishRules({ lostAfter, rerunLost });
    // Reads orders of the last hour too. An order may have arrived before its job, or before this
    // server started.
    const since = Math.max(0, wallClock() - ORDER_TTL);
    await this.#connection.receiveOrders(since, (text) => this.#receive(text));
    this.#intake = this.#connection.receiveJobs(this.#concurrencySlots, {
      run: (job) => this.#run(job),
      renewed: (jobs) => this.#leases.renewed(jobs),
      lost: (jobs) => this.#leases.lost(jobs),
      stalled: (job) => this.#jobs.stalled(job),
    });
    this.#concurrency.open(this.#intake);
    this.#servedJobs.watchReaders(Math.min(ALIVE_TTL, lostAfter) / 2, (client) => this.#connection.isAlive(client));
    await this.#intake.ready();
  }

  close(options: { readonly timeout?: number } = {}): Promise<void> {
    validate('close()', options, { timeout: ms });
    const { timeout = Number.POSITIVE_INFINITY } = options;
    this.#closing ??= this.#close();
    this.#limits.add(timeout, () => void this.#end(() => this.#engine.life.cutOff(timeout)));
    return this.#closing;
  }

  terminate(): Promise<void> {
    return this.#end(() => this.#engine.life.terminate());
  }

  async #end(engineEnded: () => Promise<void>): Promise<void> {
    this.#terminatedAt = Math.min(this.#terminatedAt, performance.now());
    await engineEnded();
    await this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Returns `TaskService { host-4711, queue pages, open }`. The connection is left out, because it
   * may contain a password.
   */
  toString(): string {
    const { name, queue, state } = this.toJSON();
    return `TaskService { ${name}, queue ${queue}, ${state} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Returns a summary for loggers. */
  toJSON(): { name: string; queue: string; state: ExecutorState } {
    return { name: this.#engine.name, queue: this.#connection.queue, state: this.#engine.life.state };
  }

  async #close(): Promise<void> {
    const decided = new AbortController();
    await Promise.race([this.#finish(), this.#unreachableForGood(decided.signal)]);
    decided.abort();
    this.#connection.stopListening();
    this.#servedJobs.close();
    this.#concurrency.close();
    // If the queue is unreachable, the jobs of this server count as lost by now, and their outcomes
    // can't be sent.
    if (this.#isAnswering()) await this.#engine.life.shutdown(false);
    else await this.#engine.life.terminate();
    this.#outbox.close();
    this.#log.close();
    await this.#connection.close();
    this.#limits.stop();
    this.#closed.resolve();
  }

  /**
   * Stops claiming jobs and waits for the running ones. Its commands wait for as long as the queue
   * is unreachable.
   */
  async #finish(): Promise<void> {
    await this.#intake?.close();
    await this.#outbox.flushed();
  }

  /**
   * Resolves when the queue has been unreachable for so long that all jobs here are lost. If the
   * server terminates, it resolves as soon as the queue is unreachable.
   */
  async #unreachableForGood(signal: AbortSignal): Promise<void> {
    const { lostAfter } = this.#options;
    let since = performance.now();
    while (!signal.aborted) {
      if (this.#isAnswering()) since = performance.now();
      else if (this.#isTerminated || performance.now() - since > lostAfter) return;
      if (this.#isTerminated && this.#connection.isConnected) this.#connection.probe();
      await sleep(CHECK_INTERVAL, undefined, { signal }).catch(() => {});
    }
  }

  get #isTerminated(): boolean {
    return this.#terminatedAt !== Number.POSITIVE_INFINITY;
  }

  /**
   * True if the queue is reachable and accepts mail. A terminating server does not wait for a dead
   * connection.
   */
  #isAnswering(): boolean {
    if (!this.#connection.isConnected || this.#outbox.isHolding) return false;
    return this.#connection.quietFor < TERMINATE_TIMEOUT || performance.now() - this.#terminatedAt < TERMINATE_TIMEOUT;
  }

  /** Closes the server after the transport gave up a connection: it would receive no jobs. */
  #fail(error: Error): void {
    this.#closed.reject(error);
    void this.terminate();
  }

  async #run(job: ClaimedJob): Promise<JobEnd> {
    const end = await this.#jobs.run(job);
    if (end === 'returned' && this.#engine.life.state === 'broken') {
      this.#closed.reject(this.#engine.refusal()!);
      await this.#intake?.pause();
    }
    return end;
  }

  #receive(text: string): void {
    for (const message of decodeMessages<ToServer>(text)) {
      try {
        if (!this.#servedJobs.handle(message) && message.type === 'watch')
          void this.#publishStoredOutcome(message).catch(() => {});
      } catch {
        // Invalid orders are ignored, because anyone may write to the queue.
      }
    }
  }

  /** Sends a stored outcome to a client that attached after the future had settled. */
  async #publishStoredOutcome({ id, client }: ToServer & { type: 'watch' }): Promise<void> {
    // The outcome may still be on its way to the queue.
    await this.#outbox.sent();
    const [end] = await this.#connection.outcomes([id]);
    if (end !== undefined) this.#outbox.publish(client, DEFAULT_KEEP, end);
  }
}

function settleLater() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  // Awaiting the promise is optional, so a rejection must not be reported as unhandled.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
