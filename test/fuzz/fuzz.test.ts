/**
 * Runs some random programs with a fixed seed, as a part of the gate. `npm run fuzz` runs any
 * number of programs with any seed.
 *
 * A failure prints the shrunk program. Repeat it with
 *
 *   npm run fuzz -- --backend <backend> --seed <seed> --path <path>
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { describeWithRedis, type RedisServer, startRedis } from '../support/redis.js';
import { programs } from './program.js';
import { runProgram } from './run-program.js';
import { queueStage, stages } from './stages.js';

const seed = 20_261_128;

describe('random programs', () => {
  it.each([
    ['inline', 300],
    ['threads', 80],
    ['processes', 12],
  ] as const)(
    'a random program on the backend %s keeps every guarantee',
    { timeout: 240_000 },
    async (backend, numRuns) => {
      const property = fc.asyncProperty(programs(backend), (program) => runProgram(program, stages[backend]));
      await fc.assert(property, { numRuns, seed });
    },
  );
});

describeWithRedis('random programs on a queue', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('a random program on a queue keeps every guarantee', { timeout: 240_000 }, async () => {
    const property = fc.asyncProperty(programs('queue'), (program) => runProgram(program, queueStage(redis.url)));
    await fc.assert(property, { numRuns: 20, seed });
  });
});
