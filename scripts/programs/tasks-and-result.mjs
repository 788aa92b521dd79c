/**
 * Runs each kind of work once (a chain, a stream, a map, progress, a cancel) and prints the results
 * as one line.
 *
 *   node tasks-and-result.mjs <runtime of the workers> <URL of the task module>
 */
import { chain, Executor } from 'rx-futures';

const [runtime, tasks = new URL('./tasks.mjs', import.meta.url).href] = process.argv.slice(2);
const executor = new Executor({ tasks, runtime, maxWorkers: 1, startTimeout: 10_000 });
const { sum, count, progress } = executor.tasks;

const chained = await sum(1, 2).pipe(chain((value) => sum(value, 3)));
const streamed = [];
for await (const value of count.stream(3)) streamed.push(value);
const mapped = [];
for await (const value of executor.map((x) => x * x, [1, 2, 3])) mapped.push(value);
const reported = progress();
const seen = [];
reported.progress.subscribe((value) => seen.push(value));
await reported;
const cancelled = executor.tasks.forever();
setTimeout(() => cancelled.cancel('enough'), 50);
const { status } = await cancelled.settled();
await executor.shutdown();
console.log('result', JSON.stringify({ chained, streamed, mapped, seen, status }));
