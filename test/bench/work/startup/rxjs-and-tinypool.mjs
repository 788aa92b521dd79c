// @ts-check
/** The same by hand: rxjs for the Observable, tinypool for the thread. */
import { fileURLToPath } from 'node:url';
import { firstValueFrom, from } from 'rxjs';
import { Tinypool } from 'tinypool';

const filename = fileURLToPath(new URL('../tasks.mjs', import.meta.url));
// One thread for one task: by default it would start one for each core.
const pool = new Tinypool({ filename, name: 'noop', minThreads: 1 });
const answer = await firstValueFrom(from(pool.run(42)));
if (answer !== 42) throw new Error(`wrong answer: ${answer}`);
process.stdout.write(String(performance.now()), () => process.exit());
