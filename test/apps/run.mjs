// @ts-check
/**
 * Builds the applications in examples/ for Angular and React, and drives them in Chromium. They
 * show the same page, so one test drives both:
 *
 *     npm run test:apps              both
 *     npm run test:apps -- react     one of them
 *
 * Each build runs with and without shared memory. React also runs in its development server, whose
 * StrictMode runs each effect twice.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChromium } from '../browser/chromium.mjs';
import { serve } from '../browser/server.mjs';
import { drive } from './drive.mjs';
import { serveReact } from './vite.mjs';

/** The folder of each build, below examples/. */
const BUILDS = { react: 'react/dist', angular: 'angular/dist/primes/browser' };

/** @typedef {keyof typeof BUILDS} App */

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const apps = chosen(process.argv.slice(2));
for (const app of apps) build(app);

const profile = mkdtempSync(path.join(tmpdir(), 'rx-futures-apps-'));
const browser = await startChromium(profile);
let passed = 0;
let failed = 0;
try {
  for (const app of apps) {
    for (const isIsolated of [true, false]) {
      const folders = { '': path.join(examples, BUILDS[app]) };
      const { origin, close } = await serve({ folders, isIsolated, forbidsEval: false });
      await check(`${app}, ${isIsolated ? 'isolated' : 'without shared memory'}`, `${origin}/index.html`);
      close();
    }
  }
  if (apps.includes('react')) {
    const { address, close } = await serveReact(path.join(examples, 'react'));
    // StrictMode submits the three tasks twice, and cancels the first three.
    await check('react, in StrictMode', address, 3);
    await close();
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/**
 * @param {string} name
 * @param {string} address
 * @param {number} [cancelled] tasks that are cancelled while the page opens
 */
async function check(name, address, cancelled = 0) {
  const start = performance.now();
  const fault = await drive(browser, address, cancelled);
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  console.log(`${fault === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)${fault ?? ''}`);
  if (fault === undefined) passed++;
  else failed++;
}

/**
 * Installs what the lock file names, unless it is installed, and builds the application.
 *
 * @param {App} app
 */
function build(app) {
  const cwd = path.join(examples, app);
  const run = (/** @type {string[]} */ ...args) => execFileSync('npm', args, { cwd, stdio: 'inherit' });
  const mark = path.join(cwd, 'node_modules/.installed');
  const lock = readFileSync(path.join(cwd, 'package-lock.json'), 'utf8');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== lock) {
    // Without scripts, because npm would build the library, to which the lock file has a link.
    run('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
    writeFileSync(mark, lock);
  }
  run('run', 'build', '--silent');
}

/**
 * @param {readonly string[]} words
 * @returns {App[]}
 */
function chosen(words) {
  const all = /** @type {App[]} */ (Object.keys(BUILDS));
  const unknown = words.filter((word) => !all.some((app) => app === word));
  if (unknown.length > 0) {
    console.error(`test:apps: no application is called "${unknown.join('", "')}". Use: ${all.join(', ')}.`);
    process.exit(2);
  }
  return words.length === 0 ? all : all.filter((app) => words.includes(app));
}
