// @ts-check
/**
 * Runs the conformance suite and the tests of guarantees in a headless browser. There are three
 * modes: isolated pages, pages without shared memory, and a page whose policy forbids eval.
 *
 * All pages run at the same time. The pages of one mode share its tests: each takes the next test
 * when it has finished one.
 *
 *     npm run test:browser
 *     npm run test:browser -- --browser firefox       in Firefox instead of Chromium
 *     npm run test:browser -- --mode isolated --json report.json
 *                                                     writes a report for scripts/runtimes.mjs too
 *     npm run test:browser -- --only 'a stream'       tests whose titles contain a text
 *     npm run test:browser -- --limit 60000           longest time in ms of a test
 *     npm run test:browser -- --verbose               also prints the tests that pass
 *     npm run test:browser -- --mode isolated         one of the modes: isolated, unshared, no-eval
 *     npm run test:browser -- --pages 1               pages of each mode (2)
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleTests } from './bundle.mjs';
import { START_MS, startChromium } from './chromium.mjs';
import { startFirefox } from './firefox.mjs';
import { filesNotRun } from './not-run.mjs';
import { serve } from './server.mjs';

/** @import { BrowserContext } from 'playwright-core' */
/** @import { Result } from './run-tests.js' */

/** Pages of each mode. A test waits for timers and workers, so one page leaves a processor idle. */
const PAGES = { isolated: 2, unshared: 2, 'no-eval': 1 };

/** @typedef {keyof typeof PAGES} Mode */

const start = { chromium: startChromium, firefox: startFirefox };

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    browser: { type: 'string', default: 'chromium' },
    only: { type: 'string', default: '' },
    mode: { type: 'string' },
    pages: { type: 'string' },
    limit: { type: 'string', default: process.env['CI'] === undefined ? '20000' : '60000' },
    verbose: { type: 'boolean' },
  },
});
if (options.json !== undefined && options.mode === undefined) throw new Error('--json needs --mode.');
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'rx-futures-browser-'));
try {
  await bundleTests(path.join(folder, 'files'));
  const modes = /** @type {Mode[]} */ (Object.keys(PAGES)).filter(
    (mode) => options.mode === undefined || options.mode === mode,
  );
  const browser = await start[/** @type {keyof typeof start} */ (options.browser)](path.join(folder, 'profile'));
  /** @type {Record<string, Result[]>} */
  const results = {};
  let version = '';
  try {
    version = await versionOf(browser);
    await Promise.all(
      modes.map(async (mode) => {
        results[mode] = await runIn(browser, mode);
      }),
    );
  } finally {
    await browser.close().catch(() => {});
  }
  for (const mode of modes) {
    console.log(`${mode}: ${summary(results[mode] ?? [])}`);
    if (options.json !== undefined) writeFileSync(options.json, reportOf(mode, version, results[mode] ?? []));
  }
  const all = Object.values(results).flat();
  if (all.length === 0 || all.some(({ state }) => state === 'failed')) process.exitCode = 1;
} finally {
  // A process of the browser may still write its last files.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}

/**
 * Runs the tests of a mode on its pages.
 *
 * @param {BrowserContext} browser
 * @param {Mode} mode
 * @returns {Promise<Result[]>}
 */
async function runIn(browser, mode) {
  /** @type {Result[]} */
  const results = [];
  let taken = 0;
  const count = options.pages === undefined ? PAGES[mode] : Number(options.pages);
  await Promise.all(Array.from({ length: count }, () => runOnPage(browser, mode, () => taken++, results)));
  return results;
}

/**
 * @param {BrowserContext} browser
 * @param {Mode} mode
 * @param {() => number} takeTest returns the index of the next test
 * @param {Result[]} results
 */
async function runOnPage(browser, mode, takeTest, results) {
  // Each page has a server of its own. So it has other gates, and other connections, of which the
  // browser opens at most six to one server.
  const server = await serve({
    folders: { '': path.join(folder, 'files'), dist: path.join(root, 'dist') },
    isIsolated: mode === 'isolated',
    forbidsEval: mode === 'no-eval',
  });
  let running = 'none';
  try {
    const page = await browser.newPage();
    const crashed = new Promise((_, reject) => {
      page.once('crash', () => reject(new Error('The page has crashed.')));
      page.once('close', () => reject(new Error('The page is closed.')));
    });
    crashed.catch(() => {});
    page.on('pageerror', (error) => console.log(`${mode}: uncaught on the page: ${error.stack}`));
    await page.exposeFunction('takeTest', takeTest);
    await page.exposeFunction('reportStart', (/** @type {string} */ title) => {
      running = title;
    });
    await page.exposeFunction('reportResult', (/** @type {Result} */ result) => {
      results.push(result);
      if (options.verbose) console.log(`${mode}: ${result.state} ${result.title} (${result.ms} ms)`);
      if (result.state === 'failed') console.log(`${mode}: FAILED ${result.title} (${result.ms} ms)\n${result.error}`);
    });
    await page.goto(server.origin, { timeout: START_MS });
    const program = mode === 'no-eval' ? '/page/no-eval.js' : '/page/page.js';
    const run = page.evaluate(
      async ([program, only, limit]) => {
        Object.assign(globalThis, { only, limit });
        await import(program);
      },
      /** @type {const} */ ([program, options.only, Number(options.limit)]),
    );
    await Promise.race([run, crashed]);
  } catch (error) {
    console.log(`${mode}: stopped in the test "${running}": ${error}`);
    results.push({ title: 'all tests end', file: '', state: 'failed', ms: 0, error: String(error) });
  } finally {
    server.close();
  }
}

/** @param {readonly Result[]} results */
function summary(results) {
  const count = (/** @type {Result['state']} */ wanted) => results.filter(({ state }) => state === wanted).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/**
 * @param {Mode} mode
 * @param {string} version
 * @param {readonly Result[]} results
 */
function reportOf(mode, version, results) {
  const runtime = mode === 'isolated' ? 'Chromium, isolated' : 'Chromium, not isolated';
  const tests = results.map(({ title, file, topic, state, reason }) => ({ file, test: title, topic, state, reason }));
  return `${JSON.stringify({ runtime, version, tests, notRun: filesNotRun(mode) }, undefined, 1)}\n`;
}

/** @param {BrowserContext} browser */
async function versionOf(browser) {
  const page = await browser.newPage();
  const agent = await page.evaluate(() => /** @type {any} */ (globalThis).navigator.userAgent, null);
  await page.close();
  return String(agent).match(/(?:Chrome|Firefox)\/(\d+)/)?.[1] ?? 'unknown';
}
