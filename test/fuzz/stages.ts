/** The backends on which random programs run. */
import { randomUUID } from 'node:crypto';
import { Executor, type ExecutorOptions } from 'rx-futures';
import { bullmqBackend, serveTasks } from 'rx-futures/bullmq';
import { inlineBackend } from 'rx-futures/testing';
import type { Program } from './program.js';
import { COMMON_CONTEXT, type OpenStage, tasksUrl } from './run-program.js';

const close = async () => {};

/**
 * Every finalizer has to run, even on a busy machine. There the default of 5 s can end before a
 * process has started that is no longer needed, and such a process is terminated.
 */
const FINALIZE_TIMEOUT_MS = 60_000;

function workersOf(program: Program, log: string) {
  const { maxWorkers, concurrency, maxTasksPerWorker, terminateAfter, rateLimit } = program;
  const minWorkers = Math.min(program.minWorkers, maxWorkers);
  const ends = program.isFinalized
    ? { initializer: 'opens', initArgs: [log], finalizer: 'closes', finalizeTimeout: FINALIZE_TIMEOUT_MS }
    : {};
  return { maxWorkers, minWorkers, concurrency, maxTasksPerWorker, terminateAfter, rateLimit, ...ends };
}

function contextOf({ hasContext }: Program) {
  return hasContext ? { context: () => COMMON_CONTEXT } : {};
}

function onWorkers(options: (program: Program) => ExecutorOptions): OpenStage {
  return async (program, log, onCallbackError) => {
    const { maxQueue } = program;
    const executor = new Executor({
      tasks: tasksUrl,
      ...workersOf(program, log),
      ...contextOf(program),
      maxQueue,
      onCallbackError,
      onUnobservedError() {},
      ...options(program),
    });
    return { executor, close };
  };
}

export const stages = {
  threads: onWorkers(() => ({})),
  processes: onWorkers(() => ({ runtime: 'child_process' })),
  inline: onWorkers(() => ({ backend: inlineBackend() })),
} satisfies Record<string, OpenStage>;

/** Opens a queue in the Redis at `connection`, with one server in this process. */
export function queueStage(connection: string): OpenStage {
  return async (program, log, onCallbackError) => {
    const queue = { connection, queue: `fuzz-${randomUUID().slice(0, 8)}` };
    const service = await serveTasks({ ...queue, tasks: tasksUrl, ...workersOf(program, log) });
    const backend = bullmqBackend(queue);
    const executor = new Executor({ backend, ...contextOf(program), onCallbackError, onUnobservedError() {} });
    return { executor, close: () => service.terminate() };
  };
}
