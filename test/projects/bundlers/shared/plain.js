/** A program with the option `tasks`. The argument of the program is the runtime. */
import { Executor } from 'rx-futures';
import { useAll } from './checks.js';

const runtime = /** @type {'worker_threads' | 'child_process'} */ (process.argv[2]);
/** @type {Executor<typeof import('./tasks.js')>} */
const executor = new Executor({ tasks: new URL('./tasks.js', import.meta.url), runtime, maxWorkers: 1 });
await useAll(executor).catch((error) => {
  // Node would also print the line that threw the error, which may be the whole bundle.
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
