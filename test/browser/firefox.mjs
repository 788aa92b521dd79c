// @ts-check
/** Starts headless Firefox, for the tests of this folder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { BidiSession } from './bidi.mjs';

/** @import { BrowserContext } from 'playwright-core' */

/** The packages of Debian and of Mozilla. */
const BROWSERS = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** A page that is behind another window has the timers of a page in front. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.max_script_run_time': 0,
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
};

/** Returns the path of the browser, or undefined if none is installed. */
export function findFirefox() {
  const { RX_FUTURES_FIREFOX: chosen } = process.env;
  return (chosen === undefined ? BROWSERS : [chosen]).find((file) => existsSync(file));
}

/**
 * Returns the part of a browser that run.mjs uses.
 *
 * @param {string} profile a folder for the data of the browser
 * @returns {Promise<BrowserContext>}
 * @throws Error if Firefox is not installed, or ends at once
 */
export async function startFirefox(profile) {
  const file = findFirefox();
  if (file === undefined) {
    throw new Error('There is no browser. Install Firefox, or set RX_FUTURES_FIREFOX to the path of a browser.');
  }
  mkdirSync(profile, { recursive: true });
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});\n`);
  writeFileSync(path.join(profile, 'user.js'), lines.join(''));
  const child = spawn(file, ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const session = await BidiSession.open(await addressOf(child.stderr));
  const browser = {
    newPage: () => session.newPage(),
    async close() {
      await session.send('browser.close', {}).catch(() => {});
      await ended;
    },
  };
  return /** @type {BrowserContext} */ (/** @type {unknown} */ (browser));
}

/**
 * Returns the address at which the browser listens, which it prints.
 *
 * @param {import('node:stream').Readable} output
 */
async function addressOf(output) {
  const lines = createInterface(output);
  return new Promise((/** @type {(url: string) => void} */ found, failed) => {
    lines.on('line', (line) => {
      const [, url] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
      if (url !== undefined) found(url);
    });
    lines.on('close', () => failed(new Error('Firefox has ended before it could be driven.')));
  });
}
