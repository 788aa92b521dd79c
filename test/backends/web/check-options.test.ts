/** Options that have no effect in a browser. */
import { expect, it } from 'vitest';
import { refuseOptions } from '../../../src/backends/web/check-options.js';

it('an option for workers of Node is refused, with the option that replaces it', () => {
  expect(() => refuseOptions({})).not.toThrow();
  expect(() => refuseOptions({ env: {} })).toThrow(
    'Executor: option "env" has no effect in a browser, because workers have no such setting there. Pass values to the initializer, with initArgs.',
  );
  expect(() => refuseOptions({ maxMemoryPerWorker: 1 })).toThrow(/"maxMemoryPerWorker" .* Set maxTasksPerWorker/);
});
