/**
 * This example fetches, parses and saves many pages, in one line.
 *
 * Python's concurrent.futures: `map` takes one function. You write a function that calls all steps,
 * or each step maps over all results of the step before it. The first failure ends the map.
 *
 * Here `pipeline` makes one task of the steps, which run back to back on one worker. Options of
 * `map` choose the order (of the inputs, or as results arrive), and whether the first failure ends
 * the map.
 */
import { Executor, pipeline } from 'rx-futures';

await using executor = new Executor<typeof import('./20-map-a-pipeline.tasks.js')>({
  tasks: new URL('./20-map-a-pipeline.tasks.js', import.meta.url),
  maxWorkers: 1,
  concurrency: 4,
});
const { fetchPage, parse, save } = executor.tasks;
const crawl = pipeline(fetchPage, parse, save);

/** Returns the address of a page that needs no network. If `kind` is "slow", it takes 200 ms. */
const page = (title: string, kind = '') => `data:text/html,<h1>${title}</h1>${kind}`;

console.log('in the order of the inputs:');
for await (const receipt of executor.map(crawl, [page('Tea', 'slow'), page('Milk')])) console.log(' ', receipt);

console.log('as results arrive:');
const asCompleted = executor.map(crawl, [page('Honey', 'slow'), page('Lemon')], { ordered: false });
for await (const receipt of asCompleted) console.log(' ', receipt);

const pages = [page('Sugar'), 'data:text/html,nothing', page('Cream')];

console.log('up to the first failure:');
try {
  for await (const receipt of executor.map(crawl, pages, { concurrency: 1 })) console.log(' ', receipt);
} catch (error) {
  console.log(' ', String(error));
}

console.log('through all inputs:');
for await (const outcome of executor.map(crawl, pages, { settle: true, concurrency: 1 })) {
  console.log(' ', outcome.status, outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason));
}

// Output:
// in the order of the inputs:
//   Tea is number 2
//   Milk is number 1
// as results arrive:
//   Lemon is number 3
//   Honey is number 4
// up to the first failure:
//   Sugar is number 5
//   SyntaxError: the page has no heading
// through all inputs:
//   fulfilled Sugar is number 6
//   rejected SyntaxError: the page has no heading
//   fulfilled Cream is number 7
