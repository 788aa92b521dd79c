/**
 * Fetch, parse and save many pages, in one line.
 *
 * Python's concurrent.futures: `map` takes one function, so the steps have to be put into one by hand, or each step maps
 * over all results of the one before it. And the first failure ends it. Here `pipeline` makes one task of the steps, which
 * run back to back on one worker, and `map` is told how to go on: in order or as they come, up to the first failure or
 * through all of them.
 */
import { Executor, pipeline } from 'rx-futures';

await using executor = new Executor<typeof import('./20-map-a-pipeline.tasks.js')>({
  tasks: new URL('./20-map-a-pipeline.tasks.js', import.meta.url),
  maxWorkers: 1,
  concurrency: 4,
});
const { fetchPage, parse, save } = executor.tasks;
const crawl = pipeline(fetchPage, parse, save);

/** A page that needs no network, and may be a slow one. */
const page = (title: string, kind = '') => `data:text/html,<h1>${title}</h1>${kind}`;

console.log('in the order of the inputs:');
for await (const receipt of executor.map(crawl, [page('Tea', 'slow'), page('Milk')])) console.log(' ', receipt);

console.log('as they come:');
const asTheyCome = executor.map(crawl, [page('Honey', 'slow'), page('Lemon')], { ordered: false });
for await (const receipt of asTheyCome) console.log(' ', receipt);

const pages = [page('Sugar'), 'data:text/html,nothing', page('Cream')];

console.log('up to the first failure:');
try {
  for await (const receipt of executor.map(crawl, pages, { concurrency: 1 })) console.log(' ', receipt);
} catch (error) {
  console.log(' ', String(error));
}

console.log('through all of them:');
for await (const outcome of executor.map(crawl, pages, { settle: true, concurrency: 1 })) {
  console.log(' ', outcome.status, outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason));
}

// Output:
// in the order of the inputs:
//   Tea is number 2
//   Milk is number 1
// as they come:
//   Lemon is number 3
//   Honey is number 4
// up to the first failure:
//   Sugar is number 5
//   SyntaxError: a page without a heading
// through all of them:
//   fulfilled Sugar is number 6
//   rejected SyntaxError: a page without a heading
//   fulfilled Cream is number 7
