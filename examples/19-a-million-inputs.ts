/**
 * A million inputs through `map`, in the memory of a few thousand.
 *
 * Python's concurrent.futures: `executor.map(fn, inputs)` submits all inputs before it gives the first result, so a
 * million of them are a million futures, and inputs without an end never give any. Here `map` takes an input when there is
 * room for it. Nothing is to be set: tiny tasks travel in batches, long ones one by one.
 */
import { Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./19-a-million-inputs.tasks.js')>({
  tasks: new URL('./19-a-million-inputs.tasks.js', import.meta.url),
});

let isLeft = false;

/** 1, 2, 3, … */
function* naturals(): Generator<number> {
  try {
    for (let n = 1; ; n++) yield n;
  } finally {
    isLeft = true;
  }
}

const million = 1_000_000;
let read = 0;
let longest = { start: 1, steps: 0 };
let atFirst = 0;
let atMost = 0;

for await (const steps of executor.map('collatz', naturals())) {
  const start = ++read; // results come in the order of the inputs
  if (steps > longest.steps) longest = { start, steps };
  if (read === 200_000) atFirst = process.memoryUsage.rss(); // V8 has its working space by now
  if (read % 10_000 === 0 && atFirst > 0) atMost = Math.max(atMost, process.memoryUsage.rss());
  if (read === million) break;
}

console.log(`below a million, ${longest.start} takes the most steps: ${longest.steps}`);
console.log('memory after 200,000 inputs:', megabytes(atFirst), 'MB, after a million:', megabytes(atMost), 'MB');
console.log('flat:', atMost - atFirst < 100_000_000); // a million pending tasks would take 250 MB more
console.log('the generator was left:', isLeft);

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

// Output:
// below a million, 837799 takes the most steps: 524
// memory after 200,000 inputs: <MB> MB, after a million: <MB> MB
// flat: true
// the generator was left: true
