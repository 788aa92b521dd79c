// @ts-check
/** Runs one task, and prints the time in ms since the process started. */
import { Executor } from 'rx-futures';

const executor = new Executor({ tasks: new URL('../tasks.mjs', import.meta.url) });
const answer = await executor.submit(/** @type {any} */ ('noop'), 42);
if (answer !== 42) throw new Error(`wrong answer: ${answer}`);
process.stdout.write(String(performance.now()), () => process.exit());
