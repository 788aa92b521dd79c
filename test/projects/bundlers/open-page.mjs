// @ts-check
/** Runs bundles for browsers in Chromium. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { START_MS, startChromium } from '../../browser/chromium.mjs';
import { serve } from '../../browser/server.mjs';

/**
 * Opens the page of a bundle, and returns what its program has printed, or the error that ended it.
 *
 * @param {string} bundle the folder that the server has
 * @param {boolean} isIsolated whether the page may share memory with its workers
 * @returns {Promise<string>}
 */
export async function openPage(bundle, isIsolated) {
  const server = await serve({ folders: { '': bundle }, isIsolated, forbidsEval: false });
  const profile = path.join(bundle, '../profile');
  try {
    const browser = await startChromium(profile);
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
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
    }
  } finally {
    server.close();
  }
}
