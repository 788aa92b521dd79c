/**
 * Runs tasks on the calling thread, for unit tests. No worker starts. Debuggers and stubs of
 * globals reach the tasks.
 *
 * Every value is still cloned, and every message still arrives in a later turn of the event loop.
 * So tasks that work here also work on workers.
 */
import type { Backend } from '../backend.js';
import { InlineSession } from './session.js';

/**
 * A backend that runs tasks on the calling thread.
 *
 * ```ts
 * import { inlineBackend } from 'rx-futures/testing';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   tasks: new URL('./tasks.js', import.meta.url),
 *   backend: inlineBackend(),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * Node itself imports the task module, so `vi.mock` and `jest.mock` do not reach its imports. Stubs
 * of globals and spies on built-in objects do.
 *
 * Unlike a thread, this backend can't run tasks in parallel, stop a synchronous loop, or survive a
 * task that ends the process.
 */
export function inlineBackend(): Backend {
  return { name: 'inline', open: (config, _options, listener) => new InlineSession(config, listener) };
}
