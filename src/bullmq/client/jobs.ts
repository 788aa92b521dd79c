/** The jobs of a client: adds them to the BullMQ queue, removes them and finds their states. */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { chunks } from '../../protocol/queue/chunks.js';
import { type JobData, type TreeData, VERSION } from '../../protocol/queue/job-data.js';
import { isJobId, jobIdOf, jobOf } from '../../protocol/queue/job-id.js';
import type { OutcomeMessage } from '../../protocol/queue/messages.js';
import type { Batch, FutureLookup, JobState } from '../../protocol/queue/transport.js';
import type { Keys } from '../stored/keys.js';
import { isUrgent, jobPriority } from '../stored/priority.js';
import { Ranking } from '../stored/ranking.js';
import { Cancellations } from './cancellations.js';
import { Ranks } from './ranks.js';

/** Maximum length of a job's name, which dashboards show. */
const MAX_NAME_LENGTH = 200;

export class ClientJobs {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #keys: Keys;
  readonly #client: string;
  /** Time in ms for which Redis keeps jobs and outcomes. */
  readonly #keep: number;
  readonly #ranks: Ranks;
  readonly #cancellations: Cancellations;
  #isClosed = false;

  constructor(redis: Redis, queue: Queue, keys: Keys, client: string, keep: number) {
    this.#redis = redis;
    this.#queue = queue;
    this.#keys = keys;
    this.#client = client;
    this.#keep = keep;
    this.#ranks = new Ranks(new Ranking(redis, keys));
    this.#cancellations = new Cancellations(redis, keys, keep);
  }

  close(): void {
    this.#isClosed = true;
    // BullMQ does not close the connection, because the connection was passed in.
    void this.#queue.close().catch(() => {});
  }

  /** @throws Error if the jobs could not be added. Some of them may have been added */
  add(batches: readonly Batch[]): Promise<void> {
    const hasUrgent = batches.some(({ priority }) => isUrgent(priority));
    return this.#ranks.add(hasUrgent, (isRanked) => this.#add(batches, isRanked));
  }

  async #add(batches: readonly Batch[], isRanked: boolean): Promise<void> {
    const keep = this.#keep;
    const client = this.#client;
    const age = Math.ceil(keep / 1_000);
    this.#noteJobIds(batches);
    const jobs = batches.map(({ trees, priority }) => {
      const data: JobData = { version: VERSION, client, keep, trees };
      return {
        name: nameOf(trees),
        data,
        opts: {
          jobId: jobOf(trees),
          priority: jobPriority(priority, isRanked),
          attempts: 1,
          removeOnComplete: { age },
          removeOnFail: { age },
        },
      };
    });
    const [first] = jobs;
    try {
      // addBulk would need three commands for one job.
      if (jobs.length === 1 && first !== undefined) await this.#queue.add(first.name, first.data, first.opts);
      else await this.#queue.addBulk(jobs);
    } catch (error) {
      // The connection broke between two replies. BullMQ never adds a job id twice, so all jobs can
      // be sent again.
      if (this.#isClosed || (error as Error).name !== 'AbortError') throw error;
      await this.#add(batches, isRanked);
    }
  }

  /**
   * Stores the ids of jobs by their futures. Only the first future of a job, in its first attempt,
   * reveals the id of the job. For all others, the id is stored before the job is added. A client
   * may attach as soon as it knows the id of a future.
   */
  #noteJobIds(batches: readonly Batch[]): void {
    const others = batches.flatMap(({ trees }) => {
      const job = jobOf(trees);
      const nodes = trees.flatMap((tree) => tree.nodes);
      return nodes.filter(({ attempt }, i) => i > 0 || attempt > 1).map(({ id, attempt }) => ({ id, attempt, job }));
    });
    for (const some of chunks(others)) {
      // Removes the outcomes of previous attempts. Otherwise a client that attaches would take one
      // for the outcome of this attempt.
      const again = some.filter(({ attempt }) => attempt > 1).map(({ id }) => this.#keys.outcome(id));
      if (again.length > 0) void this.#redis.del(...again).catch(() => {});
      void this.#redis.mset(...some.flatMap(({ id, job }) => [this.#keys.known(id), job])).catch(() => {});
    }
  }

  /** Ends a job that no server has claimed as failed, and stores the outcomes of its futures. */
  cancel(job: string, outcomes: readonly OutcomeMessage[], why: string): Promise<void> {
    return this.#cancellations.add(job, outcomes, why);
  }

  /** Returns the state of each future's job. */
  async states(wanted: readonly FutureLookup[]): Promise<Map<number, JobState>> {
    const states = new Map<number, JobState>();
    for (const some of chunks(wanted)) {
      const notes = await this.#jobsNoted(some.flatMap(({ id, job }) => (job === undefined ? [id] : [])));
      const jobs = some.map(({ id, job }) => job ?? jobNoted(notes.get(id)) ?? jobIdOf(id));
      const pipeline = this.#redis.pipeline();
      // Small tasks share jobs, so several futures can have the same job.
      const unique = [...new Set(jobs)];
      for (const job of unique)
        pipeline.hmget(this.#keys.job(job), 'name', 'finishedOn', 'failedReason', 'processedOn');
      const answers = (await pipeline.exec()) ?? [];
      const found = new Map(unique.map((job, i) => [job, (answers[i]?.[1] ?? []) as (string | null)[]]));
      for (const [i, { id }] of some.entries()) {
        const job = jobs[i]!;
        // A hash without a name is not a job.
        const [name = null, finishedOn = null, failure, processedOn = null] = found.get(job)!;
        const state = name === null ? 'missing' : finishedOn === null ? 'awaited' : 'ended';
        const wasClaimed = processedOn !== null;
        states.set(id, { job, isNoted: notes.has(id), state, wasClaimed, failure: failure ?? undefined });
      }
    }
    return states;
  }

  /** Returns the job ids that Redis has stored for these futures. */
  async #jobsNoted(ids: readonly number[]): Promise<Map<number, string>> {
    if (ids.length === 0) return new Map();
    const notes = await this.#redis.mget(...ids.map((id) => this.#keys.known(id)));
    return new Map(ids.flatMap((id, i) => (notes[i] == null ? [] : [[id, notes[i]] as const])));
  }
}

/** Ignores a note that is not a job id of this library, because anyone may write to Redis. */
function jobNoted(note: string | undefined): string | undefined {
  return note !== undefined && isJobId(note) ? note : undefined;
}

function nameOf(trees: readonly TreeData[]): string {
  const [{ nodes }] = trees as readonly [TreeData];
  const name = nodes.map((node) => node.name).join(' → ');
  return (trees.length === 1 ? name : `${trees.length} × ${name}`).slice(0, MAX_NAME_LENGTH);
}
