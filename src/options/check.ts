/**
 * The checks of an executor's options. Each error names the option, the expected value and the
 * actual value.
 */
import type { Runtime, Runtimes } from '../backends/runtime.js';
import type { RateLimitOptions } from '../scheduling/queue/rate-limit.js';
import {
  anything,
  boolean,
  type Check,
  callback,
  integer,
  integerOrInfinity,
  kind,
  ms,
  nonEmptyString,
  number,
  oneOf,
  optionOf,
  partOf,
  unexpected,
  validate,
} from '../util/validate.js';
import type { ExecutorOptions } from './executor-options.js';

const object = kind('an object', (value) => typeof value === 'object' && value !== null);

const strings: Check = (at, value) => {
  if (!Array.isArray(value)) throw new TypeError(unexpected(at, 'an array of strings', value));
  const wrong = value.findIndex((item) => typeof item !== 'string');
  if (wrong >= 0) throw new TypeError(unexpected(partOf(at, `[${wrong}]`), 'a string', value[wrong]));
};

const isInterval = (value: number) => value > 0 && value < Number.POSITIVE_INFINITY;

const rateLimit: Check = (at, value) => {
  const checks = { count: integer(1), interval: number('a number of ms, more than 0', isInterval) };
  validate<RateLimitOptions>(at, value, checks);
  for (const name of Object.keys(checks) as (keyof typeof checks)[]) checks[name](optionOf(at, name), value[name]);
};

const checks = {
  tasks: kind('a URL or a path', (value) => typeof value === 'string' || value instanceof URL),
  worker: kind(
    'a function that returns a new Worker',
    (value) => typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value)),
  ),
  name: nonEmptyString,
  maxWorkers: integer(1),
  minWorkers: integer(0),
  concurrency: integer(1),
  maxQueue: integerOrInfinity(0),
  rateLimit,
  idleTimeout: ms,
  maxTasksPerWorker: integerOrInfinity(1),
  maxMemoryPerWorker: integerOrInfinity(1),
  terminateAfter: ms,
  startTimeout: ms,
  runtime: anything,
  context: callback,
  captureStacks: boolean,
  initializer: kind('the name of an export of the task module', (value) => typeof value === 'string'),
  initArgs: kind('an array', Array.isArray),
  finalizer: kind('the name of an export of the task module', (value) => typeof value === 'string'),
  finalizeTimeout: ms,
  errorClasses: kind(
    'an array of classes that extend Error',
    (value) => Array.isArray(value) && value.every(isErrorClass),
  ),
  resourceLimits: object,
  env: object,
  argv: strings,
  execArgv: strings,
  workerData: anything,
  onUnobservedError: callback,
  onCallbackError: callback,
  backend: kind(
    'a backend, such as inlineBackend() of "rx-futures/testing"',
    (value) => typeof value?.open === 'function',
  ),
} as const;

/**
 * Checks each option by itself.
 *
 * @throws TypeError for an unknown option or a value of the wrong type
 * @throws RangeError for a number out of range
 */
export function checkOptions(options: ExecutorOptions, runtimes: Runtimes): void {
  validate<ExecutorOptions>('Executor', options, { ...checks, runtime: oneOf(...Object.keys(runtimes)) });
}

function isErrorClass(value: unknown): boolean {
  return typeof value === 'function' && value.prototype instanceof Error;
}

/**
 * Options for workers. With a queue, the workers belong to other processes, so these options are
 * refused.
 */
const ofWorkers = [
  'maxWorkers',
  'minWorkers',
  'concurrency',
  'rateLimit',
  'idleTimeout',
  'maxTasksPerWorker',
  'maxMemoryPerWorker',
  'terminateAfter',
  'initializer',
  'initArgs',
  'finalizer',
  'finalizeTimeout',
  'runtime',
  'resourceLimits',
  'env',
  'argv',
  'execArgv',
  'workerData',
] as const satisfies readonly (keyof ExecutorOptions)[];

/** Options that have no effect if a function of the program creates the workers. */
const ofCreatedWorkers = ['resourceLimits', 'env', 'argv', 'execArgv', 'workerData'] as const;

/** @throws TypeError for an option that contradicts the option `worker` */
export function checkWorkerOption(options: ExecutorOptions, runtime: Runtime): void {
  if (options.worker === undefined) return;
  if (options.tasks !== undefined) {
    throw new TypeError(
      'Executor: options "worker" and "tasks" exclude each other. Remove "tasks", and pass the tasks to serveWorker() in the file of the worker.',
    );
  }
  if (options.backend !== undefined) {
    throw new TypeError(
      `Executor: options "worker" and "backend" exclude each other, because the "${options.backend.name}" backend has workers of its own. Remove one of them.`,
    );
  }
  if (runtime.createBackendOf === undefined) {
    throw new TypeError(
      `Executor: option "runtime": "${options.runtime}" and the option "worker" exclude each other, because the function creates worker threads. Remove "runtime", or use "tasks" instead of "worker".`,
    );
  }
  const wrong = ofCreatedWorkers.find((name) => options[name] !== undefined);
  if (wrong !== undefined) {
    throw new TypeError(
      `Executor: option "${wrong}" has no effect with the option "worker", whose function creates the workers. Pass it to new Worker() in that function.`,
    );
  }
}

/** @throws TypeError for an option of workers, if they run in other processes */
export function refuseOptionsOfWorkers(options: ExecutorOptions, backend: string): void {
  const wrong = ofWorkers.find((name) => options[name] !== undefined);
  if (wrong === undefined) return;
  throw new TypeError(
    `Executor: option "${wrong}" has no effect with the "${backend}" backend, whose workers run in other processes. Pass it to serveTasks().`,
  );
}
