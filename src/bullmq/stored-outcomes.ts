/** Reads the outcomes of futures that are stored in Redis. */
import type { Redis } from 'ioredis';
import { chunks } from '../protocol/queue/chunks.js';
import type { JobData } from '../protocol/queue/job-data.js';
import { decodeMessages, type OutcomeMessage, payloadOf } from '../protocol/queue/messages.js';
import type { Keys } from './keys.js';

/**
 * Returns the stored outcomes of these futures. Ignores an entry that is not an outcome of its
 * future or has no payload, because anyone may write to Redis.
 */
export async function storedOutcomes(redis: Redis, keys: Keys, ids: readonly number[]): Promise<OutcomeMessage[]> {
  const outcomes: OutcomeMessage[] = [];
  for (const some of chunks(ids)) {
    const texts = await redis.mget(...some.map((id) => keys.outcome(id)));
    for (const [i, text] of texts.entries()) {
      const [outcome] = text === null ? [] : decodeMessages<OutcomeMessage>(text);
      if (outcome?.type === 'settled' && outcome.id === some[i] && outcome.payload !== undefined)
        outcomes.push(outcome);
    }
  }
  return outcomes;
}

/** Returns the stored outcomes of the futures of a job, by future id. */
export async function outcomesOf(redis: Redis, keys: Keys, { trees }: JobData): Promise<Map<number, OutcomeMessage>> {
  const attempts = new Map(trees.flatMap(({ nodes }) => nodes.map(({ id, attempt }) => [id, attempt] as const)));
  const kept = await storedOutcomes(redis, keys, [...attempts.keys()]);
  const ours = kept.filter(
    (outcome) => outcome.attempt === attempts.get(outcome.id) && payloadOf(outcome) !== undefined,
  );
  return new Map(ours.map((outcome) => [outcome.id, outcome]));
}
