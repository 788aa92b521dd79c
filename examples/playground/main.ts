/**
 * The playground (`npm run playground`): a shop and a stream of a million numbers that keep two
 * executors busy, so that the dashboard has something to show. Orders fail and are tried again,
 * threads crash, reports take long, and some are cancelled. Pause the executors, cancel tasks, end
 * workers.
 *
 *     npm run playground -- --port 8080 --seconds 60
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { asCompleted, chain, Executor } from 'rx-futures';
import { serveDashboard } from 'rx-futures/dashboard';

type Tasks = typeof import('./tasks.js');

const { values } = parseArgs({ options: { port: { type: 'string' }, seconds: { type: 'string' } } });
const seconds = Number(values.seconds ?? Number.POSITIVE_INFINITY);

const tasks = new URL('./tasks.ts', import.meta.url);
// Failures are on the page, so they are not printed too.
const quiet = { onUnobservedError() {}, captureStacks: true };
const shop = new Executor<Tasks>({ tasks, name: 'shop', maxWorkers: 4, concurrency: 4, ...quiet });
const numbers = new Executor<Tasks>({ tasks, name: 'numbers', maxWorkers: 2, ...quiet });
const dashboard = await serveDashboard([shop, numbers], { port: Number(values.port ?? 0) });
console.log(`Open ${dashboard.url}/?token=${dashboard.token}\nPress Ctrl-C to end.`);

let isOver = false;
const over = new Promise<void>((resolve) => {
  const end = () => {
    isOver = true;
    resolve();
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  if (Number.isFinite(seconds)) void pause(seconds * 1_000).then(end);
});

const work = [sellForever(), countForever(), annoyForever()];
await over;
await Promise.all([shop.terminate(), numbers.terminate(), dashboard.close()]);
await Promise.allSettled(work);

/** Rounds of orders. Each order is a chain over all workers, and is read as it is completed. */
async function sellForever(): Promise<void> {
  const { fetchOrder, price, charge, ship } = shop.tasks;
  const cities = shop.share(['Lagos', 'Lima', 'Lyon', 'Osaka', 'Oslo']);
  const ledger = shop.actors.Ledger.with({ restart: 1_000 })();
  const carefully = charge.with({ retry: { count: 3, delay: 50 }, timeout: 5_000 });
  for (let first = 1; !isOver; first += 200) {
    const orders = Array.from({ length: 200 }, (_, i) =>
      fetchOrder(first + i).pipe(
        chain(price),
        chain(carefully),
        chain((id) => ship(cities, id)),
        chain(() => ledger.add()),
      ),
    );
    await asCompleted(orders).forEach(() => {});
  }
}

/** A million inputs in constant memory, again and again. */
async function countForever(): Promise<void> {
  while (!isOver) {
    for await (const square of numbers.map('square', naturals(1_000_000))) if (square < 0) return;
  }
}

function* naturals(most: number): Generator<number> {
  for (let n = 1; n <= most; n++) yield n;
}

/** Crashes, long tasks, and cancels of both kinds. */
async function annoyForever(): Promise<void> {
  const { crash, report, stubborn } = shop.tasks;
  for (let second = 1; !isOver; second++) {
    await Promise.race([pause(1_000), over]);
    if (isOver) return;
    if (second % 20 === 0) void crash().settled();
    if (second % 4 === 0) void report().settled();
    if (second % 7 === 0) cancelSoon(report());
    if (second % 15 === 0) cancelSoon(stubborn.with({ terminateAfter: Number.POSITIVE_INFINITY })());
  }
}

function cancelSoon(future: ReturnType<Executor<Tasks>['tasks']['report']>): void {
  void future.settled();
  void pause(1_500).then(() => future.cancel('the customer has left'));
}
