import { describe, expect, it } from 'vitest';
import { checkThreadOptions, checkWorkerOptions } from '../../../src/backends/tinypool/check-options.js';

const check =
  (options: object, runtime: 'worker_threads' | 'child_process' = 'worker_threads') =>
  () =>
    (runtime === 'worker_threads' ? checkThreadOptions : checkWorkerOptions)(options as never);

describe('checkWorkerOptions', () => {
  it('valid options are accepted', () => {
    const resourceLimits = { maxOldGenerationSizeMb: 8, stackSizeMb: 0.5 };
    check({ resourceLimits, env: { A: 'a' }, execArgv: ['--no-warnings'], workerData: { a: [1] } })();
    check({})();
  });

  it.each<[what: string, options: object, type: ErrorConstructor, message: RegExp]>([
    ['an unknown limit', { resourceLimits: { heap: 1 } }, TypeError, /unknown limit "heap"\. Use one of: maxOld/],
    [
      'a limit that ends the process',
      { resourceLimits: { maxOldGenerationSizeMb: 4 } },
      RangeError,
      /"resourceLimits\.maxOldGenerationSizeMb": expected a number of MiB, 8 or more, got 4/,
    ],
    ['a variable that is not a text', { env: { PORT: 80 } }, TypeError, /"env\.PORT": expected a string, got 80/],
    ['data that cannot be cloned', { workerData: { f: () => {} } }, TypeError, /"workerData".* workerData\.f /],
    ['a flag that Node refuses', { execArgv: ['--title=x'] }, TypeError, /"execArgv": expected flags that a worker/],
    [
      'NODE_OPTIONS that Node refuses',
      { env: { NODE_OPTIONS: '--title=x' } },
      TypeError,
      /"env\.NODE_OPTIONS": expected flags/,
    ],
  ])('%s causes an error that names the option', (_, options, type, message) => {
    expect(check(options)).toThrow(type);
    expect(check(options)).toThrow(message);
  });

  it('a child process takes all flags of Node', () => {
    check({ execArgv: ['--title=x'] }, 'child_process')();
  });
});
