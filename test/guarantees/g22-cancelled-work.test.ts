/** G22 Cancelled work blocks no other work. */
import { TimeoutError } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { until } from '../support/until.js';

const text = (gate: Gate) => String.fromCharCode(...gate.notes);

describe('G22 Cancelled work blocks no other work: isCancelled in synchronous code', () => {
  it('a task that blocks its thread sees a cancel, stops by itself, and keeps its worker', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using gate = new Gate();
    const recycled: string[] = [];
    executor.events.subscribe(({ type }) => type === 'worker-recycled' && recycled.push(type));
    const future = executor.tasks.spinUntilCancelled(gate.cells);
    await gate.arrivals();
    future.cancel();
    await gate.arrivals(2);
    expect(await executor.tasks.echo(1)).toBe(1);
    expect([gate.notes, recycled]).toEqual([[1], []]);
  });

  it('a task that blocks its thread sees an aborted signal and a timeout', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    const controller = new AbortController();
    for (const options of [{ signal: controller.signal }, { timeout: 20 }]) {
      using gate = new Gate();
      const future = executor.tasks.spinUntilCancelled.with(options)(gate.cells);
      await gate.arrivals();
      controller.abort();
      await gate.arrivals(2);
      expect((await future.settled()).status).not.toBe('fulfilled');
    }
  });

  it('a generator that blocks its thread sees that its reader has left', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using gate = new Gate();
    const subscription = executor.tasks.spinInStream.stream(gate.cells).subscribe();
    await gate.arrivals();
    subscription.unsubscribe();
    await gate.arrivals(2);
    expect(gate.notes).toEqual([1]);
  });

  it('isCancelled is false for the next task in the slot of a cancelled one', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.spinUntilCancelled(gate.cells);
    await gate.arrivals();
    future.cancel();
    expect(await executor.tasks.readCancel()).toBe(false);
  });

  it('a task on the inline backend sees its cancel before the message arrives', async () => {
    await using executor = open('cancelled.js', { backend: inlineBackend() });
    using gate = new Gate();
    const future = executor.tasks.readCancelAfterAwait(gate.cells);
    await gate.arrivals();
    future.cancel();
    gate.open();
    await gate.arrivals(2);
    expect(gate.notes).toEqual([1]);
  });
});

describe('G22 Cancelled work blocks no other work: throwIfCancelled', () => {
  it.each([
    ['an Error', new RangeError('too far'), 'true RangeError: too far'],
    ['a string', 'enough', 'true "enough"'],
    ['null', null, 'true null'],
    ['an object', { why: 'enough' }, 'true {"why":"enough"}'],
  ])(
    'throwIfCancelled throws signal.reason although the thread has read no message: %s',
    async (_, reason, expected) => {
      await using executor = open('cancelled.js', { maxWorkers: 1 });
      using gate = new Gate();
      const future = executor.tasks.spinUntilThrown(gate.cells);
      await gate.arrivals();
      future.cancel(reason);
      await gate.arrivals(2);
      expect(text(gate)).toBe(expected);
    },
  );

  it('throwIfCancelled throws a CancelledError without a reason, and a TimeoutError after a timeout', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using first = new Gate();
    const future = executor.tasks.spinUntilThrown(first.cells);
    await first.arrivals();
    future.cancel();
    await first.arrivals(2);
    expect(text(first)).toMatch(/^true CancelledError: /);
    using second = new Gate();
    const late = executor.tasks.spinUntilThrown.with({ timeout: 20 })(second.cells);
    await expect(late).rejects.toBeInstanceOf(TimeoutError);
    await second.arrivals(2);
    expect(text(second)).toMatch(/^true TimeoutError: /);
  });

  it('the signal has its reason as soon as isCancelled is true', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.spinUntilReason(gate.cells, 'enough');
    await gate.arrivals();
    future.cancel('enough');
    await gate.arrivals(2);
    expect(gate.notes).toEqual([1]);
  });

  it('tasks that arrive before the reason is read run afterwards, in their order', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1, concurrency: 4 });
    using gate = new Gate();
    await executor.tasks.echo(0);
    const future = executor.tasks.spinUntilThrown(gate.cells);
    await gate.arrivals();
    const behind = [1, 2, 3].map((n) => executor.tasks.echo(n));
    await new Promise((resolve) => setImmediate(resolve));
    future.cancel('enough');
    expect(await Promise.all(behind)).toEqual([1, 2, 3]);
    expect(text(gate)).toBe('true "enough"');
  });
});

describe('G22 Cancelled work blocks no other work: a blocked thread', () => {
  it('a cancelled task that never read isCancelled loses its worker at once, and what waits runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    const waiting = executor.tasks.add(2, 2);
    const at = performance.now();
    const recycled = ended(executor);
    future.cancel();
    await recycled;
    // The default of terminateAfter is 5 s. The rest allows for a busy machine.
    expect(performance.now() - at).toBeLessThan(2_500);
    expect(await waiting).toBe(4);
    expect(executor.stats().lingering).toBe(0);
  });

  it('a task that times out loses its worker at once if it never read isCancelled', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const at = performance.now();
    const recycled = ended(executor);
    const future = executor.tasks.loopForever.with({ timeout: 20 })(gate.cells);
    await expect(future).rejects.toBeInstanceOf(TimeoutError);
    await recycled;
    expect(performance.now() - at).toBeLessThan(3_000);
  });

  it('a task that blocks its thread in a listener of its signal loses its worker at once', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.loopAtAbort(gate.cells);
    await gate.arrivals();
    const at = performance.now();
    const recycled = ended(executor);
    future.cancel();
    await recycled;
    expect(performance.now() - at).toBeLessThan(2_500);
  });

  it('a child process that is blocked counts as one whose task never read isCancelled', async () => {
    await using executor = open('dying.js', { maxWorkers: 1, runtime: 'child_process' });
    const looping = executor.submit(() => {
      for (;;);
    });
    await until(() => looping.state === 'running');
    const recycled = ended(executor);
    looping.cancel();
    await recycled;
  });

  it.each([
    ['a task that has read isCancelled', (tasks: Tasks, gate: Gate) => tasks.readCancelAndHold(gate.cells)],
    ['a task that awaits', (tasks: Tasks, gate: Gate) => tasks.readCancelAfterAwait(gate.cells)],
    [
      'a task with its own terminateAfter',
      (tasks: Tasks, gate: Gate) => tasks.loopAtAbort.with({ terminateAfter: 60_000 })(gate.cells),
    ],
  ])('%s keeps its worker, and a replacement runs what waits', async (_, start) => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using gate = new Gate();
    let recycled = 0;
    executor.events.subscribe(({ type }) => {
      if (type === 'worker-recycled') recycled++;
    });
    const future = start(executor.tasks, gate);
    await gate.arrivals();
    future.cancel();
    expect(executor.stats()).toMatchObject({ lingering: 1, running: 0, pending: 0 });
    // The replacement runs one task after another, for longer than a blocked thread has.
    const at = performance.now();
    for (let i = 0; performance.now() - at < 250; i++) expect(await executor.tasks.echo(i)).toBe(i);
    expect([recycled, executor.stats().lingering]).toEqual([0, 1]);
    const { starting, idle, busy } = executor.stats().workers;
    expect(starting + idle + busy).toBe(2);
    await executor.terminate();
  });

  it('a worker beyond `maxWorkers` leaves when the lingering task has ended', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.readCancelAndHold(gate.cells);
    await gate.arrivals();
    future.cancel();
    expect(await executor.tasks.echo(1)).toBe(1);
    expect(executor.stats().workers).toMatchObject({ idle: 1, busy: 1 });
    const left = ended(executor);
    gate.open();
    await left;
    expect(executor.stats()).toMatchObject({ lingering: 0, workers: { starting: 0, idle: 1, busy: 0 } });
  });

  it('there are at most maxWorkers replacements', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1, terminateAfter: Number.POSITIVE_INFINITY });
    using first = new Gate();
    using second = new Gate();
    const spawned: string[] = [];
    executor.events.subscribe((event) => event.type === 'worker-spawned' && spawned.push(event.worker));
    for (const gate of [first, second]) {
      const future = executor.tasks.readCancelAndHold(gate.cells);
      await gate.arrivals();
      future.cancel();
    }
    const waiting = executor.tasks.echo(1);
    await until(() => executor.stats().queued === 1 && executor.stats().lingering === 2);
    second.open();
    expect([await waiting, spawned.length]).toEqual([1, 2]);
  });

  it('maxQueue does not count a lingering task, because another worker replaces its worker', async () => {
    await using executor = open('cancelled.js', { maxWorkers: 1, maxQueue: 0 });
    using gate = new Gate();
    const future = executor.tasks.readCancelAndHold(gate.cells);
    await gate.arrivals();
    future.cancel();
    await until(async () => (await executor.tasks.echo(1).settled()).status === 'fulfilled');
  });

  it('another started task on a blocked thread is kept until terminateAfter is over', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 2 });
    using blocking = new Gate();
    using polite = new Gate();
    const other = executor.tasks.linger(polite.cells, 7);
    await polite.arrivals();
    const future = executor.tasks.hold(blocking.cells);
    await blocking.arrivals();
    future.cancel();
    const at = performance.now();
    for (let i = 0; performance.now() - at < 250; i++) expect(await executor.tasks.add(i, 1)).toBe(i + 1);
    blocking.open();
    polite.open();
    expect(await other).toBe(7);
  });
});

type Tasks = ReturnType<typeof open<'cancelled.js'>>['tasks'];

/** Resolves when a worker has ended. */
function ended(executor: Pick<ReturnType<typeof open>, 'events'>): Promise<void> {
  return new Promise((resolve) => {
    executor.events.subscribe(({ type }) => (type === 'worker-ended' || type === 'worker-died') && resolve());
  });
}
