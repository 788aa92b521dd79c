/** Reads the jobs of a queue for a dashboard: names, ids, times and errors, within limits. */
import type { Redis } from 'ioredis';
import { type NodeData, readJob } from '../../protocol/queue/job-data.js';
import type { OutcomeMessage } from '../../protocol/queue/messages.js';
import { storedOutcome } from '../../protocol/queue/outcomes.js';
import type { Keys } from '../stored/keys.js';

/** Maximum bytes of the data of a job, or of an outcome. Larger ones are not read. */
const MAX_BYTES = 65_536;

/** A future of a job that has ended. */
export interface EndedFuture {
  readonly node: NodeData;
  /** The future whose value it took; undefined for the first one. */
  readonly upstream: number | undefined;
  readonly server: string;
  /** ms since the epoch. */
  readonly addedAt: number;
  /** Undefined if the outcome is too large, or has expired. */
  readonly outcome: OutcomeMessage | undefined;
}

/** A job that a server has claimed. */
export interface ClaimedJob {
  readonly id: string;
  readonly name: string;
  readonly server: string;
  readonly claimedAt: number;
}

export class JobReader {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Returns the futures of jobs that have ended. Leaves out jobs that are gone or too large. */
  async futuresOf(jobs: readonly string[]): Promise<EndedFuture[]> {
    const found = await this.#fields(jobs, ['pb', 'timestamp'], true);
    const futures = found.flatMap(({ data, fields: [server, timestamp] }) =>
      nodesIn(data).map(({ node, upstream }) => ({
        ...{ node, upstream },
        ...{ server: server ?? '', addedAt: Number(timestamp ?? 0) },
      })),
    );
    const outcomes = await this.#outcomes(futures.map(({ node }) => node.id));
    return futures.map((future) => ({ ...future, outcome: outcomes.get(future.node.id) }));
  }

  async claimed(most: number): Promise<ClaimedJob[]> {
    const ids = await this.#redis.lrange(this.#keys.active, 0, most - 1);
    const found = await this.#fields(ids, ['name', 'pb', 'processedOn'], false);
    return found.flatMap(({ id, fields: [name, server, claimedAt] }) =>
      name == null ? [] : [{ id, name, server: server ?? '', claimedAt: Number(claimedAt ?? 0) }],
    );
  }

  /** Returns fields of jobs, and their data if it is wanted and small. */
  async #fields(jobs: readonly string[], names: readonly string[], isDataWanted: boolean) {
    const sizes = isDataWanted ? await this.#sizes(jobs) : [];
    const pipeline = this.#redis.pipeline();
    for (const [i, job] of jobs.entries())
      pipeline.hmget(this.#keys.job(job), ...names, ...((sizes[i] ?? MAX_BYTES + 1) <= MAX_BYTES ? ['data'] : []));
    const answers = (await pipeline.exec()) ?? [];
    return jobs.map((id, i) => {
      const fields = (answers[i]?.[1] ?? []) as (string | null)[];
      return { id, fields: fields.slice(0, names.length), data: fields[names.length] };
    });
  }

  async #sizes(jobs: readonly string[]): Promise<number[]> {
    const pipeline = this.#redis.pipeline();
    for (const job of jobs) pipeline.hstrlen(this.#keys.job(job), 'data');
    return ((await pipeline.exec()) ?? []).map(([, size]) => Number(size ?? 0));
  }

  async #outcomes(ids: readonly number[]): Promise<ReadonlyMap<number, OutcomeMessage>> {
    const sizes = this.#redis.pipeline();
    for (const id of ids) sizes.strlen(this.#keys.outcome(id));
    const small = ((await sizes.exec()) ?? []).map(([, size]) => Number(size ?? 0) <= MAX_BYTES);
    const wanted = ids.filter((_, i) => small[i] === true);
    if (wanted.length === 0) return new Map();
    const texts = await this.#redis.mget(...wanted.map((id) => this.#keys.outcome(id)));
    const outcomes = wanted.map((id, i) => storedOutcome(texts[i] ?? null, id));
    return new Map(outcomes.flatMap((outcome) => (outcome === undefined ? [] : [[outcome.id, outcome]])));
  }
}

/** Returns the nodes of the data of a job. None if another program has written it. */
function nodesIn(data: string | null | undefined): { node: NodeData; upstream: number | undefined }[] {
  if (data == null) return [];
  try {
    const { trees } = readJob(JSON.parse(data));
    return trees.flatMap(({ nodes }) => nodes.map((node) => ({ node, upstream: nodes[node.from]?.id })));
  } catch {
    return [];
  }
}
