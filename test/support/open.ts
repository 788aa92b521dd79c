/** Opens executors for the task modules in test/fixtures, with the types of their exports. */
import { Executor, type ExecutorOptions } from 'rx-futures';

export interface Fixtures {
  'actors.js': typeof import('../fixtures/actors.js');
  'cancelled.js': typeof import('../fixtures/cancelled.js');
  'context.js': typeof import('../fixtures/context.js');
  'dying.js': typeof import('../fixtures/dying.js');
  'environment.js': typeof import('../fixtures/environment.js');
  'errors.js': typeof import('../fixtures/errors.js');
  'finalized.js': typeof import('../fixtures/finalized.js');
  'gates.js': typeof import('../fixtures/gates.js');
  'initialized.js': typeof import('../fixtures/initialized.js');
  'inputs.js': typeof import('../fixtures/inputs.js');
  'keys.js': typeof import('../fixtures/keys.js');
  'moving.js': typeof import('../fixtures/moving.js');
  'shared.js': typeof import('../fixtures/shared.js');
  'steps.js': typeof import('../fixtures/steps.js');
  'reentrant.js': typeof import('../fixtures/reentrant.js');
  'streams.js': typeof import('../fixtures/streams.js');
  'thenables.js': typeof import('../fixtures/thenables.js');
  'unreadable.js': typeof import('../fixtures/unreadable.js');
  'values.js': typeof import('../fixtures/values.js');
}

export function fixture(name: string): URL {
  return new URL(`../fixtures/${name}`, import.meta.url);
}

export function open<K extends keyof Fixtures>(name: K, options: ExecutorOptions = {}): Executor<Fixtures[K]> {
  return new Executor<Fixtures[K]>({ tasks: fixture(name), maxWorkers: 2, ...options });
}

/**
 * Runs short tasks, so that the executor measures their run times and prefetches many to each
 * worker.
 */
export async function warmUp({ tasks }: Executor<Pick<Fixtures['gates.js'], 'add'>>): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 100 }, () => tasks.add(1, 1)));
  }
  // On a busy machine, the last reports may have used up the time slice of this turn. The executor
  // sends nothing more in it, and a test that blocks this thread would wait in vain.
  await new Promise((resolve) => setImmediate(resolve));
}
