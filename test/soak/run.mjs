/**
 * The soak: runs storms, each in a process of its own, which has to end by itself.
 *
 *   npm run soak                       one, with a new seed
 *   npm run soak -- --seed 7           with that seed: the same choices (the timing of threads can't be repeated)
 *   npm run soak -- --times 10         ten in a row, with seeds that follow one another
 *   npm run soak -- --tasks 10000      a shorter one
 *
 * Exits with 1 when any promise was broken.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** ms. The storm gives up by itself before this, and says why; this is for a main thread that is blocked. */
const LIMIT = 150_000;
/** ms that the process has to end by itself when the storm is over. */
const FAREWELL = 5_000;
/**
 * Node 20 itself aborts once in about a thousand ends of a thread: V8 still compiles for an isolate that is gone ("node_platform.cc …
 * Assertion failed: (data.first) != nullptr"; nodejs/node#51129 and #56312 are of that family). No JavaScript can help that, so such a run
 * is told, and repeated.
 */
const NATIVE = 'Node itself aborted in native code';
const AGAIN = 2;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    times: { type: 'string', default: '1' },
    tasks: { type: 'string', default: '100000' },
  },
});

let failures = 0;
for (let i = 0; i < Number(values.times); i++) {
  const seed = Number(values.seed) + i;
  let verdict = await storm(seed);
  for (let again = 0; again < AGAIN && verdict === NATIVE; again++) {
    console.log(`seed ${seed}: ${NATIVE}; once more`);
    verdict = await storm(seed);
  }
  if (verdict === undefined) continue;
  failures++;
  console.log(`seed ${seed}: ${verdict}`);
}
if (failures > 0) console.log(`${failures} of ${values.times} runs failed`);
process.exitCode = failures === 0 ? 0 : 1;

/** @returns what went wrong, if anything. @param {number} seed */
async function storm(seed) {
  const child = fork(fileURLToPath(new URL('./storm.mjs', import.meta.url)), [String(seed), values.tasks], {
    execArgv: ['--expose-gc'],
  });
  const exit = once(child, 'exit');
  const over = await Promise.race([Promise.race([once(child, 'disconnect'), exit]).then(() => true), late(LIMIT)]);
  const ended = over ? await Promise.race([exit, late(FAREWELL)]) : undefined;
  if (ended === undefined) {
    child.kill('SIGKILL');
    return over ? 'the process does not end by itself' : `the main thread was blocked for ${LIMIT} ms`;
  }
  const [code, signal] = ended;
  if (signal === 'SIGABRT' || signal === 'SIGSEGV') return NATIVE;
  return code === 0 ? undefined : `failed (${signal ?? code})`;
}

/** @param {number} ms @returns {Promise<undefined>} */
function late(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
