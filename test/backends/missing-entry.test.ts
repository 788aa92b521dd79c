/** A bundle without the file that workers run. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { BrokenExecutorError, Executor } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, existsSync: (path: string) => !path.endsWith('-host.js') && fs.existsSync(path) };
});

/** Channels on which Node publishes each new thread and process. */
const channels = ['worker_threads', 'child_process'];

describe('a library without the files that workers run', () => {
  it.each([
    ['worker_threads', 'threads-host.js'],
    ['child_process', 'processes-host.js'],
  ] as const)(
    'a task is rejected with an error that names the file, and no worker is created: %s',
    async (runtime, file) => {
      const made: unknown[] = [];
      const add = (message: unknown) => made.push(message);
      for (const channel of channels) subscribe(channel, add);
      await using executor = new Executor({ tasks: 'data:text/javascript,export const one = () => 1', runtime });
      const error: any = await executor.submit('one' as never).catch((error) => error);
      expect(error).toBeInstanceOf(BrokenExecutorError);
      expect(error.message).toContain(`the file "${file}" is missing beside the library`);
      expect(error.message).toContain('by the option "worker"');
      expect(error.message).toContain('mark rx-futures and tinypool as external');
      for (const channel of channels) unsubscribe(channel, add);
      expect(made).toEqual([]);
    },
  );
});
