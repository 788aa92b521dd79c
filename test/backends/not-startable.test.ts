/**
 * Threads and processes that can't be started. The task is rejected soon, and the program ends by
 * itself.
 */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const program = new URL('../fixtures/programs/not-startable.js', import.meta.url);
const major = Number(process.versions.node.split('.')[0]);
const permission = [major < 22 ? '--experimental-permission' : '--permission', '--allow-fs-read=*'];

/** Expects that the task was rejected and that nothing else happened. */
async function expectBroken(how: Parameters<typeof runProgram>[1], cause: RegExp): Promise<void> {
  const { code, lines, stderr } = await runProgram(program, how);
  expect(lines[0]).toMatch(/^rejected BrokenExecutorError /);
  expect(lines[0]).toMatch(cause);
  expect(lines.slice(1)).toEqual(['broken']);
  expect(code, stderr).toBe(0);
}

describe('a worker that cannot be started', () => {
  it('a thread without a free file descriptor breaks the executor', async () => {
    await expectBroken({ args: ['worker_threads', 'no descriptors'], openFiles: 100 }, /ERR_WORKER_INIT_FAILED|EMFILE/);
  });

  it('a process without a free file descriptor breaks the executor', async () => {
    await expectBroken({ args: ['child_process', 'no descriptors'], openFiles: 100 }, /EMFILE/);
  });

  it('a process without a binary breaks the executor', async () => {
    await expectBroken({ args: ['child_process', 'no binary'] }, /ENOENT/);
  });

  it.each(['worker_threads', 'child_process'])(
    'a worker that Node does not permit breaks the executor: %s',
    async (runtime) => {
      await expectBroken({ args: [runtime, 'no permission'], nodeOptions: permission }, /ERR_ACCESS_DENIED/);
    },
  );

  it('a process can be killed before its start has failed, and no signal reaches this process', async () => {
    const { code, lines, stderr } = await runProgram(program, { args: ['child_process', 'terminated'] });
    expect(lines).toEqual(['cancelled CancelledError ERR_EXECUTOR_SHUTDOWN', 'closed']);
    expect(code, stderr).toBe(0);
  });
});
