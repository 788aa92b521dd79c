/**
 * Runs many random programs.
 *
 *   npm run fuzz
 *   npm run fuzz -- --runs 1000 --seed 1 --backend threads|processes|inline|queue --path 12:3
 *
 * If a program breaks a guarantee, it is printed at once, because shrinking it can take minutes.
 * Then it is shrunk and printed with the seed and the path that repeat it. The exit code is then 1.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { startRedis } from '../support/redis-server.js';
import { type BackendName, type Program, programs } from './program.js';
import { runProgram } from './run-program.js';
import { queueStage, stages } from './stages.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    backend: { type: 'string', multiple: true, default: ['inline', 'threads', 'processes'] },
    path: { type: 'string' },
    length: { type: 'string', default: '14' },
  },
});

let isBroken = false;
for (const backend of values.backend as BackendName[]) {
  const redis = backend === 'queue' ? await startRedis() : undefined;
  const open = redis === undefined ? stages[backend as keyof typeof stages] : queueStage(redis.url);
  const started = performance.now();
  let count = 0;
  let hasFailed = false;
  const runAndPrintFirstFailure = async (program: Program) => {
    count += 1;
    try {
      await runProgram(program, open);
    } catch (error) {
      if (!hasFailed) {
        console.log(`${backend}: program ${count} broke a guarantee, and is now shrunk: ${(error as Error).message}`);
        console.log(JSON.stringify(program));
      }
      hasFailed = true;
      throw error;
    }
  };
  const result = await fc.check(fc.asyncProperty(programs(backend, Number(values.length)), runAndPrintFirstFailure), {
    numRuns: Number(values.runs),
    seed: Number(values.seed),
    path: values.path,
    interruptAfterTimeLimit: 3_600_000,
    markInterruptAsFailure: false,
  });
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  if (result.failed) {
    isBroken = true;
    console.log(
      `${backend}: a guarantee is broken, seed ${result.seed}, path ${result.counterexamplePath}, after ${result.numRuns} programs`,
    );
    console.log(JSON.stringify(result.counterexample?.[0], undefined, 1));
    console.log(String((result.errorInstance as Error | undefined)?.message));
  } else {
    console.log(`${backend}: ${result.numRuns} programs kept every guarantee, seed ${result.seed}, ${seconds} s`);
  }
  await redis?.stop();
}
process.exit(isBroken ? 1 : 0);
