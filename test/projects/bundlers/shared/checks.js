/** Uses the features of an executor, for all programs here. run.mjs compares each line. */
import { CancelledError, chain, Future } from 'rx-futures';
import { firstValueFrom, Observable } from 'rxjs';

/**
 * Prints a line for each feature, and shuts the executor down.
 *
 * @param {import('rx-futures').Executor<typeof import('./tasks.js')>} executor
 * @param {(...parts: unknown[]) => void} print
 */
export async function useAll(executor, print = console.log) {
  const { double, fail, reason, runUntilCancelled } = executor.tasks;

  const chained = double(1).pipe(chain(double), chain(double));
  print('chain:', await chained);
  print('a future is an Observable of the program:', chained instanceof Future && chained instanceof Observable);

  const doubles = [];
  for await (const n of executor.map(double, [1, 2, 3])) doubles.push(n);
  print('map:', doubles.join(' '));

  // The text of the function is sent, as the bundler has left it.
  print('a function:', await executor.submit((/** @type {number} */ n) => n + 1, 1));

  const error = await fail('teapot').catch((error) => error);
  print('error:', error instanceof RangeError, error.message, 'in', fileOf(error));

  const endless = runUntilCancelled();
  await firstValueFrom(endless.progress);
  endless.cancel('enough');
  const cancelled = await endless.catch((error) => error);
  print('cancel:', cancelled instanceof CancelledError, cancelled.cause, 'and on the worker', await reason());

  await executor.shutdown();
  print('shutdown:', executor.state);
}

/**
 * Returns the name of the file in the first line of a stack.
 *
 * @param {Error} error
 */
function fileOf({ stack = '' }) {
  return /^ +at .*?([^/\\( ]+):\d+:\d+\)?$/m.exec(stack)?.[1];
}
