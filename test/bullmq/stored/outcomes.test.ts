import { expect, it } from 'vitest';
import { Keys } from '../../../src/bullmq/stored/keys.js';
import { storedOutcomes } from '../../../src/bullmq/stored/outcomes.js';
import { REPORT_FULFILLED } from '../../../src/protocol/messages.js';
import { MAX_KEYS } from '../../../src/protocol/queue/chunks.js';
import { outcomeNow } from '../../../src/protocol/queue/messages.js';
import { storedText } from '../../../src/protocol/queue/outcomes.js';
import { toText } from '../../../src/protocol/queue/value-text.js';

const keys = new Keys('bull', 'pages');

/** A Redis that has the outcomes of these futures. */
function makeRedis(...ids: readonly number[]) {
  const stored = new Map(
    ids.map((id) => [keys.outcome(id), storedText(outcomeNow(id, 1, REPORT_FULFILLED, toText(id)))]),
  );
  const calls: number[] = [];
  const mget = async (...names: string[]) => {
    calls.push(names.length);
    return names.map((name) => stored.get(name) ?? null);
  };
  return { calls, redis: { mget } as never };
}

it('the outcomes that are stored are read, and futures without one are left out', async () => {
  const { redis } = makeRedis(1, 3);
  expect((await storedOutcomes(redis, keys, [1, 2, 3])).map(({ id }) => id)).toEqual([1, 3]);
});

it('many outcomes are read in several commands, and none is read without futures', async () => {
  const { redis, calls } = makeRedis(1, 1_500);
  const ids = Array.from({ length: 1_500 }, (_, i) => i + 1);
  expect((await storedOutcomes(redis, keys, ids)).map(({ id }) => id)).toEqual([1, 1_500]);
  expect(calls).toEqual([MAX_KEYS, 500]);
  expect(await storedOutcomes(redis, keys, [])).toEqual([]);
  expect(calls).toHaveLength(2);
});
