// @ts-check
/**
 * Measures what a dashboard costs while its page is open. It runs row 1 of the bench: 200,000
 * no-ops at once, each future subscribed. A connected page and none take turns on one executor.
 *
 *     npm run bench:dashboard              150 rounds of each, 4 minutes
 *     npm run bench:dashboard -- 10        10 rounds of each
 *     npm run bench:dashboard -- --check   exits with 1 if the median costs more than 3 %
 *
 * The page is a process that reads the events and draws nothing. With 40 rounds, the result varied
 * by 3 percentage points on a machine with 2 cores.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openOurs } from './peers/ours.mjs';

const COUNT = 200_000;
const MOST_PERCENT = 3;
/** Time in ms between the opening or closing of the page and a round. */
const SETTLE_MS = 300;

const reader = process.env['DASHBOARD_URL'];
if (reader === undefined) await measure();
else await read(reader);

async function measure() {
  const { serveDashboard } = await import('rx-futures/dashboard');
  const rounds = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 150);
  const executor = await openOurs();
  const { noop } = executor.tasks;
  const dashboard = await serveDashboard(executor);
  const page = fork(fileURLToPath(import.meta.url), { env: { ...process.env, DASHBOARD_URL: dashboard.url } });
  await once(page, 'message');

  /** @returns {Promise<number>} ms */
  const round = async () => {
    globalThis.gc?.();
    const start = performance.now();
    await new Promise((resolve, reject) => {
      let left = COUNT;
      const observer = { next: () => --left === 0 && resolve(undefined), error: reject };
      for (let i = 0; i < COUNT; i++) noop(i).subscribe(observer);
    });
    return performance.now() - start;
  };
  /** @param {boolean} isOpen */
  const turn = async (isOpen) => {
    page.send(isOpen ? 'open' : 'close');
    await once(page, 'message');
    return round();
  };

  /** @type {{ open: number[], closed: number[] }} */
  const times = { open: [], closed: [] };
  for (let i = 0; i < 3; i++) await turn(i % 2 === 0);
  for (let i = 0; i < rounds; i++) {
    // Each pair starts with the other one, so that a trend of the machine is in both.
    for (const isOpen of i % 2 === 0 ? [true, false] : [false, true])
      times[isOpen ? 'open' : 'closed'].push(await turn(isOpen));
  }
  page.kill();
  await dashboard.close();
  await executor.shutdown();

  const [open, closed] = [median(times.open), median(times.closed)];
  const percent = (open / closed - 1) * 100;
  const pairs = times.open.map((ms, i) => (ms / /** @type {number} */ (times.closed[i]) - 1) * 100);
  console.log(`page closed: ${closed.toFixed(1)} ms, page open: ${open.toFixed(1)} ms (medians of ${rounds} rounds)`);
  console.log(`cost: ${percent.toFixed(1)} % of the medians, ${median(pairs).toFixed(1)} % in the median pair`);
  if (process.argv.includes('--check') && Math.min(percent, median(pairs)) > MOST_PERCENT) {
    console.error(`A dashboard may cost ${MOST_PERCENT} %.`);
    process.exitCode = 1;
  }
}

/** Reads the events whenever the parent asks for it. @param {string} url */
async function read(url) {
  /** @type {AbortController | undefined} */
  let leaving;
  process.on('message', async (message) => {
    leaving?.abort();
    leaving = undefined;
    if (message === 'open') {
      leaving = new AbortController();
      const response = await fetch(`${url}/events`, { signal: leaving.signal });
      const chunks = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
      await chunks.read();
      void (async () => {
        while (!(await chunks.read()).done);
      })().catch(() => {});
    }
    // A new page receives the history, and the tables with its first frame.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    process.send?.('done');
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return /** @type {number} */ (sorted[sorted.length >> 1]);
}
