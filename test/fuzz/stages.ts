/** The backends on which random programs run. */
import { randomUUID } from 'node:crypto';
import { Executor, type ExecutorOptions } from 'rx-futures';
import { bullmqBackend, serveTasks } from 'rx-futures/bullmq';
import { inlineBackend } from 'rx-futures/testing';
import type { Program } from './program.js';
import { type OpenStage, tasksUrl } from './run-program.js';

const close = async () => {};

function workersOf({ maxWorkers, minWorkers, concurrency, maxTasksPerWorker, terminateAfter }: Program) {
  return { maxWorkers, minWorkers: Math.min(minWorkers, maxWorkers), concurrency, maxTasksPerWorker, terminateAfter };
}

function onWorkers(options: (program: Program) => ExecutorOptions): OpenStage {
  return async (program, onCallbackError) => {
    const { maxQueue } = program;
    const executor = new Executor({
      tasks: tasksUrl,
      ...workersOf(program),
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
  return async (program, onCallbackError) => {
    const queue = { connection, queue: `fuzz-${randomUUID().slice(0, 8)}` };
    const service = await serveTasks({ ...queue, tasks: tasksUrl, ...workersOf(program) });
    const executor = new Executor({ backend: bullmqBackend(queue), onCallbackError, onUnobservedError() {} });
    return { executor, close: () => service.terminate() };
  };
}
