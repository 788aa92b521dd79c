/** Threads and processes that can't be started: the task is rejected soon, and the program goes on and ends by itself. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const program = new URL('../fixtures/programs/not-startable.js', import.meta.url);
const major = Number(process.versions.node.split('.')[0]);
const permission = [major < 22 ? '--experimental-permission' : '--permission', '--allow-fs-read=*'];

/** The task was rejected, and nothing else has happened. */
async function expectBroken(how: Parameters<typeof runProgram>[1], cause: RegExp): Promise<void> {
  const { code, lines, stderr } = await runProgram(program, how);
  expect(lines[0]).toMatch(/^rejected BrokenExecutorError /);
  expect(lines[0]).toMatch(cause);
  expect(lines.slice(1)).toEqual(['broken']);
  expect(code, stderr).toBe(0);
}

describe('a worker that can not be started', () => {
  it('breaks the executor when there is no file descriptor left for a thread', async () => {
    await expectBroken({ args: ['worker_threads', 'no descriptors'], openFiles: 100 }, /ERR_WORKER_INIT_FAILED|EMFILE/);
  });

  it('breaks the executor when there is no file descriptor left for a process', async () => {
    await expectBroken({ args: ['child_process', 'no descriptors'], openFiles: 100 }, /EMFILE/);
  });

  it('breaks the executor when there is no binary for a process', async () => {
    await expectBroken({ args: ['child_process', 'no binary'] }, /ENOENT/);
  });

  it.each(['worker_threads', 'child_process'])(
    'breaks the executor when Node does not permit it: %s',
    async (runtime) => {
      await expectBroken({ args: [runtime, 'no permission'], nodeOptions: permission }, /ERR_ACCESS_DENIED/);
    },
  );

  it('can be killed before its process has failed to start, and no signal reaches this process', async () => {
    const { code, lines, stderr } = await runProgram(program, { args: ['child_process', 'terminated'] });
    expect(lines).toEqual(['cancelled CancelledError ERR_EXECUTOR_SHUTDOWN', 'closed']);
    expect(code, stderr).toBe(0);
  });
});
