/** The ends of jobs that can't tell them: what is no plan is refused, and what a machine had that was lost is told by another one. */
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { REJECTED } from '../../protocol/messages.js';
import { defaults } from '../redis/check-options.js';
import { futuresIn, type JobData, type JobDataError, type NodeData, readJob, type TreeData } from '../wire/job-data.js';
import type { JobNotes } from '../wire/job-notes.js';
import { endsIn } from '../wire/kept-ends.js';
import type { Keys } from '../wire/keys.js';
import { judge, type Loss, lostError, type Rules, whyLost } from '../wire/lost-jobs.js';
import { type End, endNow } from '../wire/messages.js';
import { errorText } from '../wire/value-text.js';
import type { Outbox } from './outbox.js';
import type { ServedJobs } from './served-jobs.js';
import type { Before } from './served-tree.js';

export class JobEnds {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #server: ServedJobs;
  readonly #outbox: Outbox;
  readonly #notes: JobNotes;
  readonly #rules: Rules;

  constructor(redis: Redis, keys: Keys, server: ServedJobs, notes: JobNotes, rules: Rules) {
    this.#redis = redis;
    this.#keys = keys;
    this.#notes = notes;
    this.#rules = rules;
    this.#server = server;
    this.#outbox = server.outbox;
  }

  /** Whoever waits for it is told, as far as the job says who that is. */
  async refuse(job: Job, error: JobDataError): Promise<void> {
    const payload = errorText(error);
    const futures = new Map(futuresIn(job.data).map((future) => [future.id, future]));
    for (const { id, attempt } of futures.values()) {
      const clients = error.client === undefined ? [] : [error.client];
      this.#outbox.end(endNow(id, attempt, REJECTED, payload), defaults.keepResults, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** Rejects the futures of one plan. Other plans of the job may run. */
  async refuseTree({ nodes }: TreeData, { client, keep }: JobData, error: Error): Promise<void> {
    const payload = errorText(error);
    for (const { id, attempt } of nodes) {
      const clients = [client, ...this.#server.watchersOf(id)];
      this.#outbox.end(endNow(id, attempt, REJECTED, payload), keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** A job was lost, and waits. Whoever waits for what is not run again need not wait until a machine takes the job. How many futures that are. */
  async stalled(job: Job): Promise<number> {
    const data = readJob(job.data);
    const loss = await this.#notes.of(job.id!, data, job.stalledCounter ?? 0);
    const { lost } = judge(data, loss, this.#rules.rerunLost, await this.#ends(data));
    await this.#publishLost(data, loss, lost);
    return lost.length;
  }

  /** This machine has taken a job that another one had: what has ended there, or is lost with it, and which retries are used up. */
  async takeOver(job: Job, token: string, data: JobData): Promise<TakenOver> {
    const times = job.stalledCounter ?? 0;
    const loss = await this.#notes.of(job.id!, data, times);
    const ends = await this.#ends(data);
    // A machine that gave it back has told how what it had begun has ended.
    if (times === 0) return { ends, retried: loss.retried, steps: loss.steps, started: loss.started, lost: 0 };
    const { lost, retried } = judge(data, loss, this.#rules.rerunLost, ends);
    const ids = retried.map(({ id }) => id);
    if (ids.length > 0) await this.#notes.retry(job.id!, token, ids);
    await this.#publishLost(data, loss, lost);
    const used = new Map(loss.retried);
    for (const id of ids) used.set(id, (used.get(id) ?? 0) + 1);
    return {
      ends: lost.length === 0 ? ends : await this.#ends(data),
      retried: used,
      steps: loss.steps,
      started: loss.started,
      lost: lost.length,
    };
  }

  async #publishLost(data: JobData, loss: Loss, nodes: readonly NodeData[]): Promise<void> {
    if (nodes.length === 0) return;
    for (const node of nodes) {
      const payload = errorText(lostError(loss, this.#rules.lostAfter, whyLost(node)));
      const clients = [data.client, ...this.#server.watchersOf(node.id)];
      this.#outbox.end(endNow(node.id, node.attempt, REJECTED, payload), data.keep, clients, true);
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
  readonly started: number;
  /** Futures that are rejected now. */
  readonly lost: number;
}
