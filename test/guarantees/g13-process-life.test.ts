/**
 * G13 Process life: small programs in processes of their own. Each must end by itself with code 0.
 */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.js';

const run = (name: string) => runProgram(new URL(`../fixtures/programs/${name}.js`, import.meta.url));

describe.concurrent('G13 Process life', () => {
  it('an idle executor does not keep the process alive without a shutdown', async () => {
    expect(await run('idle')).toEqual({ code: 0, lines: ['2 open'], stderr: '' });
  });

  it('an unused executor with warm workers does not keep the process alive', async () => {
    expect(await run('unused')).toEqual({ code: 0, lines: ['made'], stderr: '' });
  });

  it('an executor that was shut down does not keep the process alive, even if a task left timers behind', async () => {
    expect(await run('shut-down')).toEqual({ code: 0, lines: ['closed'], stderr: '' });
  });

  it('pending work keeps the process alive: tasks, and steps of chains', async () => {
    const { code, lines, stderr } = await run('pending');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect([...lines].sort()).toEqual(['chained', 'submitted in a callback', 'task']);
  });

  it('the output of a task is printed before its future settles', async () => {
    const { code, lines } = await run('output');
    const pairs = Array.from({ length: 20 }, (_, i) => [`printed ${i}`, `settled ${i}`]);
    expect(lines.map((line) => line.slice(-20))).toEqual([...pairs.flat(), `${'x'.repeat(17)}end`, 'settled last']);
    expect(code).toBe(0);
  });

  it('dying workers and unobserved failures become warnings and do not crash the process', async () => {
    const { code, lines, stderr } = await run('unobserved');
    expect({ code, lines }).toEqual({ code: 0, lines: ['rejected 2', 'closed'] });
    expect(stderr).toContain('RX_FUTURES_UNOBSERVED');
  });

  it('a broken executor does not keep the process alive', async () => {
    const { code, lines } = await run('broken');
    expect({ code, lines }).toEqual({ code: 0, lines: ['rejected broken'] });
  });

  it('a rate limit does not keep the process alive if no task waits for it', async () => {
    expect(await run('rate-limited')).toEqual({ code: 0, lines: ['3', 'true'], stderr: '' });
  });

  it('a terminated endless loop does not keep the process alive', async () => {
    expect(await run('terminated')).toEqual({ code: 0, lines: ['cancelled', 'closed'], stderr: '' });
  });
});
