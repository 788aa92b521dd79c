// @ts-check
/**
 * Drives the built page in Chromium, and looks at what it does:
 *
 *     npm test                      prints a line for each check
 *     npm run screenshots           also saves the screenshots of the guide
 *
 * The checks of frames need a machine that is not busy with other work.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { preview } from 'vite';
import { startChromium } from '../../../test/browser/chromium.mjs';

/** Frames per second that a page should have at least, of 60. A busy machine drops some. */
const FRAMES = 40;
/** The size of the window. */
const SIZE = { width: 1_040, height: 860 };
/** From this time in ms on, a browser calls a task of the page long. */
const LONG = 50;

const [screenshots] = process.argv.slice(2);
const server = await preview({ root: new URL('..', import.meta.url).pathname, logLevel: 'warn', preview: { port: 0 } });
const profile = mkdtempSync(path.join(tmpdir(), 'rx-futures-example-'));
const browser = await startChromium(profile);
let failed = 0;

try {
  const page = await browser.newPage();
  page.on('pageerror', (error) => check(`no error on the page: ${error.stack}`, false));
  await page.setViewportSize(SIZE);
  await page.addInitScript(() => {
    const seen = /** @type {number[]} */ ([]);
    Object.assign(globalThis, { longTasks: seen });
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  });
  await page.goto(server.resolvedUrls?.local[0] ?? '');

  const done = () => page.waitForSelector('body[data-state=done]');
  const textOf = (/** @type {string} */ id) => page.textContent(`#${id}`);
  const longTasks = () => page.evaluate(() => Reflect.get(globalThis, 'longTasks').splice(0));
  const picture = () =>
    page.evaluate(() => /** @type {HTMLCanvasElement} */ (document.getElementById('picture')).toDataURL());
  const session = await browser.newCDPSession(page);
  /** Saves the page in a smaller size, so that the file is small. */
  const shoot = async (/** @type {string} */ name) => {
    if (screenshots === undefined) return;
    const clip = { x: 0, y: 0, ...SIZE, scale: 0.6 };
    const { data } = await session.send('Page.captureScreenshot', { format: 'jpeg', quality: 80, clip });
    writeFileSync(path.join(screenshots, `mandelbrot-${name}.jpg`), Buffer.from(data, 'base64'));
  };

  await done();
  check('the page shares memory with its workers', (await textOf('memory')) === 'yes');
  check('all tiles are drawn', (await textOf('tiles')) === '320 of 320');
  const byWorkers = await picture();

  await longTasks();
  const frames = await framesDuring(async () => {
    // Each turn of the wheel cancels the tiles of the view before.
    await page.mouse.move(330, 330);
    for (let turn = 0; turn < 25; turn++) {
      await page.mouse.wheel(0, -100);
      await page.waitForTimeout(80);
    }
  });
  const long = (await longTasks()).filter((/** @type {number} */ ms) => ms > LONG);
  check(`the page draws at least ${FRAMES} frames per second during a zoom: ${frames}`, frames >= FRAMES);
  check(`no task of the page takes more than ${LONG} ms: ${long.join(' ') || 'none'}`, long.length === 0);
  await shoot('zoom');
  await done();

  await page.click('#reset');
  await page.click('#kill');
  await done();
  check('a view is complete although a worker was ended', (await picture()) === byWorkers);
  await shoot('worker-ended');

  await page.click('#blur');
  await page.waitForSelector('text=A worker blurred the picture');
  check('a worker has blurred the picture', (await picture()) !== byWorkers);

  await longTasks();
  await page.check('input[value=page]');
  await done();
  check('the page draws the same picture', (await picture()) === byWorkers);
  const pause = Math.max(0, ...(await longTasks()));
  check(`without workers, the page stops: ${pause} ms`, pause > LONG);

  /** @param {() => Promise<unknown>} act */
  async function framesDuring(act) {
    await page.evaluate(() => {
      Object.assign(globalThis, { frames: 0, isCounting: true });
      requestAnimationFrame(function count() {
        const { isCounting, frames } = /** @type {{ isCounting?: boolean, frames?: number }} */ (globalThis);
        Object.assign(globalThis, { frames: (frames ?? 0) + 1 });
        if (isCounting) requestAnimationFrame(count);
      });
    });
    const start = performance.now();
    await act();
    const seconds = (performance.now() - start) / 1_000;
    const counted = await page.evaluate(() => {
      Object.assign(globalThis, { isCounting: false });
      return Number(Reflect.get(globalThis, 'frames'));
    });
    return Math.round(counted / seconds);
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
}
process.exitCode = failed > 0 ? 1 : 0;

/**
 * @param {string} what
 * @param {boolean} isRight
 */
function check(what, isRight) {
  console.log(`${isRight ? 'ok    ' : 'FAILED'} ${what}`);
  if (!isRight) failed++;
}
