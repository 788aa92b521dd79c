/**
 * Checks of what is handed to new threads and processes. Node reports most of these faults when a worker is made, long after the constructor of
 * the executor, and some of them by ending the whole process.
 */
import { Worker } from 'node:worker_threads';
import { cloneFault, messageOf } from '../../protocol/clone-fault.js';
import { show } from '../../util/validate.js';
import type { ResourceLimits, WorkerOptions } from '../backend.js';

/**
 * @throws TypeError for a value that can't be cloned, a variable that is no text, and a flag that Node refuses; RangeError for a limit that is
 *   out of range. Each names the option.
 */
export function checkWorkerOptions(options: WorkerOptions, runtime: 'worker_threads' | 'child_process'): void {
  const { resourceLimits, env, execArgv, workerData } = options;
  if (resourceLimits !== undefined) checkLimits(resourceLimits);
  if (env !== undefined) checkEnv(env);
  checkClone('workerData', workerData);
  if (runtime === 'child_process') return;
  if (execArgv !== undefined) checkFlags(execArgv);
  if (env?.NODE_OPTIONS !== undefined) checkNodeOptions(env);
}

/** MiB. With less, Node can't start a worker, and some versions end the whole process (tried with Node 20, 22, 24 and 26). */
const LEAST: Readonly<Record<keyof ResourceLimits, number>> = {
  maxOldGenerationSizeMb: 8,
  maxYoungGenerationSizeMb: 0,
  codeRangeSizeMb: 0,
  stackSizeMb: 0.5,
};

function checkLimits(limits: ResourceLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    const least = LEAST[name as keyof ResourceLimits];
    if (least === undefined) {
      throw new TypeError(
        `Executor: resourceLimits: there is no limit ${name}. There are: ${Object.keys(LEAST).join(', ')}.`,
      );
    }
    if (value === undefined) continue;
    const problem = `Executor: resourceLimits.${name}: expected a number of MiB, ${least === 0 ? 'more than 0' : `${least} or more`}, got ${show(value)}`;
    if (typeof value !== 'number') throw new TypeError(problem);
    if (!(Number.isFinite(value) && value >= least && value > 0)) throw new RangeError(problem);
  }
}

function checkEnv(env: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === 'string' || value === undefined) continue;
    throw new TypeError(`Executor: env.${name}: expected a string, got ${show(value)}`);
  }
}

function checkClone(name: string, value: unknown): void {
  const fault = cloneFault(value, name);
  if (fault === undefined) return;
  const advice = fault.advice ?? 'Leave it out, or pass plain data that stands for it.';
  throw new TypeError(
    `Executor: ${name}: expected a value that can be cloned, but ${fault.path} ${fault.what}. ${advice}`,
  );
}

function checkFlags(execArgv: readonly string[]): void {
  const refusal = refusalOf({ execArgv: [...execArgv] });
  if (refusal === undefined) return;
  throw new TypeError(
    `Executor: execArgv: expected flags that a worker thread takes, but Node refuses some (${refusal}). Give flags of V8 and of the whole process to the program itself; for the memory of workers use resourceLimits.`,
  );
}

function checkNodeOptions(env: Record<string, string>): void {
  const refusal = refusalOf({ env });
  if (refusal === undefined) return;
  throw new TypeError(
    `Executor: env.NODE_OPTIONS: expected flags that a worker thread takes, but Node refuses them (${refusal}). Correct them, or leave NODE_OPTIONS out of env.`,
  );
}

/**
 * Why Node refuses a thread with these options; undefined if it does not. No thread is started, because `workerData` can't be cloned: Node
 * looks at that after the flags.
 */
function refusalOf(options: { execArgv?: string[]; env?: Record<string, string> }): string | undefined {
  try {
    new Worker('', { eval: true, ...options, workerData: () => {} });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_INVALID_EXEC_ARGV') return messageOf(error);
  }
  return undefined;
}
