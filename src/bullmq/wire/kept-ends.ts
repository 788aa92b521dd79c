/** How futures have ended, as Redis keeps it for those who ask. */
import type { Redis } from 'ioredis';
import { chunks } from './chunks.js';
import type { JobData } from './job-data.js';
import type { Keys } from './keys.js';
import { decodeMessages, type End, payloadOf } from './messages.js';

/** Of these, those that have ended. Anybody may write there: what is no end of the future, or has nothing in it, is none. */
export async function keptEnds(redis: Redis, keys: Keys, ids: readonly number[]): Promise<End[]> {
  const ends: End[] = [];
  for (const some of chunks(ids)) {
    const texts = await redis.mget(...some.map((id) => keys.end(id)));
    for (const [i, text] of texts.entries()) {
      const [end] = text === null ? [] : decodeMessages<End>(text);
      if (end?.type === 'ended' && end.id === some[i] && end.payload !== undefined) ends.push(end);
    }
  }
  return ends;
}

/** How futures of a job have ended. */
export async function endsIn(redis: Redis, keys: Keys, { trees }: JobData): Promise<Map<number, End>> {
  const attempts = new Map(trees.flatMap(({ nodes }) => nodes.map(({ id, attempt }) => [id, attempt] as const)));
  const kept = await keptEnds(redis, keys, [...attempts.keys()]);
  const ours = kept.filter((end) => end.attempt === attempts.get(end.id) && payloadOf(end) !== undefined);
  return new Map(ours.map((end) => [end.id, end]));
}
