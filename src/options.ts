/** The options of an Executor: what they mean, and every check of them in one place. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Backend, ResourceLimits } from './backends/backend.js';
import { processesBackend } from './backends/processes/backend.js';
import { threadsBackend } from './backends/threads/backend.js';
import { checkWorkerOptions } from './backends/tinypool/check-options.js';
import type { EngineOptions } from './engine/engine.js';
import { capture } from './engine/run/capture.js';
import type { Future } from './future/future.js';
import { reportCallbackError, reportCleanupError, warnLeftover, warnUnobserved } from './future/warnings.js';
import { toProcess } from './protocol/process-bytes.js';
import { isTransferred } from './protocol/transfer.js';
import { notCloned } from './protocol/wire-error.js';
import { defined, show } from './util/validate.js';

/** Times are in milliseconds. */
export interface ExecutorOptions {
  /**
   * The module whose exports are the tasks: its URL, `new URL('./tasks.js', import.meta.url)`, or a path. TypeScript works too:
   * natively if Node strips types (22.18 and later) and runs the rest, otherwise through `tsx`. `./tasks.js` finds a `./tasks.ts` if only that
   * is there.
   */
  readonly tasks?: URL | string;
  /**
   * Workers are `<name>-<n>` in errors and events.
   * @default 'executor'
   */
  readonly name?: string;
  /**
   * Worker threads at most.
   * @default os.availableParallelism()
   */
  readonly maxWorkers?: number;
  /**
   * Worker threads that are kept warm. One that is lost soon after its start is replaced after a pause, which grows from 100 ms to 30 s.
   * @default 0
   */
  readonly minWorkers?: number;
  /**
   * Async tasks that one worker interleaves. Raise it for work that waits (I/O); CPU-bound work gains nothing from it.
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * Tasks that have not begun, at most; a submit beyond it gives a future that is rejected with QueueFullError. 0: only what can begin at
   * once.
   * @default Infinity
   */
  readonly maxQueue?: number;
  /**
   * ms after which an idle worker above `minWorkers` ends.
   * @default 10_000
   */
  readonly idleTimeout?: number;
  /**
   * Tasks that a worker runs before it is replaced. Streams on it that wait for their readers go on beside the new worker.
   * @default Infinity
   */
  readonly maxTasksPerWorker?: number;
  /**
   * ms of grace for a cancelled task that still runs, before its worker is replaced. Infinity: never.
   * @default 5_000
   */
  readonly terminateAfter?: number;
  /**
   * ms in which a new worker must have loaded the task module and finished the initializer; then it counts as one that can't be started.
   * @default 60_000
   */
  readonly startTimeout?: number;
  /** Name of an export that runs once on each worker, before its first task; a promise is waited for. */
  readonly initializer?: string;
  /** What the initializer is called with. */
  readonly initArgs?: readonly unknown[];
  /**
   * `'worker_threads'`, or `'child_process'`: a native crash takes down only its process. Starting and each message cost more there, and
   * what has been sent to a process counts as begun.
   * @default 'worker_threads'
   */
  readonly runtime?: 'worker_threads' | 'child_process';
  /**
   * Remembers where each task was submitted: the stacks of its errors go on with that. Costs a stack capture for each submit.
   * @default false
   */
  readonly captureStacks?: boolean;
  /**
   * The program's own error classes: errors of a class with the same name come home as instances of these, without their constructor being
   * called. Without it, `name`, `message`, `code` and other own properties are there, but `instanceof` knows only the built-in class.
   */
  readonly errorClasses?: readonly (abstract new (
    ...args: any[]
  ) => Error)[];
  /** In MiB, for each worker. `maxOldGenerationSizeMb` is 8 or more and `stackSizeMb` 0.5 or more, because Node can't start a worker with less. */
  readonly resourceLimits?: ResourceLimits;
  readonly env?: Record<string, string>;
  readonly argv?: readonly string[];
  /** Flags of Node. Threads take only those that may differ between threads; the constructor throws for others. */
  readonly execArgv?: readonly string[];
  /** A value that can be cloned. */
  readonly workerData?: unknown;
  /**
   * Told once of each rejected future that nobody looked at, when it is collected or at shutdown. Called at once with what a stream's cleanup
   * throws (a generator's `finally`, an iterator's `return`) if its reader has left, and with what a finished task has left behind.
   * @default a process warning; for a cleanup RxJS's config.onUnhandledError first
   */
  readonly onUnobservedError?: (error: unknown, task: { id: number; name: string }) => void;
  /**
   * Told of errors that done callbacks throw.
   * @default RxJS's config.onUnhandledError, else a process warning
   */
  readonly onCallbackError?: (error: unknown, future: Future<unknown>) => void;
  /** What runs the tasks; see `rx-futures/testing`. */
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
    expect(typeof value?.open === 'function', name, 'a backend, as inlineBackend() of rx-futures/testing gives', value),
};

/**
 * Checked options with their defaults.
 *
 * @throws TypeError for an unknown option or one of the wrong kind, RangeError for a number out of range; each names the option, what was
 *   expected and what came
 */
export function resolveOptions(options: ExecutorOptions): EngineOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`new Executor(options): expected an object, got ${options === null ? 'null' : typeof options}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const check = checks[name as keyof ExecutorOptions];
    if (check === undefined) {
      throw new TypeError(`Executor: there is no option ${name}. There are: ${Object.keys(checks).join(', ')}.`);
    }
    if (value !== undefined) check(name, value);
  }
  const { tasks, initializer, minWorkers = 0, initArgs = [], concurrency = 1 } = options;
  const takenArgs = takeInitArgs(initArgs, options.runtime);
  const maxWorkers = options.maxWorkers ?? Math.max(availableParallelism(), minWorkers);
  if (minWorkers > maxWorkers) {
    throw new RangeError(`Executor: minWorkers: expected at most maxWorkers (${maxWorkers}), got ${minWorkers}`);
  }
  if (initializer !== undefined && tasks === undefined) {
    throw new TypeError(
      `Executor: initializer: ${initializer} is looked up in the task module; name that in the tasks option`,
    );
  }
  if (options.backend?.queue !== undefined) return forQueue(options);
  const { resourceLimits, argv, execArgv, workerData, runtime = 'worker_threads' } = options;
  const env = options.env && withoutUndefined(options.env);
  // A backend of others may do with them as it likes.
  if (options.backend === undefined) checkWorkerOptions({ resourceLimits, env, execArgv, workerData }, runtime);
  return {
    backend: options.backend ?? (runtime === 'child_process' ? processesBackend() : threadsBackend()),
    config: {
      module: tasks === undefined ? undefined : moduleUrl(tasks),
      initializer,
      initArgs: takenArgs,
      concurrency,
    },
    // tinypool takes an undefined option for a given one.
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

/** A thread would see an undefined variable as the text 'undefined'. Otherwise the same object: `process.env` is read when a worker is made. */
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
 * As they are now: workers that start later receive the same.
 *
 * @throws SerializationError for a value that cannot be sent to a worker
 */
function takeInitArgs(initArgs: readonly unknown[], runtime: ExecutorOptions['runtime']): readonly unknown[] {
  const moved = initArgs.findIndex(isTransferred);
  if (moved !== -1) {
    throw new TypeError(
      `Executor: initArgs: initArgs[${moved}] is marked with transfer(), but each worker needs a copy of it. Pass the value itself.`,
    );
  }
  const { args } = capture(initArgs, 'initArgs');
  if (runtime !== 'child_process') return args;
  try {
    toProcess(args);
  } catch (error) {
    throw notCloned(args, 'initArgs', error);
  }
  return args;
}

/** What says something of workers, which are not this executor's where the backend is a queue. */
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

/** Legs that one client may have on a queue at a time; what is more waits in the client. */
const PLACES_IN_QUEUE = 1_000_000;

/** One session that takes everything. */
function forQueue(options: ExecutorOptions): EngineOptions {
  const wrong = ofWorkers.find((name) => options[name] !== undefined);
  if (wrong !== undefined) {
    throw new TypeError(
      `Executor: ${wrong}: is for those who run the tasks, and with the backend ${options.backend!.name} that is not this executor. Give it to serveTasks().`,
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
  // As TypeScript does: './tasks.js' in a source tree means './tasks.ts'.
  const source = new URL(url);
  source.pathname = url.pathname.replace(/\.([mc]?)js$/, '.$1ts');
  return existsSync(fileURLToPath(source)) ? source.href : url.href;
}

function expect(holds: boolean, name: string, expected: string, value: unknown): void {
  if (!holds) throw new TypeError(`Executor: ${name}: expected ${expected}, got ${show(value)}`);
}

function inRange(holds: boolean, name: string, expected: string, value: unknown): void {
  if (typeof value !== 'number') expect(false, name, expected, value);
  if (!holds) throw new RangeError(`Executor: ${name}: expected ${expected}, got ${show(value)}`);
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
