// @ts-check
/** Runs bundles for browsers in Chromium. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { START_MS, startChromium } from '../../browser/chromium.mjs';
import { serve } from '../../browser/server.mjs';

/** @import { BrowserContext } from 'playwright-core' */

/**
 * Opens the page of a bundle twice: with and without shared memory. Returns what its program has
 * printed each time, or the error that ended it.
 *
 * @param {string} bundle the folder that the server has
 * @returns {Promise<{ isolated: string, unshared: string }>}
 */
export async function openPages(bundle) {
  const profile = path.join(bundle, '../profile');
  const browser = await startChromium(profile);
  try {
    const [isolated, unshared] = await Promise.all([openPage(browser, bundle, true), openPage(browser, bundle, false)]);
    return { isolated, unshared };
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  }
}

/**
 * @param {BrowserContext} browser
 * @param {string} bundle
 * @param {boolean} isIsolated
 * @returns {Promise<string>}
 */
async function openPage(browser, bundle, isIsolated) {
  const server = await serve({ folders: { '': bundle }, isIsolated, forbidsEval: false });
  try {
    const page = await browser.newPage();
    /** @type {Promise<string>} */
    const failed = new Promise((resolve) => page.once('pageerror', (error) => resolve(`${error.stack}`)));
    await page.goto(`${server.origin}/page.html`, { timeout: START_MS });
    // The program is a module, which may still be loading.
    const printed = page
      .waitForFunction('globalThis.printed', undefined, { timeout: START_MS })
      .then((handle) => handle.jsonValue());
    return await Promise.race([/** @type {Promise<string>} */ (printed), failed]);
  } finally {
    server.close();
  }
}
