/** A bundle without the file that workers run. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { BrokenExecutorError, Executor } from 'rx-futures';
import { beforeEach, describe, expect, it, vi } from 'vitest';

/** Ends of the paths that do not exist. */
const missing = vi.hoisted(() => new Set<string>());

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    existsSync: (path: string) => ![...missing].some((end) => path.endsWith(end)) && fs.existsSync(path),
  };
});

vi.mock('node:module', async (original) => {
  const module = await original<typeof import('node:module')>();
  const createRequire: typeof module.createRequire = (from) => {
    const require = module.createRequire(from);
    const resolve: any = (name: string) => {
      if (name === 'tinypool') throw new Error('not installed');
      return require.resolve(name);
    };
    return Object.assign((name: string) => require(name), require, { resolve });
  };
  return { ...module, createRequire };
});

beforeEach(() => missing.clear());

/** Channels on which Node publishes each new thread and process. */
const channels = ['worker_threads', 'child_process'];

describe('a library without the files that workers run', () => {
  it.each([
    ['worker_threads', 'threads-host.js', 'Replace the option "tasks" by the option "worker"'],
    ['worker_threads', 'entry/worker.js', 'Replace the option "tasks" by the option "worker"'],
    ['child_process', 'processes-host.js', 'Use worker threads: remove "runtime": "child_process"'],
    ['child_process', 'entry/process.js', 'Use worker threads: remove "runtime": "child_process"'],
  ] as const)(
    'the first task (runtime %s) is rejected with an error that names the missing file "%s", and no worker is created',
    async (runtime, file, advice) => {
      missing.add(file);
      const made: unknown[] = [];
      const add = (message: unknown) => made.push(message);
      for (const channel of channels) subscribe(channel, add);
      await using executor = new Executor({ tasks: 'data:text/javascript,export const one = () => 1', runtime });
      const error: any = await executor.submit('one' as never).catch((error) => error);
      expect(error).toBeInstanceOf(BrokenExecutorError);
      expect(error.message).toContain(`the file "${file}" is missing beside the bundled library`);
      expect(error.message).toContain('Worker "executor-1" could not be created');
      expect(error.message).toContain(advice);
      expect(error.message).toContain('mark rx-futures and tinypool as external');
      for (const channel of channels) unsubscribe(channel, add);
      expect(made).toEqual([]);
    },
  );
});
