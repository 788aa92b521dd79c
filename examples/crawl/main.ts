/**
 * The project's main job (`npm start`): fetches, parses and saves pages on worker threads, follows the saves in the
 * order in which they end, and prints what the database then knows.
 */
import { constants } from 'node:os';
import { asCompleted, chain, Executor } from 'rx-futures';
import { progressBar } from 'rx-futures/terminal';
import { startCorpus } from './corpus.js';
import { type Options, readOptions, UsageError, usage } from './options.js';
import { report } from './report.js';
import { Store } from './store.js';

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else process.exitCode = await crawl(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`crawl: ${error.message}\nTry: npm start -- --help`);
  process.exitCode = 2;
}

/** Gives the exit code. Addresses that fail are part of the summary; only a crawl that saved nothing has failed. */
async function crawl(options: Options): Promise<number> {
  await using corpus = options.urls.length > 0 ? undefined : await startCorpus();
  const urls = corpus?.urls ?? options.urls;
  using store = new Store(options.keep);

  await using executor = new Executor<typeof import('./tasks.js')>({
    tasks: new URL('./tasks.ts', import.meta.url),
    name: 'crawler',
    maxWorkers: options.workers,
    concurrency: 16,
    initializer: 'openStore',
    initArgs: [store.file],
  });
  const { fetchPage, parse, save } = executor.tasks;
  const interruption = onInterrupt(() => executor.terminate());

  const started = performance.now();
  const receipts = urls.map((url) => fetchPage(url).pipe(chain(parse), chain(save)));
  const urlOf = new Map(receipts.map((receipt, at) => [receipt, urls[at]!]));

  const counts = { fulfilled: 0, rejected: 0, cancelled: 0 };
  // On stderr, so that stdout is the summary alone.
  await asCompleted(receipts)
    .pipe(progressBar({ interval: 1_000, clear: true }))
    .forEach((outcome) => {
      counts[outcome.status]++;
      if (outcome.status === 'rejected') store.addFailure(urlOf.get(outcome.future)!, outcome.reason);
    });

  if (interruption.signal) {
    console.error(`Interrupted: ${counts.fulfilled} of ${urls.length} documents saved`);
    return 128 + constants.signals[interruption.signal];
  }
  console.log(report(store.summary(), { addresses: urls.length, elapsed: performance.now() - started }));
  return counts.fulfilled > 0 ? 0 : 1;
}

/** Stays in place to the end: a second Ctrl-C must not cut off the tidying that the first one began. */
function onInterrupt(stop: () => Promise<void>): { signal?: NodeJS.Signals } {
  const interruption: { signal?: NodeJS.Signals } = {};
  const interrupt = (signal: NodeJS.Signals) => {
    interruption.signal ??= signal;
    void stop();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return interruption;
}
