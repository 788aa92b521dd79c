// @ts-check
/**
 * Runs the conformance suite and the tests of guarantees in headless Chromium, on an isolated page
 * and on one without shared memory. A third page has a policy that forbids eval.
 *
 *     npm run test:browser
 *     npm run test:browser -- --json report.json      also writes all results
 *     npm run test:browser -- --only 'a stream'       tests whose titles contain a text
 *     npm run test:browser -- --limit 60000           longest time in ms of a test (20,000)
 *     npm run test:browser -- --verbose               also prints the tests that pass
 *     npm run test:browser -- --mode isolated         one of the pages: isolated, unshared, no-eval
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { bundleTests } from './bundle.mjs';
import { serve } from './server.mjs';

/** @import { Result } from './run-tests.js' */

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Longest time in ms in which the browser starts or loads the page, also on a busy machine. */
const START_MS = 300_000;

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', default: '' },
    mode: { type: 'string' },
    limit: { type: 'string', default: '20000' },
    verbose: { type: 'boolean' },
  },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'rx-futures-browser-'));
try {
  await bundleTests(path.join(folder, 'files'));
  /** @type {Record<string, Result[]>} */
  const report = {};
  for (const mode of ['isolated', 'unshared', 'no-eval']) {
    if (options.mode === undefined || options.mode === mode) report[mode] = await runIn(mode);
  }
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(report, undefined, 2));
  for (const [mode, results] of Object.entries(report)) console.log(`${mode}: ${summary(results)}`);
  const all = Object.values(report).flat();
  if (all.length === 0 || all.some(({ state }) => state === 'failed')) process.exitCode = 1;
} finally {
  // A process of the browser may still write its last files.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}

/**
 * @param {string} mode
 * @returns {Promise<Result[]>}
 */
async function runIn(mode) {
  const server = await serve({
    folders: { '': path.join(folder, 'files'), dist: path.join(root, 'dist') },
    isIsolated: mode === 'isolated',
    forbidsEval: mode === 'no-eval',
  });
  const browser = await chromium.launchPersistentContext(path.join(folder, mode), {
    executablePath: process.env['RX_FUTURES_CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    timeout: START_MS,
    args: FLAGS,
  });
  try {
    const page = await browser.newPage();
    /** @type {Result[]} */
    const results = [];
    page.on('pageerror', (error) => console.log(`${mode}: uncaught on the page: ${error.stack}`));
    await page.exposeFunction('reportResult', (/** @type {Result} */ result) => {
      results.push(result);
      if (options.verbose) console.log(`${mode}: ${result.state} ${result.title} (${result.ms} ms)`);
      if (result.state === 'failed') console.log(`${mode}: FAILED ${result.title} (${result.ms} ms)\n${result.error}`);
    });
    const crashed = new Promise((_, reject) => {
      page.once('crash', () => reject(new Error('The page has crashed.')));
      page.once('close', () => reject(new Error('The page is closed.')));
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
    try {
      await Promise.race([run, crashed]);
    } catch (error) {
      const last = results.at(-1)?.title ?? 'none';
      console.log(`${mode}: stopped after the test "${last}": ${error}`);
      results.push({ title: 'all tests end', state: 'failed', ms: 0, error: String(error) });
    }
    return results;
  } finally {
    await browser.close().catch(() => {});
    server.close();
  }
}

/** @param {readonly Result[]} results */
function summary(results) {
  const count = (/** @type {Result['state']} */ wanted) => results.filter(({ state }) => state === wanted).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}
