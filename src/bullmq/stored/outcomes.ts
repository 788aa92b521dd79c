/** Reads the outcomes of futures that are stored in Redis. */
import type { Redis } from 'ioredis';
import { chunks } from '../../protocol/queue/chunks.js';
import type { OutcomeMessage } from '../../protocol/queue/messages.js';
import { storedOutcome } from '../../protocol/queue/outcomes.js';
import type { Keys } from './keys.js';

export async function storedOutcomes(redis: Redis, keys: Keys, ids: readonly number[]): Promise<OutcomeMessage[]> {
  const outcomes: OutcomeMessage[] = [];
  for (const some of chunks(ids)) {
    const texts = await redis.mget(...some.map((id) => keys.outcome(id)));
    for (const [i, text] of texts.entries()) {
      const outcome = storedOutcome(text, some[i]!);
      if (outcome !== undefined) outcomes.push(outcome);
    }
  }
  return outcomes;
}
