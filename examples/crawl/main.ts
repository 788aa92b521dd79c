/**
 * The crawler (`npm start`): fetches, parses and saves pages on worker threads, counts the saved
 * pages as they finish, and prints a summary of the database. All threads fetch and parse. An actor
 * on one of them owns the database and saves what the others have parsed.
 *
 * `npm start -- --dashboard` serves a page that shows the crawl live.
 *
 * With `npm start -- --redis redis://localhost:6379`, servers on other machines fetch and parse the
 * pages, over a queue. The chains stay the same. Machines share no disk, so the actor runs on a
 * thread of this process. The option starts only the client. On each server, run
 *
 *     npx rx-futures serve examples/crawl/tasks.ts --redis redis://localhost:6379 \
 *       --queue crawl --concurrency 16
 */
import { constants } from 'node:os';
import { asCompleted, chain, Executor } from 'rx-futures';
import { bullmqBackend } from 'rx-futures/bullmq';
import { type Dashboard, serveDashboard } from 'rx-futures/dashboard';
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

/**
 * Returns the exit code. Addresses that fail are part of the summary. The exit code is 1 only if no
 * page was saved.
 */
async function crawl(options: Options): Promise<number> {
  await using corpus = options.urls.length > 0 ? undefined : await startCorpus();
  const urls = corpus?.urls ?? options.urls;
  using store = new Store(options.keep);

  await using threads = new Executor<Tasks>({
    tasks: new URL('./tasks.ts', import.meta.url),
    name: 'crawler',
    maxWorkers: options.workers,
    concurrency: 16,
  });
  await using servers = options.redis === undefined ? undefined : await openServers(options.redis);
  await using dashboard = options.dashboard ? await openDashboard(servers, threads) : undefined;
  const { fetchPage, parse } = (servers ?? threads).tasks;
  const { save } = threads.actors.Writer(store.file);
  const interruption = onInterrupt(() => Promise.all([servers?.terminate(), threads.terminate()]));

  const started = performance.now();
  const receipts = urls.map((url) => fetchPage(url).pipe(chain(parse), chain(save)));
  const urlOf = new Map(receipts.map((receipt, at) => [receipt, urls[at]!]));

  const counts = { fulfilled: 0, rejected: 0, cancelled: 0 };
  // The bar is drawn on stderr, so that stdout contains only the summary.
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
  if (dashboard !== undefined && process.stdout.isTTY) await interruption.whenInterrupted;
  return counts.fulfilled > 0 ? 0 : 1;
}

type Tasks = typeof import('./tasks.js');

/** Opens an executor for the servers of the queue, on any number of machines. */
async function openServers(redis: string): Promise<Executor<Tasks>> {
  // Redis keeps results for only a minute, because no client asks for a page later.
  const backend = bullmqBackend({ connection: redis, queue, keepResults: 60_000 });
  const servers = new Executor<Tasks>({ backend });
  await servers.ready().catch((error: Error) => {
    throw new UsageError(`--redis: ${error.message}`);
  });
  console.error(`Servers of the queue "${queue}" fetch and parse the pages. On each, run: ${serve(redis)}`);
  return servers;
}

interface Interruption {
  signal?: NodeJS.Signals;
  readonly whenInterrupted: Promise<void>;
}

/** Serves a page that shows the executors, and prints its address on stderr. */
async function openDashboard(servers: Executor<Tasks> | undefined, threads: Executor<Tasks>): Promise<Dashboard> {
  const dashboard = await serveDashboard(servers === undefined ? threads : [servers, threads]);
  const end = process.stdout.isTTY ? ' It stays open until you press Ctrl-C.' : '';
  console.error(`Dashboard: ${dashboard.url}/?token=${dashboard.token}${end}`);
  return dashboard;
}

/**
 * Calls `stop` on Ctrl-C. The handler stays, so that a second Ctrl-C does not interrupt the
 * cleanup.
 */
function onInterrupt(stop: () => Promise<unknown>): Interruption {
  let interrupted = () => {};
  const whenInterrupted = new Promise<void>((resolve) => {
    interrupted = resolve;
  });
  const interruption: Interruption = { whenInterrupted };
  const interrupt = (signal: NodeJS.Signals) => {
    interruption.signal ??= signal;
    interrupted();
    void stop();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return interruption;
}
