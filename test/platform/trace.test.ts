/** NODE_DEBUG=rx-futures: the scheduler's decisions on stderr, and silence without it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runProgram } from '../support/run-program.js';

const program = new URL('../fixtures/programs/trace.js', import.meta.url);

describe('with NODE_DEBUG=rx-futures', () => {
  let ended: Ended;
  let lines: string[];

  beforeAll(async () => {
    ended = await runProgram(program, { env: { NODE_DEBUG: 'rx-futures' } });
    lines = ended.stderr.split('\n').filter(Boolean);
  });

  it('the program behaves as without it', () => {
    expect({ code: ended.code, lines: ended.lines }).toEqual({ code: 0, lines: ['done'] });
  });

  it('every line names the library and the process', () => {
    expect(lines.filter((line) => !/^RX-FUTURES \d+: (pair|solo)(-\d+)?: /.test(line))).toEqual([]);
  });

  it.each([
    ['the start of a worker and its reason', /solo-1: spawned for waiting jobs or ready\(\); queue: 100/],
    ['a worker that is ready', /pair-1: ready after \d+ ms/],
    ['the dispatch of a batch', /solo-1: dispatched 100 jobs \(#\d+( #\d+){7} and 92 more\); queue: 0/],
    ['a change of the prefetch window', /pair-\d: prefetch window \d+ -> \d+/],
    ['a steal', /pair-\d: stole \d+ jobs? \(#\d+.*\) from pair-\d/],
    ['the shutdown', /pair-1: ends when its jobs are done, because the executor closes/],
    ['the death of a worker', /solo-1: ended with code 71; started jobs lost: 1/],
    ['the jobs that are requeued after it', /solo-1: requeued 10 jobs \(#\d+.*\), because the worker ended/],
    ['a revoked job', /solo-2: revoked #\d+, because its future was cancelled/],
    ['an aborted job', /solo-2: aborts #\d+, because its future was cancelled/],
    ['the replacement of an unresponsive worker', /solo-2: recycled, because a cancelled task on it did not stop/],
    ['the termination of a worker and its reason', /solo-2: terminated, because no other task is running on it/],
    ['the termination of the executor', /solo-3: is terminated, because the executor closes/],
  ])('stderr shows %s', (_, expected) => {
    expect(lines.filter((line) => expected.test(line)).length, lines.join('\n')).toBeGreaterThan(0);
  });

  it('no line contains an argument or a result', () => {
    expect(ended.stderr).not.toMatch(/Int32Array|SharedArrayBuffer/);
  });
});

it('a program without NODE_DEBUG prints no trace', async () => {
  expect(await runProgram(program)).toEqual({ code: 0, lines: ['done'], stderr: '' });
});

it('a program with NODE_DEBUG for another library prints no trace', async () => {
  const { code, stderr } = await runProgram(program, { env: { NODE_DEBUG: 'rx' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
