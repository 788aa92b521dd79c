/** `runtime: 'child_process'`: no child process outlives the program that started it. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { runProgram } from '../support/run-program.js';

const parent = new URL('../fixtures/programs/parent.js', import.meta.url);

describe.concurrent('a child process', () => {
  it.each<[string, string[], number | null]>([
    ['calls process.exit while it loops', ['loopForever', 'exit'], 0],
    ['dies of an uncaught error while it loops', ['loopForever', 'throw'], 1],
    ['is killed while it waits', ['waitForever', 'SIGKILL'], null],
    ['is killed while it loops', ['loopForever', 'SIGKILL'], null],
    ['receives SIGTERM while it loops, and has no handler for it', ['loopForever', 'SIGTERM'], null],
    ['has nothing left to do, and never calls shutdown', [], 0],
  ])('a child process ends with its parent, if the parent %s', async (_, args, code) => {
    const { lines, ...ended } = await runProgram(parent, { args });
    expect(ended.code).toBe(code);
    const pid = Number(lines[0]);
    expect(pid).toBeGreaterThan(0);
    try {
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000 });
    } finally {
      if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    }
  });
});

/**
 * Returns true if the process is running. kill(pid, 0) also succeeds for a zombie: an ended orphan
 * stays one until process 1 collects it.
 */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
