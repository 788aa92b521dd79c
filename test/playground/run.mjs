// @ts-check
/**
 * Drives the page "Playground" of the built site in Chromium:
 *
 *     npm run test:playground                  builds the site, and prints a line for each check
 *     npm run test:playground -- <folder>      also saves screenshots there
 *
 * The site has no headers for isolation, as on GitHub Pages. One check uses a server that sends
 * them.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NAMES } from '../../docs/.vitepress/theme/playground/names.mjs';
import { START_MS, startChromium } from '../browser/chromium.mjs';

/** @import { Page } from 'playwright-core' */

/** Longest time in ms of a program, also on a busy machine. */
const RUN_MS = 60_000;

const [screenshots] = process.argv.slice(2);
const root = fileURLToPath(new URL('../../', import.meta.url));
const site = path.join(root, 'docs/.vitepress/dist');
const profile = mkdtempSync(path.join(tmpdir(), 'rx-futures-playground-'));
const servers = [await serve(false), await serve(true)];
const [plain, isolated] = /** @type {[string, string]} */ (servers.map(({ origin }) => origin));
const browser = await startChromium(profile);
let failed = 0;

try {
  // The examples mostly wait, so all run at the same time.
  await Promise.all([...NAMES.map((name) => printsItsOutput(plain, name)), printsItsOutput(isolated, NAMES[0])]);
  await editsAndErrors();
  await stopsAnEndlessLoop();
  await looks();
} finally {
  await browser.close();
  for (const { server } of servers) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
}
process.exitCode = failed > 0 ? 1 : 0;

/**
 * @param {string} origin
 * @param {string} name
 */
async function printsItsOutput(origin, name) {
  const mode = origin === isolated ? ', isolated' : '';
  const page = await open(origin, name);
  await page.click('.pg-run');
  await ended(page);
  const printed = await consoleOf(page);
  const expected = outputOf(name);
  check(`${name} prints its output${mode}`, printed === expected, `${printed}\nexpected:\n${expected}`);
  const count = (/** @type {string} */ selector) => page.locator(selector).count();
  const bars = await count('.pg-bar');
  const running = await count('.pg-bar[data-state=running]');
  const lanes = await count('[data-lane]');
  const summary = (await page.textContent('[data-summary]')) ?? '';
  const isWhole = bars > 0 && running === 0 && lanes > 0 && !summary.includes('pending');
  check(`${name} has a task stream${mode}: ${bars} runs on ${lanes} workers`, isWhole, summary);
  if (origin === isolated) {
    check(
      'the page says that it is isolated',
      (await page.textContent('.pg-mode'))?.includes('shares memory') === true,
    );
  }
  await page.close();
}

async function editsAndErrors() {
  const page = await open(plain, '22-chat-rooms');
  check(
    'the page says that it is not isolated',
    (await page.textContent('.pg-mode'))?.includes('is not cross-origin') === true,
  );
  await type(page, 'tasks.js', "export const twice = (n) => {\n  console.log('twice', n);\n  return 2 * n;\n};\n");
  await type(
    page,
    'main.js',
    `import { Executor } from 'rx-futures';
await using executor = new Executor({ tasks: new URL('./tasks.js', import.meta.url), maxWorkers: 1 });
console.log(await executor.tasks.twice(21), { list: [1, 'two'] });`,
  );
  await page.keyboard.press('Control+Enter');
  await ended(page);
  const printed = (await consoleOf(page)).split('\n').sort().join('\n');
  check('an edited program runs with Ctrl+Enter', printed === "42 { list: [ 1, 'two' ] }\ntwice 21", printed);

  await page.click('text=Reset');
  check('Reset restores the example', (await textOf(page, 'tasks.js')).includes('say(room, text)'));

  await shows(page, 'main.js', "const a = 1;\nthrow new RangeError('no');", /^RangeError: no\n +at main\.js:2/);
  await shows(page, 'main.js', 'const a = 1;\nconst b = ;', /^SyntaxError: .*\n +at main\.js:2/);
  await shows(page, 'main.js', "void Promise.reject(new Error('lost'));", /^Error: lost/, 'finished');
  await page.click('text=Reset');
  await shows(page, 'tasks.js', 'export const a = 1;\nexport const b = (;', /^SyntaxError: .*\n +at tasks\.js:2/);
  await shows(
    page,
    'tasks.js',
    "export const say = () => {\n  throw new Error('no tea');\n};",
    /^Error: no tea\n.*tasks\.js:2/,
  );
  check('a failed task is marked', (await page.locator('.pg-bar[data-state=rejected]').count()) > 0);
  await page.close();
}

/**
 * @param {Page} page
 * @param {string} file
 * @param {string} text
 * @param {RegExp} expected
 * @param {string} [state]
 */
async function shows(page, file, text, expected, state = 'failed') {
  await type(page, file, text);
  await page.click('.pg-run');
  await ended(page, state);
  await page.waitForSelector('[data-level=error]');
  const shown = (await page.locator('[data-level=error] pre').first().textContent()) ?? '';
  check(`the console shows ${expected.source}`, expected.test(shown), shown);
}

async function stopsAnEndlessLoop() {
  const page = await open(plain, '26-all-processors');
  await type(page, 'tasks.js', 'export const countPrimes = () => {\n  for (;;);\n};\nexport class Total {}\n');
  await page.click('.pg-run');
  await page.waitForSelector('.pg-bar[data-state=running]');
  const workers = page.workers();
  check(`an endless loop runs on workers: ${workers.length}`, workers.length > 0);
  const ends = workers.map((worker) => worker.waitForEvent('close', { timeout: RUN_MS }));
  await page.click('text=Stop');
  await Promise.all(ends);
  check('Stop ends the workers', (await page.getAttribute('.pg', 'data-state')) === 'stopped');
  await page.click('text=Reset');
  await page.click('.pg-run');
  await ended(page);
  check('the example runs after that', (await consoleOf(page)) === outputOf('26-all-processors'));
  await page.close();
}

async function looks() {
  const page = await open(plain, '');
  const narrow = { width: 390, height: 844 };
  await page.setViewportSize(narrow);
  const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
  check('a narrow page has no horizontal scroll bar', width <= narrow.width, String(width));
  check('the address chooses no example, so the first one is shown', (await textOf(page, 'main.js')).includes('Total'));
  if (screenshots !== undefined) {
    for (const scheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const name of NAMES) {
        await page.setViewportSize({ width: 1_280, height: 1_000 });
        await page.selectOption('.pg select', name);
        await page.click('.pg-run');
        await ended(page);
        await page.screenshot({ path: path.join(screenshots, `${scheme}-${name}.png`) });
      }
      await page.setViewportSize(narrow);
      await page.screenshot({ path: path.join(screenshots, `${scheme}-narrow.png`), fullPage: true });
    }
  }
  await page.close();
}

/**
 * @param {string} origin
 * @param {string} name
 */
async function open(origin, name) {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1_280, height: 1_000 });
  page.on('pageerror', (error) => check(`no error on the page: ${error.stack}`, false));
  // The console of a page also has what its programs print.
  page.on('console', (message) => {
    const { url } = message.location();
    const isOwn = !url.startsWith('blob:') && !url.includes('/playground/');
    if (message.type() === 'error' && isOwn) check(`no error in the console: ${message.text()} ${url}`, false);
  });
  await page.goto(`${origin}/playground.html${name === '' ? '' : `#${name}`}`, { timeout: START_MS });
  await page.waitForSelector('[data-file="tasks.js"] .cm-content', { timeout: START_MS });
  return page;
}

/**
 * @param {Page} page
 * @param {string} [state]
 */
async function ended(page, state = 'finished') {
  await page.waitForSelector('.pg[data-state=finished], .pg[data-state=failed]', { timeout: RUN_MS });
  const actual = await page.getAttribute('.pg', 'data-state');
  if (actual !== state) check(`the program has ${state}`, false, await consoleOf(page));
}

/**
 * Replaces the text of an editor.
 *
 * @param {Page} page
 * @param {string} file
 * @param {string} text
 */
async function type(page, file, text) {
  await page.click(`[data-file="${file}"] .cm-content`);
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/**
 * Returns the text that an editor shows.
 *
 * @param {Page} page
 * @param {string} file
 */
async function textOf(page, file) {
  return (await page.locator(`[data-file="${file}"] .cm-content`).textContent()) ?? '';
}

/** @param {Page} page */
async function consoleOf(page) {
  return (await page.locator('.pg-console pre').allTextContents()).join('\n');
}

/** Returns the comment after "// Output:", which ends the example. */
function outputOf(/** @type {string} */ name) {
  const [, block = ''] = readFileSync(path.join(root, `examples/${name}.ts`), 'utf8').split('\n// Output:\n');
  return block.replace(/^\/\/ ?/gm, '').trimEnd();
}

/**
 * @param {string} what
 * @param {boolean} isRight
 * @param {string} [instead]
 */
function check(what, isRight, instead = '') {
  console.log(`${isRight ? 'ok    ' : 'FAILED'} ${what}${isRight || instead === '' ? '' : `, but:\n${instead}`}`);
  if (!isRight) failed++;
}

/** Serves the built site. */
async function serve(/** @type {boolean} */ isIsolated) {
  /** @type {Readonly<Record<string, string>>} */
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
  const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    if (pathname === '/favicon.ico') return response.writeHead(204).end();
    try {
      const contents = readFileSync(path.join(site, decodeURIComponent(pathname)));
      response
        .writeHead(200, {
          ...(isIsolated ? isolation : {}),
          'content-type': types[path.extname(pathname)] ?? 'application/octet-stream',
        })
        .end(contents);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, 'localhost', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, origin: `http://localhost:${port}` };
}
