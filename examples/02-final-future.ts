/**
 * This example shows that a chain is the future of its last step.
 *
 * Python's concurrent.futures: a done callback submits the next stage, so each stage nests deeper.
 * The caller has only the first future, whose result is the raw page. The return value of a
 * callback is ignored, and its exception is logged and dropped.
 *
 * Here `pipe(chain(parse), chain(save))` returns the final future. If a step returns a future, the
 * chain waits for its value. If a step fails, the later steps are skipped and the chain rejects
 * with its error.
 */
import { chain, Executor, type Future } from 'rx-futures';

await using executor = new Executor<typeof import('./02-final-future.tasks.js')>({
  tasks: new URL('./02-final-future.tasks.js', import.meta.url),
  maxWorkers: 1,
  concurrency: 8, // the stages wait most of the time, so one worker interleaves them
});
const { fetchPage, parse, save } = executor.tasks;
await executor.ready();

/** The pitfall: the stages are nested in callbacks, and the caller receives the first future. */
function nested(url: string): Future<string> {
  const fetched = fetchPage(url);
  fetched.addDoneCallback((html) => {
    if (html.status !== 'fulfilled') return;
    parse(html.value).addDoneCallback((page) => {
      if (page.status === 'fulfilled') save(page.value);
    });
  });
  return fetched;
}

/** Chains the same three stages and returns the final future. */
function chained(url: string): Future<string> {
  return fetchPage(url).pipe(chain(parse), chain(save));
}

const start = performance.now();
const futures = { nested: nested('example.org'), chained: chained('example.org') };
console.log('submitted; the main thread continues meanwhile');
console.log('nested: ', await futures.nested);
console.log('chained:', await futures.chained);
console.log('1 s + 0.5 s + 0.5 s took about', Math.round((performance.now() - start) / 1_000), 's');

// A future that a step returns is flattened: `upper` is a Future<string>, not a future of a future.
const upper: Future<string> = fetchPage('example.com').pipe(
  chain((html) => html.replace('.com', '.net')), // returns a value
  chain((html) => parse(html)), // returns a future
  chain((page) => page.title.toUpperCase()),
);

// If a step fails, the later steps don't run, and the chain rejects with the very same error.
let isReached = false;
const page = fetchPage('example.org').pipe(
  chain((html) => html.replaceAll('title', 'h1')),
  chain(parse),
);
const receipt = page.pipe(
  chain((parsed) => {
    isReached = true;
    return save(parsed);
  }),
);

console.log('flattened:', await upper);
const [cause, end] = [await page.settled(), await receipt.settled()];
if (cause.status !== 'rejected' || end.status !== 'rejected') throw new Error('expected both to fail');
console.log('failed:', String(end.reason));
console.log('the very same error:', end.reason === cause.reason, '| the step after it ran:', isReached);

// Output:
// submitted; the main thread continues meanwhile
// nested:  <title>example.org</title>
// chained: Save successful
// 1 s + 0.5 s + 0.5 s took about 2 s
// flattened: EXAMPLE.NET
// failed: SyntaxError: the page has no title
// the very same error: true | the step after it ran: false
