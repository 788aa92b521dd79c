/** `runtime: 'child_process'`: no process outlives the program that opened it. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { runProgram } from '../support/run-program.js';

const parent = new URL('../fixtures/programs/parent.js', import.meta.url);

describe.concurrent('a child process ends with its parent', () => {
  it.each<[string, string[], number | null]>([
    ['calls process.exit while it loops', ['loopForever', 'exit'], 0],
    ['dies of an uncaught error while it loops', ['loopForever', 'throw'], 1],
    ['is killed while it waits', ['waitForever', 'SIGKILL'], null],
    ['is killed while it loops', ['loopForever', 'SIGKILL'], null],
    ['is told to end while it loops, and has no handler for that', ['loopForever', 'SIGTERM'], null],
    ['has nothing left to do, and never shuts down', [], 0],
  ])('that %s', async (_, args, code) => {
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

/** kill(pid, 0) finds what has ended too, for as long as nobody has collected it: an orphan waits for process 1 to do that. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(stat, 'utf8'));
  } catch {
    return false;
  }
}
