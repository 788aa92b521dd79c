/**
 * The project's main job (`npm start`): fetches, parses and saves pages on worker threads, follows the saves in the
 * order in which they end, and prints what the database then knows.
 *
 * With `npm start -- --redis redis://localhost:6379` pages are fetched and parsed on worker machines, over a queue; the chains are the same.
 * Machines share no disk, so the last step, which saves, stays on a thread here. This starts the client alone; each worker machine runs
 *
 *     npx rx-futures serve examples/crawl/tasks.ts --redis redis://localhost:6379 --queue crawl --concurrency 16
 */
import { constants } from 'node:os';
import { asCompleted, chain, Executor } from 'rx-futures';
import { bullmqBackend } from 'rx-futures/bullmq';
import { progressBar } from 'rx-futures/terminal';
import { startCorpus } from './corpus.js';
import { type Options, queue, readOptions, serve, UsageError, usage } from './options.js';
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

  await using threads = new Executor<Tasks>({
    tasks: new URL('./tasks.ts', import.meta.url),
    name: 'crawler',
    maxWorkers: options.workers,
    concurrency: 16,
    initializer: 'openStore',
    initArgs: [store.file],
  });
  await using machines = options.redis === undefined ? undefined : await openMachines(options.redis);
  const { fetchPage, parse } = (machines ?? threads).tasks;
  const { save } = threads.tasks;
  const interruption = onInterrupt(() => Promise.all([machines?.terminate(), threads.terminate()]));

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

type Tasks = typeof import('./tasks.js');

/** Whatever serves the queue, on however many machines. */
async function openMachines(redis: string): Promise<Executor<Tasks>> {
  // Nobody comes back for a page: the summary is of what was saved.
  const backend = bullmqBackend({ connection: redis, queue, keepResults: 60_000 });
  const machines = new Executor<Tasks>({ backend });
  await machines.ready().catch((error: Error) => {
    throw new UsageError(`--redis: ${error.message}`);
  });
  console.error(`The pages are for the workers of the queue "${queue}": ${serve(redis)}`);
  return machines;
}

/** Stays in place to the end: a second Ctrl-C must not cut off the tidying that the first one began. */
function onInterrupt(stop: () => Promise<unknown>): { signal?: NodeJS.Signals } {
  const interruption: { signal?: NodeJS.Signals } = {};
  const interrupt = (signal: NodeJS.Signals) => {
    interruption.signal ??= signal;
    void stop();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return interruption;
}
