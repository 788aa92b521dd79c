/** The ends of jobs that can't tell them: what is no plan is refused, and what a machine had that was lost is told by another one. */
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { REJECTED } from '../protocol/messages.js';
import { defaults } from './check-options.js';
import type { JobNotes } from './job-notes.js';
import { endsIn } from './kept-ends.js';
import type { Keys } from './keys.js';
import { judge, type Loss, lostError, type Rules, whyLost } from './lost.js';
import type { Machine } from './machine.js';
import type { Outbox } from './outbox.js';
import { futuresIn, type JobData, type LegData, type PlanData, type PlanError, readJob } from './plan.js';
import type { Before } from './served-plan.js';
import { errorText } from './value-text.js';
import { type End, endNow } from './words.js';

export class JobEnds {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #machine: Machine;
  readonly #outbox: Outbox;
  readonly #notes: JobNotes;
  readonly #rules: Rules;

  constructor(redis: Redis, keys: Keys, machine: Machine, notes: JobNotes, rules: Rules) {
    this.#redis = redis;
    this.#keys = keys;
    this.#notes = notes;
    this.#rules = rules;
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

  /** Rejects the futures of one plan. Other plans of the job may run. */
  async refusePlan({ legs }: PlanData, { client, keep }: JobData, error: Error): Promise<void> {
    const payload = errorText(error);
    for (const { id, attempt } of legs) {
      const clients = [client, ...this.#machine.watchersOf(id)];
      this.#outbox.end(endNow(id, attempt, REJECTED, payload), keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** A job was lost, and waits. Whoever waits for what is not run again need not wait until a machine takes the job. How many futures that are. */
  async stalled(job: Job): Promise<number> {
    const data = readJob(job.data);
    const loss = await this.#notes.of(job.id!, data, job.stalledCounter ?? 0);
    const { lost } = judge(data, loss, this.#rules.rerunLost, await this.#ends(data));
    await this.#tellLost(data, loss, lost);
    return lost.length;
  }

  /** This machine has taken a job that another one had: what has ended there, or is lost with it, and which retries are used up. */
  async takeOver(job: Job, token: string, data: JobData): Promise<TakenOver> {
    const times = job.stalledCounter ?? 0;
    const loss = await this.#notes.of(job.id!, data, times);
    const ends = await this.#ends(data);
    // A machine that gave it back has told how what it had begun has ended.
    if (times === 0) return { ends, retried: loss.retried, steps: loss.steps, begun: loss.begun, lost: 0 };
    const { lost, retried } = judge(data, loss, this.#rules.rerunLost, ends);
    const ids = retried.map(({ id }) => id);
    if (ids.length > 0) await this.#notes.retry(job.id!, token, ids);
    await this.#tellLost(data, loss, lost);
    const used = new Map(loss.retried);
    for (const id of ids) used.set(id, (used.get(id) ?? 0) + 1);
    return {
      ends: lost.length === 0 ? ends : await this.#ends(data),
      retried: used,
      steps: loss.steps,
      begun: loss.begun,
      lost: lost.length,
    };
  }

  async #tellLost(data: JobData, loss: Loss, legs: readonly LegData[]): Promise<void> {
    if (legs.length === 0) return;
    for (const leg of legs) {
      const payload = errorText(lostError(loss, this.#rules.lostAfter, whyLost(leg)));
      const clients = [data.client, ...this.#machine.watchersOf(leg.id)];
      this.#outbox.end(endNow(leg.id, leg.attempt, REJECTED, payload), data.keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** What of a job has ended. */
  #ends(data: JobData): Promise<Map<number, End>> {
    return endsIn(this.#redis, this.#keys, data);
  }
}

/** What a machine knows of a job that another one had before. */
export interface TakenOver extends Before {
  /** How many of its plans were noted. */
  readonly begun: number;
  /** Futures that are rejected now. */
  readonly lost: number;
}
