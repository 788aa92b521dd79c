/** How futures have ended, as Redis keeps it for those who ask. */
import type { Redis } from 'ioredis';
import { chunks } from './chunks.js';
import type { Keys } from './keys.js';
import type { JobData } from './plan.js';
import { broughtBy, decodeWords, type End } from './words.js';

/** Of these, those that have ended. Anybody may write there: what is no end of the future, or has nothing in it, is none. */
export async function keptEnds(redis: Redis, keys: Keys, ids: readonly number[]): Promise<End[]> {
  const ends: End[] = [];
  for (const some of chunks(ids)) {
    const texts = await redis.mget(...some.map((id) => keys.end(id)));
    for (const [i, text] of texts.entries()) {
      const [end] = text === null ? [] : decodeWords<End>(text);
      if (end?.type === 'ended' && end.id === some[i] && end.payload !== undefined) ends.push(end);
    }
  }
  return ends;
}

/** How futures of a job have ended. */
export async function endsIn(redis: Redis, keys: Keys, { plans }: JobData): Promise<Map<number, End>> {
  const attempts = new Map(plans.flatMap(({ legs }) => legs.map(({ id, attempt }) => [id, attempt] as const)));
  const kept = await keptEnds(redis, keys, [...attempts.keys()]);
  const ours = kept.filter((end) => end.attempt === attempts.get(end.id) && broughtBy(end) !== undefined);
  return new Map(ours.map((end) => [end.id, end]));
}
