/** The options of an Executor: their documentation, and all checks of them. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Backend, type ResourceLimits, traitsOf } from './backends/backend.js';
import { processesBackend } from './backends/processes/backend.js';
import { threadsBackend } from './backends/threads/backend.js';
import { checkWorkerOptions } from './backends/tinypool/check-options.js';
import type { EngineOptions } from './engine/engine.js';
import { capture } from './engine/run/capture.js';
import type { Future } from './future/future.js';
import { reportCallbackError, reportCleanupError, warnLeftover, warnUnobserved } from './future/warnings.js';
import { explainUnclonable } from './protocol/clone-fault.js';
import { toProcess } from './protocol/process-bytes.js';
import { isTransferred } from './protocol/transfer.js';
import { defined, show } from './util/validate.js';

/** Options of an {@link Executor}. All times are in milliseconds. */
export interface ExecutorOptions {
  /**
   * The module whose exports are the tasks: its URL, such as
   * `new URL('./tasks.js', import.meta.url)`, or a path. TypeScript works too. Node 22.18 and later
   * strip the types. A module that needs more than that, or an older Node, is loaded through `tsx`.
   * If `./tasks.js` does not exist, `./tasks.ts` is used.
   */
  readonly tasks?: URL | string;
  /**
   * The name of the executor. Its workers are called `<name>-<n>` in errors and events.
   *
   * @default 'executor'
   */
  readonly name?: string;
  /**
   * Maximum number of workers.
   *
   * @default os.availableParallelism()
   */
  readonly maxWorkers?: number;
  /**
   * Number of workers that are kept running without work. A worker that is lost soon after its
   * start is replaced after a pause, which grows from 100 ms to 30 s.
   *
   * @default 0
   */
  readonly minWorkers?: number;
  /**
   * Maximum number of async tasks that one worker runs at the same time. Increase it for tasks that
   * wait for I/O. CPU-bound tasks do not become faster.
   *
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * Maximum number of tasks that have not started. The future of a further submit is rejected with
   * a QueueFullError. `0` accepts only tasks that can start immediately.
   *
   * @default Infinity
   */
  readonly maxQueue?: number;
  /**
   * Time in ms after which an idle worker above `minWorkers` ends.
   *
   * @default 10_000
   */
  readonly idleTimeout?: number;
  /**
   * Number of tasks that a worker runs before it is replaced. If the old worker has streams that
   * wait for their readers, it continues them beside the new worker.
   *
   * @default Infinity
   */
  readonly maxTasksPerWorker?: number;
  /**
   * Time in ms that a cancelled task may still run before its worker is replaced. `Infinity`: no
   * limit.
   *
   * @default 5_000
   */
  readonly terminateAfter?: number;
  /**
   * Time in ms in which a new worker must load the task module and finish the initializer. After
   * that, the start counts as failed.
   *
   * @default 60_000
   */
  readonly startTimeout?: number;
  /**
   * Name of an export that each worker runs once, before its first task. If it returns a promise,
   * the worker awaits it.
   */
  readonly initializer?: string;
  /** Arguments of the initializer. */
  readonly initArgs?: readonly unknown[];
  /**
   * The kind of worker: `'worker_threads'` or `'child_process'`. A native crash ends only the child
   * process in which it happens. Child processes start more slowly, and each message costs more. A
   * task that was sent to a child process counts as started.
   *
   * @default 'worker_threads'
   */
  readonly runtime?: 'worker_threads' | 'child_process';
  /**
   * Appends the stack of the submit to the stacks of the task's errors. Each submit then costs a
   * stack capture.
   *
   * @default false
   */
  readonly captureStacks?: boolean;
  /**
   * Error classes of the program. A received error with the name of such a class becomes an
   * instance of it, and its constructor is not called. Any other error keeps `name`, `message`,
   * `code` and its other own properties, but is an `instanceof` its built-in base class only.
   */
  readonly errorClasses?: readonly (abstract new (
    ...args: any[]
  ) => Error)[];
  /**
   * Memory limits of each worker, in MiB. `maxOldGenerationSizeMb` must be at least 8 and
   * `stackSizeMb` at least 0.5, because Node can't start a worker with less.
   */
  readonly resourceLimits?: ResourceLimits;
  /** Environment variables of each worker. */
  readonly env?: Record<string, string>;
  /** Command-line arguments of each worker, at the end of its `process.argv`. */
  readonly argv?: readonly string[];
  /**
   * Command-line flags of Node for each worker. Worker threads accept only flags that may differ
   * between threads. The constructor throws for any other flag.
   */
  readonly execArgv?: readonly string[];
  /** Value of `workerData` in each worker. It must be cloneable. */
  readonly workerData?: unknown;
  /**
   * Called once for each rejected future that nothing has observed. The call comes when the future
   * is garbage-collected, or at shutdown.
   *
   * Also called at once with two other kinds of errors. A stream's cleanup (a generator's
   * `finally`, an iterator's `return`) throws after the reader has left. Code that a finished task
   * has left behind, such as a timer, throws.
   *
   * @default a process warning; for an error of a cleanup, RxJS's config.onUnhandledError first
   */
  readonly onUnobservedError?: (error: unknown, task: { id: number; name: string }) => void;
  /**
   * Called with each error that a done callback throws.
   *
   * @default RxJS's config.onUnhandledError, else a process warning
   */
  readonly onCallbackError?: (error: unknown, future: Future<unknown>) => void;
  /** The backend that runs the tasks, such as the one of `rx-futures/testing`. */
  readonly backend?: Backend;
}

type Check = (name: string, value: any) => void;

const checks: { readonly [K in keyof Required<ExecutorOptions>]: Check } = {
  tasks: (name, value) => expect(typeof value === 'string' || value instanceof URL, name, 'a URL or a path', value),
  name: (name, value) => expect(typeof value === 'string' && value !== '', name, 'a string that is not empty', value),
  maxWorkers: integer(1),
  minWorkers: integer(0),
  concurrency: integer(1),
  maxQueue: limit(0),
  idleTimeout: milliseconds,
  maxTasksPerWorker: limit(1),
  terminateAfter: milliseconds,
  startTimeout: milliseconds,
  runtime: (name, value) =>
    expect(value === 'worker_threads' || value === 'child_process', name, "'worker_threads' or 'child_process'", value),
  captureStacks: (name, value) => expect(typeof value === 'boolean', name, 'true or false', value),
  initializer: (name, value) =>
    expect(typeof value === 'string', name, 'the name of an export of the task module', value),
  initArgs: (name, value) => expect(Array.isArray(value), name, 'an array', value),
  errorClasses: (name, value) =>
    expect(Array.isArray(value) && value.every(isErrorClass), name, 'an array of classes that extend Error', value),
  resourceLimits: object,
  env: object,
  argv: strings,
  execArgv: strings,
  workerData: () => {},
  onUnobservedError: callback,
  onCallbackError: callback,
  backend: (name, value) =>
    expect(
      typeof value?.open === 'function',
      name,
      'a backend, such as inlineBackend() of "rx-futures/testing"',
      value,
    ),
};

/**
 * Checks the options and fills in their defaults.
 *
 * @throws TypeError for an unknown option or a value of the wrong type
 * @throws RangeError for a number out of range. Each error names the option, the expected value
 *   and the actual value.
 */
export function resolveOptions(options: ExecutorOptions): EngineOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `new Executor(options): expected an object of options, got ${options === null ? 'null' : typeof options}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    const check = checks[name as keyof ExecutorOptions];
    if (check === undefined) {
      throw new TypeError(`Executor: unknown option "${name}". Use one of: ${Object.keys(checks).join(', ')}.`);
    }
    if (value !== undefined) check(name, value);
  }
  const { tasks, initializer, minWorkers = 0, initArgs = [], concurrency = 1 } = options;
  const takenArgs = takeInitArgs(initArgs, options.runtime);
  const maxWorkers = options.maxWorkers ?? Math.max(availableParallelism(), minWorkers);
  if (minWorkers > maxWorkers) {
    throw new RangeError(
      `Executor: option "minWorkers": expected at most "maxWorkers" (${maxWorkers}), got ${minWorkers}`,
    );
  }
  if (initializer !== undefined && tasks === undefined) {
    throw new TypeError(
      `Executor: option "initializer": the task module that exports "${initializer}" is missing. Set the "tasks" option.`,
    );
  }
  if (options.backend !== undefined && !traitsOf(options.backend).ownsWorkers) return forForeignWorkers(options);
  const { resourceLimits, argv, execArgv, workerData, runtime = 'worker_threads' } = options;
  const env = options.env && withoutUndefined(options.env);
  // A custom backend decides by itself what it accepts.
  if (options.backend === undefined) checkWorkerOptions({ resourceLimits, env, execArgv, workerData }, runtime);
  return {
    backend: options.backend ?? (runtime === 'child_process' ? processesBackend() : threadsBackend()),
    config: {
      module: tasks === undefined ? undefined : moduleUrl(tasks),
      initializer,
      initArgs: takenArgs,
      concurrency,
    },
    // tinypool treats an option that is set to undefined as given.
    workerOptions: defined({ resourceLimits, env, argv, execArgv, workerData }),
    maxWorkers,
    minWorkers,
    idleTimeout: options.idleTimeout ?? 10_000,
    maxTasksPerWorker: options.maxTasksPerWorker ?? Number.POSITIVE_INFINITY,
    terminateAfter: options.terminateAfter ?? 5_000,
    startTimeout: options.startTimeout ?? 60_000,
    ...common(options),
  };
}

/**
 * Returns `env` without undefined variables, because a thread would read them as the text
 * 'undefined'. Without such variables it returns the same object, because `process.env` is read
 * when each worker is created.
 */
function withoutUndefined(env: Record<string, string>): Record<string, string> {
  return Object.values(env).includes(undefined as never) ? defined(env) : env;
}

function common(options: ExecutorOptions) {
  return {
    name: options.name ?? 'executor',
    maxQueue: options.maxQueue ?? Number.POSITIVE_INFINITY,
    captureStacks: options.captureStacks ?? false,
    errorClasses: Object.fromEntries((options.errorClasses ?? []).map((type) => [type.name, type])),
    onUnobservedError: options.onUnobservedError ?? warnUnobserved,
    onCleanupError: options.onUnobservedError ?? reportCleanupError,
    onLeftoverError: options.onUnobservedError ?? warnLeftover,
    onCallbackError: options.onCallbackError ?? reportCallbackError,
  };
}

/**
 * Copies the arguments of the initializer, so that workers that start later receive the same
 * values.
 *
 * @throws SerializationError for a value that can't be sent to a worker
 */
function takeInitArgs(initArgs: readonly unknown[], runtime: ExecutorOptions['runtime']): readonly unknown[] {
  const moved = initArgs.findIndex(isTransferred);
  if (moved !== -1) {
    throw new TypeError(
      `Executor: option "initArgs": initArgs[${moved}] is marked with transfer(), but each worker needs a copy of it. Pass the value itself.`,
    );
  }
  const { args } = capture(initArgs, 'initArgs');
  if (runtime !== 'child_process') return args;
  try {
    toProcess(args);
  } catch (error) {
    throw explainUnclonable(args, 'initArgs', error);
  }
  return args;
}

/**
 * Options for workers. With a queue, the workers belong to other processes, so these options are
 * refused.
 */
const ofWorkers = [
  'maxWorkers',
  'minWorkers',
  'concurrency',
  'idleTimeout',
  'maxTasksPerWorker',
  'terminateAfter',
  'initializer',
  'initArgs',
  'runtime',
  'resourceLimits',
  'env',
  'argv',
  'execArgv',
  'workerData',
] as const satisfies readonly (keyof ExecutorOptions)[];

/**
 * Maximum number of jobs that one client has in a queue at a time. Further jobs wait in the client.
 */
const PLACES_IN_QUEUE = 1_000_000;

/**
 * Options of an executor with a queue. One session sends all jobs, and it stands for one worker
 * that never ends.
 */
function forForeignWorkers(options: ExecutorOptions): EngineOptions {
  const wrong = ofWorkers.find((name) => options[name] !== undefined);
  if (wrong !== undefined) {
    throw new TypeError(
      `Executor: option "${wrong}" has no effect with the "${options.backend!.name}" backend, whose workers run in other processes. Pass it to serveTasks().`,
    );
  }
  return {
    ...common(options),
    backend: options.backend!,
    config: { module: undefined, initializer: undefined, initArgs: [], concurrency: PLACES_IN_QUEUE },
    workerOptions: {},
    maxWorkers: 1,
    minWorkers: 0,
    idleTimeout: Number.POSITIVE_INFINITY,
    maxTasksPerWorker: Number.POSITIVE_INFINITY,
    terminateAfter: Number.POSITIVE_INFINITY,
    startTimeout: options.startTimeout ?? 60_000,
  };
}

function isErrorClass(value: unknown): boolean {
  return typeof value === 'function' && value.prototype instanceof Error;
}

function moduleUrl(tasks: URL | string): string {
  const url =
    tasks instanceof URL || /^[a-z][a-z\d+.-]+:/i.test(tasks) ? new URL(tasks) : pathToFileURL(path.resolve(tasks));
  if (url.protocol !== 'file:' || existsSync(fileURLToPath(url))) return url.href;
  // TypeScript's rule: './tasks.js' in a source tree means './tasks.ts'.
  const source = new URL(url);
  source.pathname = url.pathname.replace(/\.([mc]?)js$/, '.$1ts');
  return existsSync(fileURLToPath(source)) ? source.href : url.href;
}

function expect(holds: boolean, name: string, expected: string, value: unknown): void {
  if (!holds) throw new TypeError(`Executor: option "${name}": expected ${expected}, got ${show(value)}`);
}

function inRange(holds: boolean, name: string, expected: string, value: unknown): void {
  if (typeof value !== 'number') expect(false, name, expected, value);
  if (!holds) throw new RangeError(`Executor: option "${name}": expected ${expected}, got ${show(value)}`);
}

function integer(least: number): Check {
  return (name, value) =>
    inRange(Number.isInteger(value) && value >= least, name, `an integer, ${least} or more`, value);
}

function limit(least: number): Check {
  return (name, value) =>
    inRange(
      (Number.isInteger(value) && value >= least) || value === Infinity,
      name,
      `an integer, ${least} or more, or Infinity`,
      value,
    );
}

function milliseconds(name: string, value: unknown): void {
  inRange(typeof value === 'number' && value >= 0, name, 'a number of ms, 0 or more, or Infinity', value);
}

function object(name: string, value: unknown): void {
  expect(typeof value === 'object' && value !== null, name, 'an object', value);
}

function strings(name: string, value: unknown): void {
  expect(Array.isArray(value), name, 'an array of strings', value);
  const wrong = (value as unknown[]).findIndex((item) => typeof item !== 'string');
  if (wrong >= 0) expect(false, `${name}[${wrong}]`, 'a string', (value as unknown[])[wrong]);
}

function callback(name: string, value: unknown): void {
  expect(typeof value === 'function', name, 'a function', value);
}
