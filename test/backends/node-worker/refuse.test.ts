/** Options that Bun or Deno refuses. test/runtimes/own/ tests them on Bun and Deno themselves. */
import { describe, expect, it } from 'vitest';
import { refuseLimits, refuseProcesses } from '../../../src/backends/node-worker/refuse.js';
import { isBun, isDeno } from '../../../src/platform/which-runtime.js';

describe('on Node', () => {
  it('no option is refused', () => {
    expect([isBun, isDeno]).toEqual([false, false]);
    expect(() => refuseProcesses()).not.toThrow();
    expect(() => refuseLimits({ stackSizeMb: 1 })).not.toThrow();
  });
});

describe('on Bun', () => {
  it('child processes are refused, with the reason and two ways out', () => {
    expect(() => refuseProcesses({ bun: '1.4.5' })).toThrow(
      `Executor: option "runtime": 'child_process' works on Node only, because Bun 1.4.5 has no Serializer of "node:v8". Remove the option, so that tasks run on worker threads, or run the program on Node.`,
    );
  });

  it('limits of threads are refused by their names', () => {
    expect(() => refuseLimits({ stackSizeMb: 1, maxOldGenerationSizeMb: 64 }, { bun: '1.4.5' })).toThrow(
      'Executor: option "resourceLimits": the threads of Bun 1.4.5 have no limits, so stackSizeMb, maxOldGenerationSizeMb would have no effect.',
    );
  });
});

describe('on Deno', () => {
  it('child processes are refused, and limits of threads are not', () => {
    expect(() => refuseProcesses({ deno: '2.9.6' })).toThrow('because Deno 2.9.6 ends the program');
    expect(() => refuseLimits({ stackSizeMb: 1 }, { deno: '2.9.6' })).not.toThrow();
  });
});
