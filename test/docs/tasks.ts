/**
 * The tasks that the API examples of README.md and docs/ call. docs/getting-started.md shows them.
 */
import { currentTask } from 'rx-futures/worker';

export const square = (n: number): number => n * n;

export function fail(message: string): number {
  throw new Error(message);
}

/** Waits, and returns `ms`. Stops when its future is cancelled. */
export function nap(ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const { signal } = currentTask();
    const timer = setTimeout(resolve, ms, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

export interface Page {
  readonly title: string;
}

export const fetchPage = async (url: string): Promise<string> => (await fetch(url)).text();
export const parse = (html: string): Page => ({ title: /<h1>(.+)<\/h1>/.exec(html)![1]! });
export const save = (page: Page): string => `saved ${page.title}`;
