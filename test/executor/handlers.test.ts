/**
 * Task modules with their own handlers of uncaught exceptions. An error that such a handler accepts
 * is not a fault of the worker.
 */
import { Executor } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import { fixture } from '../support/open.js';

type Runtime = 'worker_threads' | 'child_process';
type Handlers = typeof import('../fixtures/handlers.js');

function open(runtime: Runtime, execArgv?: string[]) {
  const onUnobservedError = vi.fn();
  const tasks = fixture('handlers.js');
  const executor = new Executor<Handlers>({
    tasks,
    runtime,
    maxWorkers: 1,
    onUnobservedError,
    ...(execArgv === undefined ? {} : { execArgv }),
  });
  const recycled = vi.fn();
  executor.events.subscribe((event) => event.type === 'worker-recycled' && recycled());
  return { executor, onUnobservedError, recycled };
}

describe.each<Runtime>(['worker_threads', 'child_process'])('in %s', (runtime) => {
  it.each<[string, 'handler' | 'capture' | 'rejections' | 'once' | undefined, keyof Handlers]>([
    ["process.on('uncaughtException')", 'handler', 'throwInTimer'],
    ["process.on('uncaughtException') for a rejection", 'handler', 'leaveRejection'],
    ["process.prependOnceListener('uncaughtException')", 'once', 'throwInTimer'],
    ["process.on('unhandledRejection')", 'rejections', 'leaveRejection'],
    ['process.setUncaughtExceptionCaptureCallback()', 'capture', 'throwInTimer'],
    ['a domain', undefined, 'throwInDomain'],
  ])('an error that %s handles affects neither the task nor its worker', async (_, kind, task) => {
    const { executor, onUnobservedError, recycled } = open(runtime);
    if (kind !== undefined) await executor.tasks.install(kind);
    const before = await executor.tasks.whichProcess();
    expect(await executor.submit(task as 'throwInTimer', 'handled')).toEqual(['handled']);
    expect(await executor.tasks.whichProcess()).toBe(before);
    await executor.shutdown();
    expect([onUnobservedError, recycled].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
  });

  it('a handler of a preloaded module counts too', async () => {
    const preload = 'data:text/javascript,process.on("uncaughtException",()=>{})';
    const { executor, recycled } = open(runtime, [`--import=${preload}`]);
    expect(await executor.tasks.throwInTimer('handled')).toEqual([]);
    await executor.shutdown();
    expect(recycled).not.toHaveBeenCalled();
  });

  it('an error that is only monitored rejects the task and replaces the worker', async () => {
    const { executor, recycled } = open(runtime);
    await executor.tasks.install('monitor');
    const { reason } = (await executor.tasks.throwInTimer('not handled').settled()) as { reason: Error };
    expect(reason).toMatchObject({ name: 'WorkerDiedError', cause: new Error('not handled') });
    await executor.shutdown();
    expect(recycled).toHaveBeenCalledOnce();
  });

  it.each(['once', 'onceBesideDomain'] as const)(
    'a second error is a fault if the handler accepts only one (%s)',
    async (kind) => {
      const { executor, recycled } = open(runtime);
      await executor.tasks.install(kind);
      expect(await executor.tasks.throwInTimer('handled')).toEqual(['handled']);
      expect((await executor.tasks.throwInTimer('not handled').settled()).status).toBe('rejected');
      await executor.shutdown();
      expect(recycled).toHaveBeenCalledOnce();
    },
  );
});
