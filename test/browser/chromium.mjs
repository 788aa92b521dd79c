// @ts-check
/** Starts headless Chromium, for the tests of this folder and of test/projects/bundlers. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** The packages of Debian and of Google. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/google-chrome'];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Longest time in ms in which the browser starts or loads a page, also on a busy machine. */
export const START_MS = 300_000;

/** Returns the path of the browser, or undefined if none is installed. */
export function findChromium() {
  const { RX_FUTURES_CHROMIUM: chosen } = process.env;
  return (chosen === undefined ? BROWSERS : [chosen]).find((file) => existsSync(file));
}

/**
 * @param {string} profile a folder for the data of the browser
 * @param {readonly string[]} [flags] further ones
 * @throws Error if Chromium is not installed
 */
export async function startChromium(profile, flags = []) {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('There is no browser. Install Chromium, or set RX_FUTURES_CHROMIUM to the path of a browser.');
  }
  return chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    timeout: START_MS,
    args: [...FLAGS, ...flags],
  });
}
