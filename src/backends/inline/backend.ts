/**
 * Runs tasks on the calling thread, for unit tests. No worker starts. Debuggers and stubs of
 * globals reach the tasks.
 *
 * Every value is still cloned, and every message still arrives in a later turn of the event loop.
 * So tasks that work here also work on workers.
 */
import { isImportRefused } from '#platform/sandbox';
import { callback, show, validate } from '../../util/validate.js';
import type { Backend } from '../backend.js';
import type { LoadModule } from './host.js';
import { InlineSession } from './session.js';

/** Options of {@link inlineBackend}. */
export interface InlineOptions {
  /**
   * Returns the task module, or a promise of it: `() => import('./tasks.js')`. The `import()` is
   * the test's own, so mocks, spies and coverage see the tasks. The option `tasks` of the executor
   * is not used then, and may be left out.
   *
   * @default Node imports the module that the option `tasks` of the executor names
   */
  readonly module?: () => object | PromiseLike<object>;
}

/**
 * Creates a backend that runs tasks on the calling thread, for unit tests. No worker starts. All
 * values are cloned, as with workers.
 *
 * ```ts
 * import { inlineBackend } from 'rx-futures/testing';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   backend: inlineBackend({ module: () => import('./tasks.js') }),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * With `module`, each call reads the export again. So a spy that replaces an export is called,
 * until the test restores the original. An error of the `import()` breaks the executor, as on a
 * worker.
 *
 * Without `module`, Node imports the task module, and `vi.mock` does not reach its imports. Stubs
 * of globals and spies on built-in objects do.
 *
 * Unlike a thread, this backend can't run tasks in parallel, stop a synchronous loop, or survive a
 * task that ends the process.
 *
 * @throws TypeError for an unknown option, and if `module` is not a function
 */
export function inlineBackend(options: InlineOptions = {}): Backend {
  validate('inlineBackend()', options, { module: callback });
  const { module } = options;
  const open =
    (load: LoadModule): Backend['open'] =>
    (config, _options, listener) =>
      new InlineSession(config, load, listener);
  if (module === undefined) return { name: 'inline', open: open(undefined) };
  return { name: 'inline', traits: { module: MODULE }, open: open(() => load(module)) };
}

/** Name of the module in errors, because its URL is not known. */
const MODULE = 'inlineBackend({ module })';

async function load(module: NonNullable<InlineOptions['module']>): ReturnType<NonNullable<LoadModule>> {
  let loaded: unknown;
  try {
    loaded = await module();
  } catch (cause) {
    if (!isImportRefused(cause)) throw cause;
    throw new Error(
      "This test runner has no import() in CommonJS files. Pass inlineBackend({ module: () => require('./tasks.js') }), or let a compiler such as Babel or ts-jest replace import().",
      { cause },
    );
  }
  if (typeof loaded === 'object' && loaded !== null) return loaded as never;
  throw new TypeError(
    `inlineBackend(): option "module": expected a function that returns a module, got ${show(loaded)}. Pass it as () => import('./tasks.js').`,
  );
}
