/**
 * Checks the options of new threads and processes. Node reports most faults of options only when a
 * worker is created, long after the constructor of the executor has returned. For some faults, Node
 * ends the whole process.
 */
import { Worker } from 'node:worker_threads';
import { cloneFault, messageOf } from '../../protocol/clone-fault.js';
import { number, string } from '../../util/validate.js';
import type { ResourceLimits, WorkerOptions } from '../backend.js';
import { refuseLimits } from '../node-worker/refuse.js';

/**
 * Checks the options of a thread. Each error names the option.
 *
 * @throws TypeError for a flag that Node refuses, and for limits on Bun
 * @throws the errors of {@link checkWorkerOptions}
 */
export function checkThreadOptions(options: WorkerOptions): void {
  checkWorkerOptions(options);
  const { execArgv, env, resourceLimits } = options;
  if (resourceLimits !== undefined) refuseLimits(resourceLimits);
  if (execArgv !== undefined) checkFlags(execArgv);
  if (env?.NODE_OPTIONS !== undefined) checkNodeOptions(env);
}

/**
 * Checks the options that threads and processes share. Each error names the option.
 *
 * @throws TypeError for a value that can't be cloned, and for a variable that is not a string
 * @throws RangeError for a limit that is out of range
 */
export function checkWorkerOptions({ resourceLimits, env, workerData }: WorkerOptions): void {
  if (resourceLimits !== undefined) checkLimits(resourceLimits);
  if (env !== undefined) checkEnv(env);
  checkClone('workerData', workerData);
}

/**
 * Smallest limits in MiB. With less, Node can't start a worker, and some versions end the whole
 * process (tried with Node 20, 22, 24 and 26).
 */
const MIN_LIMITS_MB: Readonly<Record<keyof ResourceLimits, number>> = {
  maxOldGenerationSizeMb: 8,
  maxYoungGenerationSizeMb: 0,
  codeRangeSizeMb: 0,
  stackSizeMb: 0.5,
};

function checkLimits(limits: ResourceLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    const least = MIN_LIMITS_MB[name as keyof ResourceLimits];
    if (least === undefined) {
      throw new TypeError(
        `Executor: option "resourceLimits": unknown limit "${name}". Use one of: ${Object.keys(MIN_LIMITS_MB).join(', ')}.`,
      );
    }
    if (value === undefined) continue;
    const size = number(
      `a number of MiB, ${least === 0 ? 'more than 0' : `${least} or more`}`,
      (mib) => Number.isFinite(mib) && mib >= least && mib > 0,
    );
    size(`Executor: option "resourceLimits.${name}"`, value);
  }
}

function checkEnv(env: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) string(`Executor: option "env.${name}"`, value);
  }
}

function checkClone(name: string, value: unknown): void {
  const fault = cloneFault(value, name);
  if (fault === undefined) return;
  const advice = fault.advice ?? 'Pass plain data instead, or leave it out.';
  throw new TypeError(
    `Executor: option "${name}": expected a value that can be cloned, but ${fault.path} ${fault.what}. ${advice}`,
  );
}

function checkFlags(execArgv: readonly string[]): void {
  const refusal = refusalOf({ execArgv: [...execArgv] });
  if (refusal === undefined) return;
  throw new TypeError(
    `Executor: option "execArgv": expected flags that a worker thread accepts, but Node refuses some (${refusal}). Pass flags of V8 and of the whole process to the program itself. For the memory of workers, use resourceLimits.`,
  );
}

function checkNodeOptions(env: Record<string, string>): void {
  const refusal = refusalOf({ env });
  if (refusal === undefined) return;
  throw new TypeError(
    `Executor: option "env.NODE_OPTIONS": expected flags that a worker thread accepts, but Node refuses them (${refusal}). Correct them, or leave NODE_OPTIONS out of env.`,
  );
}

/**
 * Returns the reason why Node refuses a thread with these options. `undefined` if Node accepts
 * them. No thread is started, because `workerData` can't be cloned, and Node checks the flags
 * before `workerData`.
 */
function refusalOf(options: { execArgv?: string[]; env?: Record<string, string> }): string | undefined {
  try {
    new Worker('', { eval: true, ...options, workerData: () => {} });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_INVALID_EXEC_ARGV') return messageOf(error);
  }
  return undefined;
}
