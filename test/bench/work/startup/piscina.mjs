// @ts-check
/** Runs one task with piscina, and prints the time in ms since the process started. */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';

const filename = fileURLToPath(new URL('../tasks.mjs', import.meta.url));
// One task needs one thread. By default, piscina starts one for each core.
const pool = new Piscina({ filename, name: 'noop', minThreads: 1, maxThreads: 1 });
const answer = await pool.run(42);
if (answer !== 42) throw new Error(`wrong answer: ${answer}`);
process.stdout.write(String(performance.now()), () => process.exit());
