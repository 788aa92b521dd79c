/** The defaults of an executor's options, and what the engine receives. */
import { cpuCount } from '#platform/cpus';
import { moduleUrl } from '#platform/task-module';
import { type Backend, traitsOf } from '../backends/backend.js';
import type { Runtime, Runtimes } from '../backends/runtime.js';
import type { EngineOptions } from '../engine/engine.js';
import { capture } from '../engine/run/capture.js';
import {
  reportCallbackError,
  reportCleanupError,
  warnFinalizer,
  warnLeftover,
  warnUnobserved,
} from '../future/warnings.js';
import { explainUnclonable } from '../protocol/clone-fault.js';
import { isTransferred } from '../protocol/transfer.js';
import { defined } from '../util/validate.js';
import { checkOptions, checkWorkerOption, refuseOptionsOfWorkers } from './check.js';
import type { ExecutorOptions } from './executor-options.js';

/**
 * Checks the options and fills in their defaults.
 *
 * @param runtimes the values of the option `runtime`; the first one is the default
 * @throws TypeError for an unknown option, a value of the wrong type, or options that contradict
 *   each other
 * @throws RangeError for a number out of range. Each error names the option, the expected value
 *   and the actual value.
 */
export function resolveOptions(options: ExecutorOptions, runtimes: Runtimes): EngineOptions {
  checkOptions(options, runtimes);
  const { tasks, initializer, finalizer, minWorkers = 0, initArgs = [], concurrency = 1 } = options;
  const { maxMemoryPerWorker } = options;
  const runtime = runtimes[options.runtime ?? Object.keys(runtimes)[0]!]!;
  checkWorkerOption(options, runtime);
  const capturedArgs = captureInitArgs(initArgs, runtime);
  const maxWorkers = options.maxWorkers ?? Math.max(cpuCount(), minWorkers);
  if (minWorkers > maxWorkers) {
    throw new RangeError(
      `Executor: option "minWorkers": expected at most "maxWorkers" (${maxWorkers}), got ${minWorkers}. Increase "maxWorkers", or decrease "minWorkers".`,
    );
  }
  const traits = options.backend && traitsOf(options.backend);
  const module = traits?.module ?? (tasks === undefined ? undefined : moduleUrl(tasks));
  for (const [option, name] of Object.entries({ initializer, finalizer })) {
    if (name === undefined || module !== undefined || options.worker !== undefined) continue;
    throw new TypeError(
      `Executor: option "${option}": the task module that exports "${name}" is missing. Set the "tasks" option.`,
    );
  }
  if (traits?.ownsWorkers === false) {
    return forForeignWorkers(options, options.backend!);
  }
  const { resourceLimits, argv, execArgv, workerData } = options;
  const env = options.env && withoutUndefined(options.env);
  // A backend may treat an option that is set to undefined as given.
  const workerOptions = defined({ resourceLimits, env, argv, execArgv, workerData });
  // A custom backend decides by itself what it accepts.
  if (options.backend === undefined) runtime.checkOptions(defined({ ...workerOptions, maxMemoryPerWorker }));
  return {
    backend: options.backend ?? backendOf(options, runtime),
    config: {
      module,
      initializer,
      initArgs: capturedArgs,
      finalizer,
      maxMemory: maxMemoryPerWorker === Number.POSITIVE_INFINITY ? undefined : maxMemoryPerWorker,
      concurrency,
    },
    workerOptions,
    maxWorkers,
    minWorkers,
    idleTimeout: options.idleTimeout ?? 10_000,
    maxTasksPerWorker: options.maxTasksPerWorker ?? Number.POSITIVE_INFINITY,
    terminateAfter: options.terminateAfter,
    startTimeout: options.startTimeout ?? 60_000,
    finalizeTimeout: options.finalizeTimeout ?? 5_000,
    ...common(options),
  };
}

function backendOf({ worker }: ExecutorOptions, runtime: Runtime): Backend {
  return worker === undefined ? runtime.createBackend() : runtime.createBackendOf!(worker);
}

/**
 * Copies the arguments of the initializer, so that workers that start later receive the same
 * values.
 *
 * @throws SerializationError for a value that can't be sent to a worker
 */
function captureInitArgs(initArgs: readonly unknown[], runtime: Runtime): readonly unknown[] {
  const moved = initArgs.findIndex(isTransferred);
  if (moved !== -1) {
    throw new TypeError(
      `Executor: option "initArgs": initArgs[${moved}] is marked with transfer(), but each worker needs a copy of it. Pass the value itself.`,
    );
  }
  const { args } = capture(initArgs, undefined, 'initArgs');
  try {
    runtime.tryToSend?.(args);
  } catch (error) {
    throw explainUnclonable(args, 'initArgs', error);
  }
  return args;
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
    context: options.context,
    captureStacks: options.captureStacks ?? false,
    errorClasses: Object.fromEntries((options.errorClasses ?? []).map((type) => [type.name, type])),
    onUnobservedError: options.onUnobservedError ?? warnUnobserved,
    onCleanupError: options.onUnobservedError ?? reportCleanupError,
    onLeftoverError: options.onUnobservedError ?? warnLeftover,
    onFinalizerError: options.onUnobservedError ?? warnFinalizer,
    onCallbackError: options.onCallbackError ?? reportCallbackError,
    rateLimit: options.rateLimit && { ...options.rateLimit },
  };
}

/**
 * Maximum number of jobs that one executor has on the workers of others at a time. Further jobs
 * wait in the executor.
 */
const MAX_FOREIGN_JOBS = 1_000_000;

/**
 * Options of an executor without workers of its own. One session sends all jobs, and it
 * stands for one worker that never ends.
 */
function forForeignWorkers(options: ExecutorOptions, backend: Backend): EngineOptions {
  refuseOptionsOfWorkers(options, backend.name);
  return {
    ...common(options),
    backend,
    config: { module: undefined, initializer: undefined, initArgs: [], concurrency: MAX_FOREIGN_JOBS },
    workerOptions: {},
    maxWorkers: 1,
    minWorkers: 0,
    idleTimeout: Number.POSITIVE_INFINITY,
    maxTasksPerWorker: Number.POSITIVE_INFINITY,
    terminateAfter: Number.POSITIVE_INFINITY,
    startTimeout: options.startTimeout ?? 60_000,
    finalizeTimeout: Number.POSITIVE_INFINITY,
  };
}
