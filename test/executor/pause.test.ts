/** pause() and resume(): nothing new starts, what runs goes on. */
import { CancelledError, chain, QueueFullError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { next } from '../support/events.js';
import { Gate } from '../support/gate.js';
import { open, warmUp } from '../support/open.js';
import { runProgram } from '../support/run-program.js';

describe.concurrent('a paused executor', () => {
  it('pause() lets no further task start, running tasks go on, and resume() starts the rest', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { linger, count } = executor.tasks;
    const running = linger(gate.cells, 1);
    await gate.arrivals();
    const waiting = count(gate.cells);
    executor.pause();
    const late = count(gate.cells);
    expect(executor.stats()).toMatchObject({ isPaused: true, queued: 2, running: 1 });
    gate.open();
    expect(await running).toBe(1);
    expect([gate.runs, waiting.state, late.state]).toEqual([0, 'pending', 'pending']);
    executor.resume();
    expect(await Promise.all([waiting, late])).toEqual([1, 2]);
    expect(executor.stats().isPaused).toBe(false);
  });

  it('jobs that were sent ahead and have not started do not start', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const { hold, count } = executor.tasks;
    const first = hold(gate.cells);
    const ahead = Array.from({ length: 50 }, () => count(gate.cells));
    await gate.arrivals();
    executor.pause();
    gate.open();
    await first;
    expect([gate.runs, executor.stats().queued]).toEqual([0, 50]);
    executor.resume();
    expect(await Promise.all(ahead)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('steps that travel with a running head belong to what runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { linger, double, increment } = executor.tasks;
    const end = linger(gate.cells, 4).pipe(chain(double), chain(increment));
    await gate.arrivals();
    executor.pause();
    gate.open();
    expect(await end).toBe(9);
  });

  it('one resume() ends any number of pause() calls', async () => {
    await using executor = open('gates.js');
    executor.pause();
    executor.pause();
    const future = executor.tasks.add(1, 1);
    executor.resume();
    expect(await future).toBe(2);
    executor.resume();
    expect(executor.stats().isPaused).toBe(false);
  });

  it('streams and maps wait, and a running stream goes on', async () => {
    await using executor = open('finalized.js', { maxWorkers: 1 });
    const values: number[] = [];
    for await (const n of executor.tasks.count.with({ highWaterMark: 1 }).stream(3)) {
      if (n === 1) executor.pause();
      values.push(n);
    }
    expect(values).toEqual([1, 2, 3]);
    const mapped: number[] = [];
    const done = new Promise<void>((complete) =>
      executor.map((n: number) => n * 2, [1, 2, 3]).subscribe({ next: (n) => void mapped.push(n), complete }),
    );
    expect(executor.stats()).toMatchObject({ running: 0, isPaused: true });
    expect(mapped).toEqual([]);
    executor.resume();
    await done;
    expect(mapped).toEqual([2, 4, 6]);
  });

  it('a retry and a broadcast wait', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const when = () => {
      executor.pause();
      return true;
    };
    const flaky = executor.tasks.failUntil.with({ retry: { count: 1, when } });
    const retried = next(executor, 'task-retried');
    const future = flaky(gate.cells, 2);
    await retried;
    const all = executor.broadcast('count', gate.cells);
    expect([gate.runs, executor.stats().queued]).toEqual([1, 2]);
    executor.resume();
    await Promise.all([future, all]);
    expect(gate.runs).toBe(3);
  });

  it('maxQueue limits the tasks that wait, although workers are free', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, maxQueue: 1 });
    await executor.ready();
    executor.pause();
    const { add } = executor.tasks;
    const first = add(1, 1);
    await expect(add(2, 2)).rejects.toBeInstanceOf(QueueFullError);
    executor.resume();
    expect(await first).toBe(2);
    expect(await Promise.all([add(1, 1), add(2, 2), add(3, 3)])).toEqual([2, 4, 6]);
  });

  it('waiting tasks can be cancelled', async () => {
    await using executor = open('gates.js');
    executor.pause();
    const future = executor.tasks.add(1, 1);
    const all = executor.broadcast('add', 1, 1);
    expect([future.cancel(), all.cancel()]).toEqual([true, true]);
    await expect(future).rejects.toBeInstanceOf(CancelledError);
    expect(executor.stats()).toMatchObject({ queued: 0, pending: 0 });
  });

  it('shutdown() resumes the executor, and pause() has no effect from then on', async () => {
    const executor = open('gates.js');
    executor.pause();
    const future = executor.tasks.add(1, 1);
    const closed = executor.shutdown();
    executor.pause();
    await closed;
    expect(future.outcome).toMatchObject({ value: 2 });
  });

  it('terminate() ends a paused executor', async () => {
    const executor = open('gates.js');
    executor.pause();
    const future = executor.tasks.add(1, 1);
    await executor.terminate();
    expect([future.state, executor.state]).toEqual(['cancelled', 'closed']);
  });

  it('ready() starts the workers of a paused executor', async () => {
    await using executor = open('gates.js');
    executor.pause();
    await executor.ready();
    expect(executor.stats().workers.idle).toBe(1);
  });

  it('waiting tasks keep the process alive, and the process ends without them', async () => {
    const program = new URL('../fixtures/programs/paused.js', import.meta.url);
    const { code, lines, stderr } = await runProgram(program);
    expect({ code, lines }, stderr).toEqual({ code: 0, lines: ['resumed', '2', 'paused again'] });
  });
});
