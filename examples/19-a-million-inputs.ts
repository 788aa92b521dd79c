/**
 * This example maps a million inputs in the memory of a few thousand.
 *
 * Python's concurrent.futures: `executor.map(fn, inputs)` submits all inputs before it yields the
 * first result. A million inputs are a million futures, and an infinite input never yields a
 * result.
 *
 * Here `map` reads an input when there is room for it. No option needs to be set: short tasks are
 * sent in batches, long ones one by one.
 */
import { Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./19-a-million-inputs.tasks.js')>({
  tasks: new URL('./19-a-million-inputs.tasks.js', import.meta.url),
});

let isClosed = false;

/** Yields 1, 2, 3, … */
function* naturals(): Generator<number> {
  try {
    for (let n = 1; ; n++) yield n;
  } finally {
    isClosed = true;
  }
}

const million = 1_000_000;
let read = 0;
let longest = { start: 1, steps: 0 };
let atFirst = 0;
let atMost = 0;

for await (const steps of executor.map('collatz', naturals())) {
  const start = ++read; // results are in the order of the inputs
  if (steps > longest.steps) longest = { start, steps };
  if (read === 200_000) atFirst = process.memoryUsage.rss(); // V8 has allocated its heap by now
  if (read % 10_000 === 0 && atFirst > 0) atMost = Math.max(atMost, process.memoryUsage.rss());
  if (read === million) break;
}

console.log(`below a million, ${longest.start} takes the most steps: ${longest.steps}`);
console.log('memory after 200,000 inputs:', megabytes(atFirst), 'MB, after a million:', megabytes(atMost), 'MB');
// A million pending tasks would need 250 MB more.
console.log('flat:', atMost - atFirst < 100_000_000);
console.log('the generator is closed:', isClosed);

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

// Output:
// below a million, 837799 takes the most steps: 524
// memory after 200,000 inputs: <MB> MB, after a million: <MB> MB
// flat: true
// the generator is closed: true
