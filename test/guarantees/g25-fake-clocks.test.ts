/**
 * G25 Fake timers: tasks run and settle while a test fakes the clock. Times that the user asked for
 * follow the fake clock.
 */
import { asCompleted, Deferred, TimeoutError, wait } from 'rx-futures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { runProgram } from '../support/run-program.js';

afterEach(() => void vi.useRealTimers());

const everything = [
  'task 3',
  'burst 1000',
  'chain 7',
  'retry rejected',
  'recover recovered',
  'map 2,4,6',
  'stream 5000',
  'asCompleted 2',
  'wait 2',
  'deferred done',
  'cancelled cancelled',
  'terminated cancelled',
  'timers left 0',
];

describe.concurrent('G25 Fake timers: a program whose clock stands still', () => {
  it.each([
    ['Sinon with its defaults, after the library is loaded, on threads', 'sinon', 'after', 'threads'],
    ['Sinon with its defaults, before the library is loaded, on threads', 'sinon', 'before', 'threads'],
    ['Sinon with its defaults, on this thread', 'sinon', 'after', 'inline'],
    ['Sinon with its defaults, before the library is loaded, on this thread', 'sinon', 'before', 'inline'],
    ['Sinon without nextTick, on child processes', 'sinon', 'after', 'processes'],
    ['Sinon without nextTick, before the library is loaded, on child processes', 'sinon', 'before', 'processes'],
    ['node:test, on threads', 'node:test', 'after', 'threads'],
    ['node:test, on this thread', 'node:test', 'after', 'inline'],
    ['node:test, on child processes', 'node:test', 'after', 'processes'],
  ])('every kind of work finishes, and the fake clock has no timer of the library: %s', async (_title, ...args) => {
    const program = new URL('../fixtures/programs/fake-clock.js', import.meta.url);
    const { code, lines, stderr } = await runProgram(program, { args });
    expect({ code, lines }, stderr).toEqual({ code: 0, lines: everything });
  });
});

describe('G25 Fake timers: internal times', () => {
  it('a jump of the fake clock fires no startTimeout, idleTimeout or terminateAfter', async () => {
    vi.useFakeTimers();
    await using executor = open('gates.js', {
      maxWorkers: 1,
      startTimeout: 50_000,
      idleTimeout: 100,
      terminateAfter: 10,
    });
    using gate = new Gate();
    const deaths: string[] = [];
    executor.events.subscribe(({ type }) => void (type === 'worker-died' && deaths.push(type)));
    const future = executor.tasks.add(1, 1);
    await Promise.resolve();
    vi.advanceTimersByTime(60_000);
    expect(await future).toBe(2);
    vi.advanceTimersByTime(60_000);
    const running = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    expect(running.threadId).toBe(future.threadId);
    gate.open();
    await running;
    expect(deaths).toEqual([]);
  });

  it('vi.runAllTimers() finds no internal timer', async () => {
    vi.useFakeTimers();
    await using executor = open('gates.js', { minWorkers: 1 });
    await executor.ready();
    await executor.tasks.add(1, 1);
    expect(vi.getTimerCount()).toBe(0);
    expect(() => vi.runAllTimers()).not.toThrow();
  });
});

describe('G25 Fake timers: times that the user asked for', () => {
  it('the timeout of result, settled, wait and asCompleted follows the fake clock', async () => {
    vi.useFakeTimers();
    const { future } = new Deferred();
    const ends = [
      future.result({ timeout: 5_000 }).catch((error) => error),
      future.settled({ timeout: 5_000 }).catch((error) => error),
      wait([future], { timeout: 5_000 }).then(({ notDone }) => notDone.size),
      new Promise((resolve) => asCompleted([future], { timeout: 5_000 }).subscribe({ error: resolve })),
    ];
    vi.advanceTimersByTime(4_999);
    expect(vi.getTimerCount()).toBe(4);
    vi.advanceTimersByTime(1);
    const late = expect.any(TimeoutError);
    expect(await Promise.all(ends)).toEqual([late, late, 1, late]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('no timer stays on the fake clock after the work has settled, and a timer stops on the clock where it started', async () => {
    const deferred = new Deferred<number>();
    const early = deferred.future.result({ timeout: 5_000 });
    vi.useFakeTimers();
    const faked = deferred.future.result({ timeout: 5_000 });
    expect(vi.getTimerCount()).toBe(1);
    deferred.resolve(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(await Promise.all([early, faked])).toEqual([1, 1]);
  });
});

describe('G25 Fake timers: the times of tasks', () => {
  it('the timeout of a running task and the delay of its retry follow the fake clock', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: Number.POSITIVE_INFINITY });
    using gate = new Gate();
    await executor.ready();
    vi.useFakeTimers();
    const retry = { count: 1, delay: 10_000 };
    const future = executor.tasks.linger.with({ timeout: 5_000, retry })(gate.cells, 7);
    await gate.arrivals();
    vi.advanceTimersByTime(4_999);
    expect(future.isSettled).toBe(false);
    vi.advanceTimersByTime(1);
    gate.open();
    vi.advanceTimersByTime(9_999);
    await executor.tasks.add(1, 1);
    expect(executor.stats()).toMatchObject({ pending: 1, retried: 1 });
    vi.advanceTimersByTime(1);
    expect(await future).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a retry without a delay needs no clock', async () => {
    vi.useFakeTimers();
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    expect(await executor.tasks.failUntil.with({ retry: 3 })(gate.cells, 4)).toBe(4);
  });
});
