// @ts-check
/** The test of the page that the applications show. */

/** @import { BrowserContext, Page } from 'playwright-core' */

/** A limit below which a search of all primes takes hours. */
const FAR = 1_000_000_000;
/** Longest time in ms until the page shows something, also on a busy machine. */
const LIMIT = 60_000;

/**
 * Uses the page as a person does. Returns undefined if it shows what it should, and the fault
 * otherwise.
 *
 * @param {BrowserContext} browser
 * @param {string} address
 * @param {number} before tasks that are cancelled while the page opens
 * @returns {Promise<string | undefined>}
 */
export async function drive(browser, address, before) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(`${error.stack}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  try {
    await page.goto(address, { timeout: LIMIT });
    await use(page, before);
    return errors.length === 0 ? undefined : `\nerrors of the page:\n${errors.join('\n')}`;
  } catch (error) {
    const text = await page.textContent('body').catch(() => 'nothing');
    return `\n${error}\nThe page shows: ${text}\nIts errors: ${errors.join('\n') || 'none'}`;
  } finally {
    await page.close();
  }
}

/**
 * @param {Page} page
 * @param {number} before
 */
async function use(page, before) {
  const shows = (/** @type {string} */ id, /** @type {string | RegExp} */ text) =>
    page.locator(`#${id}`).filter({ hasText: text }).waitFor({ timeout: LIMIT });
  const cancelled = (/** @type {number} */ count) => shows('tasks', ` 0 running, ${before + count} cancelled`);
  const search = (/** @type {number} */ limit) => page.fill('input', String(limit));
  /** Waits until a future reports progress and a stream emits values, of tasks that do not end. */
  const runs = async () => {
    await page.waitForFunction(`document.querySelector('progress')?.value > 0`, undefined, { timeout: LIMIT });
    await shows('primes', /\d/);
  };

  // A future has its result, and a stream its last values.
  await shows('count', '78,498');
  await shows('primes', '999,983');
  await shows('largest', '999,983');
  await cancelled(0);

  // A new input cancels the tasks of the old one, and shows the new results.
  await search(FAR);
  await runs();
  await shows('largest', '999,999,937');
  await search(1_000);
  await shows('count', '168');
  await shows('primes', '997');
  await shows('largest', '997');
  await cancelled(2);

  // An error of a task is shown.
  await search(1);
  await shows('largest', 'There is no prime below 1.');

  // Leaving cancels the running tasks, and coming back starts new ones.
  await search(FAR);
  await runs();
  await shows('largest', '999,999,937');
  await page.click('text=Leave');
  await cancelled(4);
  await page.click('text=Open');
  await runs();
  await page.click('text=Leave');
}
