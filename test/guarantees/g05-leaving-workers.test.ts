/**
 * G5 Everything settles, on a worker that receives no more jobs and waits for some that run on it.
 * Some jobs are bound to such a worker: calls of its actors, and parts of a broadcast. A running
 * task may wait for one of them, so they don't wait for the end of the worker.
 */
import { Actor, ActorDiedError, type ExecutorOptions } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { next, record } from '../support/events.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

const newExecutor = (options: ExecutorOptions = {}) =>
  open('actors.js', { maxWorkers: 1, concurrency: 2, terminateAfter: 60_000, ...options });

type Opened = ReturnType<typeof newExecutor>;

/** Starts a task at the gate. Returns what makes its worker receive no more jobs. */
type Way = (executor: Opened, gate: Gate) => Promise<() => unknown>;

const cancelled: Way = async (executor, gate) => {
  const stuck = executor.tasks.linger.with({ terminateAfter: 0 })(gate.cells);
  await gate.arrivals();
  return () => stuck.cancel();
};

const failed: Way = async (executor, gate) => {
  const other = executor.actors.Counter();
  executor.tasks.linger(gate.cells);
  await Promise.all([gate.arrivals(), other.add(0)]);
  return () => other.throwSoon();
};

const ways: [title: string, way: Way][] = [
  ['a cancelled task does not stop', cancelled],
  ['an error has escaped', failed],
];

async function leave(executor: Opened, gate: Gate, way: Way): Promise<void> {
  const act = await way(executor, gate);
  const recycled = next(executor, 'worker-recycled');
  act();
  await recycled;
}

const readSlowly = ({ tasks }: Opened, to: number) => tasks.range.with({ highWaterMark: 1 }).stream(to);

describe.each(ways)('G5 Everything settles: while a worker waits for its tasks, because %s', (_, way) => {
  it('a call of an actor runs on a new object, so the reader of a stream goes on', async () => {
    await using executor = newExecutor();
    using gate = new Gate();
    await using counter = executor.actors.Counter.with({ restart: 1 })(100);
    await counter.add(0);
    const events = record(executor);
    const values: number[] = [];
    for await (const n of readSlowly(executor, 4)) {
      if (n === 2) await leave(executor, gate, way);
      values.push(await counter.add(n));
    }
    expect(values).toEqual([101, 102, 105, 109]);
    expect(Actor.state(counter)).toBe('alive');
    const restarts = events.of('actor-restarted');
    expect(restarts).toMatchObject([{ actor: 'Counter-1', restarts: 1, error: expect.any(ActorDiedError) }]);
  });

  it('a call of an actor that may not restart is rejected, so the reader of a stream goes on', async () => {
    await using executor = newExecutor();
    using gate = new Gate();
    const counter = executor.actors.Counter();
    await counter.add(0);
    const values: unknown[] = [];
    for await (const n of readSlowly(executor, 3)) {
      if (n === 2) await leave(executor, gate, way);
      values.push(await counter.add(n).catch((error) => error));
    }
    expect(values).toEqual([1, expect.any(ActorDiedError), expect.any(ActorDiedError)]);
    expect(String(values[1])).toMatch(/^ActorDiedError: Worker ".+" receives no more calls, because .+, so the state/);
    expect(Actor.state(counter)).toBe('dead');
  });

  it('the stream of an actor finishes there, although its reader calls the actor', async () => {
    await using executor = newExecutor();
    using gate = new Gate();
    await using counter = executor.actors.Counter.with({ restart: 1, concurrency: 2 })(100);
    const marks: number[] = [];
    for await (const mark of counter.noteEach.with({ highWaterMark: 1 }).stream(gate.cells, 4)) {
      if (mark === 1) await leave(executor, gate, way);
      marks.push(mark, await counter.add(1));
    }
    expect(marks).toEqual([0, 101, 1, 101, 2, 102, 3, 103]);
  });

  it('a running call ends before the actor is constructed again', async () => {
    await using executor = newExecutor();
    using gate = new Gate();
    using other = new Gate();
    await using counter = executor.actors.Counter.with({ restart: 1 })(100);
    const running = counter.linger(other.cells, 1);
    await other.arrivals();
    const waiting = counter.add(1);
    await leave(executor, gate, way);
    for (let turn = 0; turn < 20; turn++) await executor.tasks.double(turn);
    expect([running.isSettled, waiting.isSettled, Actor.state(counter)]).toEqual([false, false, 'starting']);
    other.open();
    expect([await running, await waiting]).toEqual([1, 101]);
  });

  it('a running call that is cancelled is not waited for', async () => {
    await using executor = newExecutor();
    using gate = new Gate();
    using other = new Gate();
    await using counter = executor.actors.Counter.with({ restart: 1 })(100);
    const running = counter.ignoreCancel(other.cells, 1);
    await other.arrivals();
    const waiting = counter.add(1);
    await leave(executor, gate, way);
    running.cancel();
    expect(await waiting).toBe(101);
  });

  it('a broadcast does not wait for it, so the reader of a stream goes on', async () => {
    await using executor = newExecutor({ concurrency: 1 });
    using gate = new Gate();
    const results: unknown[] = [];
    for await (const n of readSlowly(executor, 2)) {
      const act = n === 1 ? await way(executor, gate) : undefined;
      const broadcast = executor.broadcast('double', 4);
      if (act !== undefined) {
        expect(executor.stats().queued).toBe(1);
        act();
      }
      results.push(await broadcast);
    }
    expect(results).toEqual([[8], [8]]);
  });
});

describe('G5 Everything settles: when an actor leaves its worker', () => {
  it('an actor leaves the worker when its constructor has finished', async () => {
    await using executor = newExecutor();
    using gate = new Gate();
    using other = new Gate();
    const results: string[] = [];
    for await (const n of readSlowly(executor, 3)) {
      if (n !== 1) continue;
      const act = await cancelled(executor, gate);
      const slow = executor.actors.Slow.with({ restart: 1 })(other.cells);
      await other.arrivals();
      const recycled = next(executor, 'worker-recycled');
      act();
      await recycled;
      other.open();
      results.push(await slow.work());
    }
    expect(results).toEqual(['done']);
  });

  it.each([1, 2])(
    'a cancelled call that does not stop delays no other call, with concurrency %d',
    async (concurrency) => {
      await using executor = newExecutor();
      using gate = new Gate();
      await using counter = executor.actors.Counter.with({ restart: 1, concurrency })(100);
      const values: number[] = [];
      for await (const n of readSlowly(executor, 3)) {
        if (n === 2) {
          const stuck = counter.ignoreCancel.with({ terminateAfter: 0 })(gate.cells, 1);
          await gate.arrivals();
          const recycled = next(executor, 'worker-recycled');
          stuck.cancel();
          await recycled;
        }
        values.push(await counter.add(n));
      }
      expect(values).toEqual([101, 102, 105]);
    },
  );

  it('the former object is disposed of before the worker ends', async () => {
    await using executor = newExecutor();
    using gate = new Gate();
    using life = new Gate();
    await using connection = executor.actors.Connection.with({ restart: 1 })(life.cells);
    const first = await connection.work();
    await leave(executor, gate, failed);
    expect(await connection.work()).not.toBe(first);
    const exited = next(executor, 'worker-died');
    expect(life.notes).toEqual([1, 2, 1, 2]);
    gate.open();
    await exited;
    expect(life.notes).toEqual([1, 2, 1, 2, 3]);
  });
});
