/**
 * Opens executors as test/support/open.ts does. Worker threads of Node are the workers of a browser
 * here, and a test with child processes is skipped by its title.
 */
import type { Executor, ExecutorOptions } from 'rx-futures';
import { type Fixtures, open as openOnNode } from '../support/open.js';

export { type Fixtures, fixture, warmUp } from '../support/open.js';

export function open<K extends keyof Fixtures>(
  name: K,
  { runtime, ...options }: ExecutorOptions = {},
): Executor<Fixtures[K]> {
  return openOnNode(name, runtime === 'worker_threads' ? options : { runtime, ...options });
}
