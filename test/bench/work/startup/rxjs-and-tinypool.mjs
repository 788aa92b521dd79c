// @ts-check
/** Runs one task with rxjs and tinypool, and prints the time in ms since the process started. */
import { fileURLToPath } from 'node:url';
import { firstValueFrom, from } from 'rxjs';
import { Tinypool } from 'tinypool';

const filename = fileURLToPath(new URL('../tasks.mjs', import.meta.url));
// One task needs one thread. By default, tinypool starts one for each core.
const pool = new Tinypool({ filename, name: 'noop', minThreads: 1 });
const answer = await firstValueFrom(from(pool.run(42)));
if (answer !== 42) throw new Error(`wrong answer: ${answer}`);
process.stdout.write(String(performance.now()), () => process.exit());
