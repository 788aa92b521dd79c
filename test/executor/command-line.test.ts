/** Programs that Node reads from its command line or its input, as people do to try a library. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = `
  import('rx-futures').then(async ({ Executor }) => {
    for (const runtime of ['worker_threads', 'child_process']) {
      const executor = new Executor({ maxWorkers: 1, runtime });
      console.log(runtime, await executor.submit((a, b) => a + b, 40, 2));
      await executor.shutdown();
    }
  });
`;

/**
 * Time limit in ms. A child process that ran its parent's program would start another one that does
 * the same, without end.
 */
const HANGS_AFTER = 10_000;

it.each<[string, string[], input?: string]>([
  ['-e', ['-e', program]],
  ['--eval=', [`--eval=${program}`]],
  ['-p', ['-p', program]],
  ['--input-type=module -e', ['--input-type=module', '-e', program]],
  ['--input-type=module and its input', ['--input-type=module', '-'], program],
])('a program that Node reads from %s runs its tasks', (_, args, input) => {
  const { stdout, status } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    input,
    encoding: 'utf8',
    timeout: HANGS_AFTER,
    killSignal: 'SIGKILL',
  });
  expect(stdout).toMatch(/worker_threads 42\nchild_process 42\n/);
  expect(status).toBe(0);
});
