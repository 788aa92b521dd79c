/** The places in which the rows run. Each contender has a page or a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { startChromium } from '../../browser/chromium.mjs';
import { serve } from '../../browser/server.mjs';
import { install, versionOf as runtimeVersion } from '../../runtimes/install.mjs';
import { ContenderProcess } from '../harness/contender.js';
import type { Start, Started } from '../harness/rounds.js';
import type { Row, Sample } from '../harness/row.js';
import { bundleBench } from './bundle.mjs';

/** An open place. */
export interface Environment {
  /** Name of the program, with its version. */
  readonly version: string;
  readonly start: Start;
  close(): Promise<void>;
}

/** The functions that open the places, by the heads of their columns. */
export const environments: Readonly<Record<string, () => Promise<Environment>>> = {
  'Chromium, isolated': () => openChromium(true),
  Chromium: () => openChromium(false),
  Bun: openBun,
};

/** Time limit in ms of a round, and of the start of a contender. */
const LONGEST = 60_000;

async function openChromium(isIsolated: boolean): Promise<Environment> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rx-futures-bench-'));
  const files = path.join(folder, 'files');
  await bundleBench(files);
  const server = await serve({ folders: { '': files }, isIsolated, forbidsEval: false });
  const browser = await startChromium(path.join(folder, 'profile'), ['--js-flags=--expose-gc']);
  return {
    version: `Chromium ${browser.browser()?.version() ?? (await versionOf(browser))}`,
    start: (row, name) => ContenderPage.start(browser, server.origin, row, name),
    async close() {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

/** Reads it from a page, because a browser with a profile of its own does not report it. */
async function versionOf(browser: BrowserContext): Promise<string> {
  const page = browser.pages()[0] ?? (await browser.newPage());
  const agent = await page.evaluate<string>('navigator.userAgent');
  return /Chrome\/([\d.]+)/.exec(agent)?.[1] ?? 'unknown';
}

class ContenderPage implements Started {
  /** Opens a page. Resolves when the contender is warmed up. */
  static async start(browser: BrowserContext, origin: string, row: Row, name: string): Promise<ContenderPage> {
    const page = await browser.newPage();
    page.setDefaultTimeout(LONGEST);
    page.on('pageerror', (error) => console.log(`${name}: uncaught on the page: ${error.stack}`));
    await page.goto(origin);
    const contender = new ContenderPage(page);
    await contender.#call('open', row.name, name, row.warmUp);
    return contender;
  }

  private constructor(private readonly page: Page) {}

  async measure(count: number): Promise<Sample> {
    await this.page.bringToFront();
    return this.#call('run', count);
  }

  end(): void {
    this.page.close().catch(() => {});
  }

  async #call<T>(name: string, ...given: unknown[]): Promise<T> {
    const arguments_ = given.map((each) => JSON.stringify(each)).join(', ');
    const answer = this.page.evaluate<T>(`import('/page.mjs').then((page) => page.${name}(${arguments_}))`);
    answer.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${LONGEST / 1_000} s`)), LONGEST);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      this.end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function openBun(): Promise<Environment> {
  const { command, remove } = install('bun');
  const [execPath = '', ...execArgv] = command;
  return {
    version: `Bun ${runtimeVersion(command)}`,
    start(row, name) {
      const url = new URL(`./rows/${String(row.number).padStart(2, '0')}-${row.name}.mjs`, import.meta.url);
      return ContenderProcess.start(url, name, row.warmUp, { execPath, execArgv });
    },
    close: async () => remove(),
  };
}
