/**
 * This example shows two progress bars on a terminal, with other output printed above them.
 *
 * Python's concurrent.futures: tqdm draws such bars around `as_completed`. Other output has to use
 * `tqdm.write`.
 *
 * Here `progressBar()` passes the outcomes on unchanged, and `console.log` works as usual. If the
 * output is a file or a pipe, plain lines are printed instead of bars, as in the output below. Run
 * the example in a terminal to see the bars. They need `npm install cli-progress`.
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

// By default, bars are drawn on stderr and plain lines are printed every 5 s. Here they are on
// stdout, and only the last lines are printed.
const options = { stream: process.stdout, interval: Number.POSITIVE_INFINITY };
console.log('two bars at once, with other output above them');
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
// two bars at once, with other output above them
// Error: lost
// Error: lost
// pages  100%  24/24  ✗ 2  in <time>
// images  100%  12/12  in <time>
// done
