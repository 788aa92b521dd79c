/** The ends of jobs that can't tell them: what is no plan is refused, and what a machine had that was lost is told by another one. */
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { WorkerDiedError } from '../errors.js';
import { FULFILLED, REJECTED } from '../protocol/messages.js';
import { defaults } from './check-options.js';
import { keptEnds } from './kept-ends.js';
import type { Keys } from './keys.js';
import type { Machine } from './machine.js';
import { MACHINE, type Outbox } from './outbox.js';
import { futuresIn, type JobData, type LegData, type PlanData, type PlanError, readJob } from './plan.js';
import { errorText } from './value-text.js';
import { broughtBy, type End, endNow } from './words.js';

export class JobEnds {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #machine: Machine;
  readonly #outbox: Outbox;

  constructor(
    redis: Redis,
    keys: Keys,
    machine: Machine,
    /** ms */
    readonly lostAfter: number,
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#machine = machine;
    this.#outbox = machine.outbox;
  }

  /** Whoever waits for it is told, as far as the job says who that is. */
  async refuse(job: Job, error: PlanError): Promise<void> {
    const payload = errorText(error);
    const futures = new Map(futuresIn(job.data).map((future) => [future.id, future]));
    for (const { id, attempt } of futures.values()) {
      const clients = error.client === undefined ? [] : [error.client];
      this.#outbox.end(endNow(id, attempt, REJECTED, payload), defaults.keepResults, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** A plan of a job whose other plans may run. */
  async refusePlan({ legs }: PlanData, { client, keep }: JobData, error: Error): Promise<void> {
    const payload = errorText(error);
    for (const { id, attempt } of legs) {
      const clients = [client, ...this.#machine.watchersOf(id)];
      this.#outbox.end(endNow(id, attempt, REJECTED, payload), keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** BullMQ fails a job that is lost for good when a machine has a place for it. Whoever waits for it need not wait for that. */
  async stalled(job: Job | undefined): Promise<void> {
    if (job?.deferredFailure !== undefined) await this.lost(job);
  }

  /** The machine that had the job has given no sign of life, and it is not to be run again. */
  async lost(job: Job): Promise<void> {
    const data = readJob(job.data);
    const ends = await this.#ends(data);
    const lost = data.plans.flatMap(({ legs }) => legs).filter(({ id }) => !ends.has(id));
    await this.#tellLost(
      job,
      data,
      lost,
      'It may have done anything, so it is not run again; rerunLost of serveTasks() says otherwise',
    );
  }

  /** How futures of the job have ended, on the machine that was lost or with it. */
  async before(job: Job, data: JobData): Promise<Map<number, End>> {
    const ends = await this.#ends(data);
    const streams = data.plans.flatMap(({ legs }) =>
      legs.filter(({ id, from, credit }) => {
        const hasBegun = from === -1 || ends.get(legs[from]!.id)?.kind === FULFILLED;
        return credit !== undefined && hasBegun && !ends.has(id);
      }),
    );
    if (streams.length === 0) return ends;
    await this.#tellLost(job, data, streams, "What a stream has given can't be taken back, so it is not run again");
    return this.#ends(data);
  }

  async #tellLost(job: Job, data: JobData, legs: readonly LegData[], what: string): Promise<void> {
    const { lostAfter } = this;
    // None where it was lost in the moment in which it took the job.
    const machine = await this.#redis.hget(this.#keys.job(job.id!), MACHINE);
    const who = machine === null ? 'The machine that had this task' : `The machine ${machine}, which had this task,`;
    const payload = errorText(
      new WorkerDiedError(`${who} gave no sign of life for more than ${lostAfter} ms. ${what}.`, {
        workerName: machine ?? 'unknown',
      }),
    );
    for (const { id, attempt } of legs) {
      const clients = [data.client, ...this.#machine.watchersOf(id)];
      this.#outbox.end(endNow(id, attempt, REJECTED, payload), data.keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** What of a job has ended. */
  async #ends({ plans }: JobData): Promise<Map<number, End>> {
    const attempts = new Map(plans.flatMap(({ legs }) => legs.map(({ id, attempt }) => [id, attempt] as const)));
    const kept = await keptEnds(this.#redis, this.#keys, [...attempts.keys()]);
    const ours = kept.filter((end) => end.attempt === attempts.get(end.id) && broughtBy(end) !== undefined);
    return new Map(ours.map((end) => [end.id, end]));
  }
}
