/**
 * This example shares an index of 50 MB with all tasks. Each worker receives the index once.
 *
 * Python's concurrent.futures: an argument of a ProcessPoolExecutor is pickled for each task. An
 * `initializer` can load the index in each process, but only when the process starts.
 *
 * Here `executor.share(index)` takes the place of the index among the arguments. The large arrays
 * exist once, in memory that all threads see. `using` frees the index everywhere.
 */
import { Executor } from 'rx-futures';
import type { Index } from './23-shared-index.tasks.js';

const WORDS = 100_000;
const HITS = 125;

/** An index in which each word occurs at 125 positions. */
const index: Index = {
  words: new Map(Array.from({ length: WORDS }, (_, i) => [`word${i}`, i])),
  starts: Uint32Array.from({ length: WORDS + 1 }, (_, i) => i * HITS),
  positions: new Uint32Array(WORDS * HITS).fill(7),
};
console.log('bytes of the positions:', index.positions.byteLength / 1e6, 'MB');

await using executor = new Executor<typeof import('./23-shared-index.tasks.js')>({
  tasks: new URL('./23-shared-index.tasks.js', import.meta.url),
  maxWorkers: 2,
});

using shared = executor.share(index);
const words = Array.from({ length: 10_000 }, (_, i) => `word${(i * 7) % WORDS}`);
const found = await Promise.all(words.map((word) => executor.tasks.find(shared, word)));

console.log('tasks:', found.length);
console.log('copies on a worker:', Math.max(...found.map(({ copies }) => copies)));
console.log('hits of each word:', new Set(found.map(({ hits }) => hits)));
console.log('a word that is missing:', (await executor.tasks.find(shared, 'tea')).hits);

// The index is an argument of its own. Inside another value, it is an error at the call.
try {
  executor.tasks.find({ index: shared } as never, 'tea');
} catch (error) {
  console.log((error as Error).message.replace(/shared-\d+/, 'shared-1'));
}

// Output:
// bytes of the positions: 50 MB
// tasks: 10000
// copies on a worker: 1
// hits of each word: Set(1) { 125 }
// a word that is missing: 0
// arguments[0].index is the Shared "shared-1", which must be an argument of its own. Pass the Shared itself as an argument of the task.
