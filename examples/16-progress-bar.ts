/**
 * Bars on a terminal, two at once, and what else the program prints above them.
 *
 * Python's concurrent.futures: tqdm draws such bars around `as_completed`, and output in between has to go through
 * `tqdm.write`. Here `progressBar()` hands the outcomes on as they are, `console.log` stays what it is, and where the
 * output is a file or a pipe there are plain lines instead; the output below is such. Run it in a terminal to see the
 * bars; they need `npm install cli-progress`.
 */
import { asCompleted, Executor } from 'rx-futures';
import { progressBar } from 'rx-futures/terminal';

await using executor = new Executor<typeof import('./16-progress-bar.tasks.js')>({
  tasks: new URL('./16-progress-bar.tasks.js', import.meta.url),
  maxWorkers: 1,
  concurrency: 4,
});
const { work } = executor.tasks;
await executor.ready();

const pages = Array.from({ length: 24 }, (_, i) => work(50, i % 10 === 9));
const images = Array.from({ length: 12 }, () => work(100, false));

// Bars go to stderr unless they are told otherwise, and plain lines come every 5 s: here only the last ones.
const options = { stream: process.stdout, interval: Number.POSITIVE_INFINITY };
console.log('two bars at once, with all else that is printed above them');
await Promise.all([
  asCompleted(pages)
    .pipe(progressBar({ ...options, label: 'pages' }))
    .forEach((outcome) => {
      if (outcome.status === 'rejected') console.log(String(outcome.reason));
    }),
  asCompleted(images)
    .pipe(progressBar({ ...options, label: 'images' }))
    .forEach(() => {}),
]);
console.log('done');

// Output:
// two bars at once, with all else that is printed above them
// Error: lost
// Error: lost
// pages  100%  24/24  ✗ 2  in <time>
// images  100%  12/12  in <time>
// done
