/**
 * Publishes outcomes that no run publishes: of jobs with invalid data, which are rejected, and of
 * lost jobs, which another server settles.
 */
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { defaults } from '../bullmq/check-options.js';
import type { JobNotes } from '../bullmq/job-notes.js';
import type { Keys } from '../bullmq/keys.js';
import { outcomesOf } from '../bullmq/stored-outcomes.js';
import { REJECTED } from '../protocol/messages.js';
import {
  futuresIn,
  type JobData,
  type JobDataError,
  type NodeData,
  readJob,
  type TreeData,
} from '../protocol/queue/job-data.js';
import { judge, type Loss, lostError, type Rules, whyLost } from '../protocol/queue/lost-jobs.js';
import { type OutcomeMessage, outcomeNow } from '../protocol/queue/messages.js';
import { errorText } from '../protocol/queue/value-text.js';
import type { Outbox } from './outbox.js';
import type { ServedJobs } from './served-jobs.js';
import type { PreviousRuns } from './served-tree.js';

export class JobOutcomes {
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

  /**
   * Rejects the futures of a job with invalid data, as far as the data names them and the client.
   */
  async refuse(job: Job, error: JobDataError): Promise<void> {
    const payload = errorText(error);
    const futures = new Map(futuresIn(job.data).map((future) => [future.id, future]));
    for (const { id, attempt } of futures.values()) {
      const clients = error.client === undefined ? [] : [error.client];
      this.#outbox.publishOutcome(outcomeNow(id, attempt, REJECTED, payload), defaults.keepResults, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** Rejects the futures of one tree. Other trees of the job may run. */
  async refuseTree({ nodes }: TreeData, { client, keep }: JobData, error: Error): Promise<void> {
    const payload = errorText(error);
    for (const { id, attempt } of nodes) {
      const clients = [client, ...this.#server.watchersOf(id)];
      this.#outbox.publishOutcome(outcomeNow(id, attempt, REJECTED, payload), keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /**
   * Called when a job was lost and waits for a server. Rejects the futures that do not run again at
   * once, before a server claims the job. Returns the number of rejected futures.
   */
  async stalled(job: Job): Promise<number> {
    const data = readJob(job.data);
    const loss = await this.#notes.of(job.id!, data, job.stalledCounter ?? 0);
    const { lost } = judge(data, loss, this.#rules.rerunLost, await this.#outcomes(data));
    await this.#publishLost(data, loss, lost);
    return lost.length;
  }

  /**
   * Called when this server has claimed a job that another server had. Rejects the futures that
   * were lost, and notes the retries that the others use. Returns what was done so far.
   */
  async takeOver(job: Job, token: string, data: JobData): Promise<TakenOver> {
    const times = job.stalledCounter ?? 0;
    const loss = await this.#notes.of(job.id!, data, times);
    const outcomes = await this.#outcomes(data);
    // The other server returned the job, and had published the outcomes of everything it started.
    if (times === 0) return { outcomes, retried: loss.retried, steps: loss.steps, started: loss.started, lost: 0 };
    const { lost, retried } = judge(data, loss, this.#rules.rerunLost, outcomes);
    const ids = retried.map(({ id }) => id);
    if (ids.length > 0) await this.#notes.retry(job.id!, token, ids);
    await this.#publishLost(data, loss, lost);
    const used = new Map(loss.retried);
    for (const id of ids) used.set(id, (used.get(id) ?? 0) + 1);
    return {
      outcomes: lost.length === 0 ? outcomes : await this.#outcomes(data),
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
      this.#outbox.publishOutcome(outcomeNow(node.id, node.attempt, REJECTED, payload), data.keep, clients, true);
    }
    await this.#outbox.flushed();
  }

  /** Returns the stored outcomes of the job's futures. */
  #outcomes(data: JobData): Promise<Map<number, OutcomeMessage>> {
    return outcomesOf(this.#redis, this.#keys, data);
  }
}

/** The state of a job that another server had before. */
export interface TakenOver extends PreviousRuns {
  /** Number of trees that were noted as started. */
  readonly started: number;
  /** Number of futures that were rejected by the takeover. */
  readonly lost: number;
}
