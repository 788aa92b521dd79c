// @ts-check
/**
 * Tests the page of the dashboard in headless Chromium, with executors of this process and real
 * worker threads.
 *
 *     npm run test:dashboard
 *     npm run test:dashboard -- --screenshots <folder>   writes pictures, and tests nothing
 *
 * Each test continues where the one before has ended, as a person does.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { asCompleted, chain, Executor } from 'rx-futures';
import { serveDashboard } from 'rx-futures/dashboard';
import { START_MS, startChromium } from '../../browser/chromium.mjs';

/** @import { Page } from 'playwright-core' */

/** Longest time in ms of a step, on a machine that runs other tests at the same time. */
const LONGEST_MS = 120_000;

const { values: options } = parseArgs({ options: { screenshots: { type: 'string' } } });
const folder = mkdtempSync(path.join(tmpdir(), 'rx-futures-dashboard-'));
const tasks = new URL('./tasks.mjs', import.meta.url);

/** @type {Executor<typeof import('./tasks.mjs')>} */
const crawler = new Executor({
  tasks,
  name: 'crawler',
  maxWorkers: 4,
  minWorkers: 4,
  concurrency: 4,
  onUnobservedError() {},
});
/** @type {Executor<typeof import('./tasks.mjs')>} */
const burst = new Executor({ tasks, name: 'burst', maxWorkers: 2, minWorkers: 2 });
const dashboard = await serveDashboard([crawler, burst]);
const browser = await startChromium(path.join(folder, 'profile'));
/** @type {string[]} */
const problems = [];
let crawling = true;
const { port } = new URL(dashboard.url);
let failed = 0;

try {
  await Promise.all([crawler.ready(), burst.ready()]);
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.setViewportSize({ width: 1360, height: 1500 });
  page.setDefaultTimeout(LONGEST_MS);
  const crawl = runCrawl();
  if (options.screenshots === undefined)
    for (const [title, run] of Object.entries(tests())) await test(title, () => run(page));
  else await takeScreenshots(page, options.screenshots);
  crawling = false;
  await crawl;
  if (options.screenshots === undefined) for (const [title, run] of endings(page)) await test(title, run);
} finally {
  await browser.close().catch(() => {});
  await dashboard.close();
  await Promise.all([crawler.terminate(), burst.terminate()]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}
if (options.screenshots !== undefined) console.log(`pictures are in ${options.screenshots}`);
else console.log(failed === 0 ? 'the dashboard works' : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string} title @param {() => unknown} run */
async function test(title, run) {
  const start = performance.now();
  try {
    await run();
    console.log(`passed ${title} (${Math.round(performance.now() - start)} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${title}\n${/** @type {Error} */ (error).stack}`);
  }
}

/** A crawl in rounds, until the tests have ended. */
async function runCrawl() {
  const { fetchPage, parse, save, upload } = crawler.tasks;
  // A task that ignores its cancel may end the worker of the actor, which then starts elsewhere.
  const counter = crawler.actors.Counter.with({ restart: 100 })();
  const shared = crawler.share(Array.from({ length: 100 }, (_, i) => i));
  for (let round = 0; crawling; round++) {
    const pages = Array.from({ length: 120 }, (_, i) => round * 120 + i);
    const receipts = pages.map((n) => fetchPage(n).pipe(chain(parse), chain(save)));
    for (const n of pages.slice(0, 10)) upload.with({ retry: { count: 2, delay: 20 } })(n);
    await counter.add(1).settled();
    await asCompleted(receipts).forEach(() => {});
  }
  shared.dispose();
}

/** @returns {Record<string, (page: Page) => Promise<void>>} */
function tests() {
  /** @type {import('rx-futures').Future<void>} */
  let napping;
  return {
    async 'the page loads and shows a running crawl'(page) {
      await page.goto(dashboard.url, { timeout: START_MS });
      await page.getByRole('tab', { name: 'crawler', selected: true }).waitFor();
      for (const name of ['fetchPage', 'parse → save', 'upload'])
        await page.getByRole('region', { name: 'Functions' }).getByText(name, { exact: true }).waitFor();
      await page.getByText('asCompleted #').first().waitFor();
      await page.getByText('Counter-1', { exact: true }).waitFor();
      await page.getByText('shared-1', { exact: true }).waitFor();
      await page.getByRole('rowheader', { name: 'crawler-1', exact: true }).waitFor();
    },
    async 'the task stream has rectangles of several colours'(page) {
      await page.waitForFunction(() => {
        const { document } = /** @type {any} */ (globalThis);
        const canvas = document.querySelector('.stream canvas');
        // Chromium warns in the console if the page's own canvas is read more than once.
        const copy = document.createElement('canvas');
        Object.assign(copy, { width: canvas.width, height: canvas.height });
        const context = copy.getContext('2d', { willReadFrequently: true });
        context.drawImage(canvas, 0, 0);
        const { data } = context.getImageData(0, 0, copy.width, copy.height);
        const colors = new Map();
        for (let i = 0; i < data.length; i += 4) {
          const color = `${data[i]},${data[i + 1]},${data[i + 2]}`;
          colors.set(color, (colors.get(color) ?? 0) + 1);
        }
        return ['78,121,167', '242,142,43', '89,161,79'].every((color) => colors.get(color) > 50);
      });
    },
    async 'a failure opens to its stack'(page) {
      await page.locator('.failures summary').first().click();
      await page.locator('.failures details[open] pre', { hasText: 'tasks.mjs' }).waitFor();
    },
    async 'a click without the token asks for it, and with the token cancels the task'(page) {
      napping = crawler.tasks.nap(600_000);
      napping.catch(() => {});
      const row = page.getByRole('row', { name: `nap ${napping.id}` });
      const button = row.getByRole('button', { name: 'Cancel' });
      await button.click();
      await page.getByLabel('Token', { exact: true }).last().fill(dashboard.token);
      await page.keyboard.press('Enter');
      assert.equal(napping.state, 'running');
      await button.click();
      await page.getByText(`Task "nap" #${napping.id} is cancelled.`).waitFor();
      assert.equal(napping.state, 'cancelled');
      await row.getByText('cancelled, still runs').waitFor();
    },
    async 'the executor is paused and resumed by a key'(page) {
      await page.locator('h1').click();
      await page.keyboard.press('p');
      await page.getByText('Executor "crawler" is paused.').waitFor();
      assert.equal(crawler.stats().isPaused, true);
      await page.getByRole('button', { name: 'Resume executor' }).waitFor();
      await page.keyboard.press('p');
      await page.getByText('Executor "crawler" continues.').waitFor();
      assert.equal(crawler.stats().isPaused, false);
    },
    async 'a worker is ended by its button, and another one replaces it'(page) {
      const row = page
        .getByRole('region', { name: 'Workers' })
        .getByRole('row', { name: / 0 End$/ })
        .last();
      const name = (await row.getByRole('rowheader').textContent()) ?? '';
      await row.getByRole('button', { name: 'End' }).click();
      await page.getByRole('rowheader', { name, exact: true }).waitFor({ state: 'detached' });
      await page
        .getByRole('row', { name: /^crawler-[5-9] / })
        .first()
        .waitFor();
      const home = page.getByRole('region', { name: 'Workers' }).getByRole('row', { name: / 1 End$/ });
      await home.getByRole('button', { name: 'End' }).click();
      await page.getByText('an actor lives on it').waitFor();
    },
    async 'the keys are listed, and a dialog closes by Escape'(page) {
      await page.keyboard.press('?');
      await page.getByRole('heading', { name: 'Keys' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { name: 'Keys' }).waitFor({ state: 'hidden' });
    },
    async 'the view is frozen and follows again by Space'(page) {
      await page.locator('h1').click();
      await page.keyboard.press(' ');
      await page.getByRole('button', { name: 'Follow' }).waitFor();
      await page.keyboard.press(' ');
      await page.getByRole('button', { name: 'Freeze view' }).waitFor();
    },
    async 'the arrow keys choose an executor'(page) {
      await page.getByRole('tab', { name: 'crawler' }).focus();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('tab', { name: 'burst', selected: true }).waitFor();
      await page.keyboard.press('ArrowLeft');
      await page.getByRole('tab', { name: 'crawler', selected: true }).waitFor();
    },
    async 'every button and table is reached by Tab'(page) {
      const reached = await page.evaluate(() => {
        const { document } = /** @type {any} */ (globalThis);
        const all = [...document.querySelectorAll('button, summary, .stream canvas, .table')];
        const unreachable = all.filter((element) => element.checkVisibility() && element.tabIndex < 0);
        return unreachable.map((element) => String(element.outerHTML));
      });
      // Arrow keys choose a tab, and a dialog is not open.
      assert.deepEqual(
        reached.filter((html) => !html.includes('role="tab"')),
        [],
      );
    },
    async '100,000 tasks do not freeze the page, and it says that it draws a sample'(page) {
      await page.getByRole('tab', { name: 'burst' }).click();
      const usual = await longestGap(page, 1_000);
      const gap = longestGap(page, 3_000);
      const { noop } = burst.tasks;
      for (let round = 0; round < 10; round++) {
        await Promise.all(Array.from({ length: 10_000 }, (_, i) => noop(i)));
        await pause(0);
      }
      await page.getByText(/^Sampled: /).waitFor();
      await page.getByRole('region', { name: 'Functions' }).getByText('100,000 of 100,000').waitFor();
      const longest = await gap;
      console.log(
        `       longest time between two frames: ${Math.round(usual)} ms before, ${Math.round(longest)} ms now`,
      );
      // A busy machine stops every page from time to time.
      assert.ok(longest < Math.max(500, 10 * usual), `The page stood still for ${longest} ms.`);
    },
    async 'names are shown as text'(page) {
      const name = '<img src=x onerror=alert(1)>';
      const task = { [name]: () => 1 }[name];
      await burst.submit(/** @type {() => number} */ (task)).catch(() => {});
      await page.getByRole('region', { name: 'Functions' }).getByText(name).waitFor();
      assert.equal(await page.locator('img[src=x]').count(), 0);
    },
  };
}

/**
 * Tests for which the crawl must have ended.
 *
 * @param {Page} page
 * @returns {readonly [title: string, run: () => unknown][]}
 */
function endings(page) {
  return [
    ['there is no error and no warning in the console', () => assert.deepEqual(problems, [])],
    [
      'the page connects again to a program that was started again',
      async () => {
        await dashboard.close();
        await page.getByText('Connecting again').waitFor();
        const again = await serveDashboard(burst, { port: Number(port), token: dashboard.token });
        await page.getByText('Connecting again').waitFor({ state: 'hidden' });
        await page.getByRole('tab', { name: 'burst', selected: true }).waitFor();
        await page.keyboard.press('p');
        await page.getByText('Executor "burst" is paused.').waitFor();
        await again.close();
      },
    ],
  ];
}

/**
 * Returns the longest time in ms between two frames of the page.
 *
 * @param {Page} page @param {number} ms the time for which the page is observed
 * @returns {Promise<number>}
 */
function longestGap(page, ms) {
  return page.evaluate(
    (limit) =>
      new Promise((resolve) => {
        const { requestAnimationFrame } = /** @type {any} */ (globalThis);
        let [last, longest, end] = [performance.now(), 0, performance.now() + limit];
        const frame = () => {
          const time = performance.now();
          longest = Math.max(longest, time - last);
          last = time;
          if (time < end) requestAnimationFrame(frame);
          else resolve(longest);
        };
        requestAnimationFrame(frame);
      }),
    ms,
  );
}

/** @param {Page} page @param {string} to */
async function takeScreenshots(page, to) {
  mkdirSync(to, { recursive: true });
  // The bottom is below the charts.
  await page.setViewportSize({ width: 1200, height: 785 });
  await page.goto(`${dashboard.url}/?token=${dashboard.token}`, { timeout: START_MS });
  await page.getByRole('rowheader', { name: 'crawler-1', exact: true }).waitFor();
  // A shorter time, so that a reader of the picture sees single runs.
  for (let i = 0; i < 5; i++) await page.keyboard.press('+');
  // The charts need some history.
  await pause(15_000);
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme: theme });
    await pause(1_000);
    await page.screenshot({ path: path.join(to, `dashboard-${theme}.png`) });
  }
  await page.setViewportSize({ width: 1200, height: 1_400 });
  await page.evaluate(() => /** @type {any} */ (globalThis).scrollTo(0, 900));
  await pause(1_000);
  await page.screenshot({ path: path.join(to, 'dashboard-below.png') });
  await page.setViewportSize({ width: 420, height: 2_600 });
  await page.evaluate(() => /** @type {any} */ (globalThis).scrollTo(0, 0));
  await pause(1_500);
  await page.screenshot({ path: path.join(to, 'dashboard-narrow.png') });
}
