/** Tasks that the engine runs on behalf of another program, such as the server of a queue. */
import type { Backend } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../src/backends/node.js';
import { Engine } from '../../src/engine/engine.js';
import { type ServedOutcome, type ServedTaskData, ServedTasks, type Tap } from '../../src/engine/served-tasks.js';
import { ExecutorShutdownError } from '../../src/errors.js';
import { resolveOptions } from '../../src/options/resolve.js';
import type { ToWorker } from '../../src/protocol/messages.js';
import { Gate } from '../support/gate.js';
import { fixture } from '../support/open.js';
import { until } from '../support/until.js';

/** Opens an engine on this thread, and records its batches and its unobserved errors. */
function openEngine(tasks: string) {
  const batches: Extract<ToWorker, { type: 'run' }>[] = [];
  const unobserved: unknown[] = [];
  const inline = inlineBackend();
  const backend: Backend = {
    name: 'recording',
    open(config, options, listener) {
      const session = inline.open(config, options, listener);
      const post = session.post.bind(session);
      session.post = (message, transfer) => {
        if (message.type === 'run') batches.push(message);
        post(message, transfer);
      };
      return session;
    },
  };
  const onUnobservedError = (error: unknown) => unobserved.push(error);
  const engine = new Engine(
    resolveOptions({ tasks: fixture(tasks), backend, maxWorkers: 1, onUnobservedError }, runtimes),
  );
  return {
    engine,
    batches,
    unobserved,
    served: new ServedTasks(engine),
    [Symbol.asyncDispose]: () => engine.life.terminate(),
  };
}

/** Records the calls of a tap, and the outcome as a promise. */
class Recorder implements Tap {
  readonly calls: string[] = [];
  readonly values: unknown[] = [];
  readonly times: [number, number][] = [];
  #end!: (outcome: ServedOutcome) => void;
  readonly outcome = new Promise<ServedOutcome>((resolve) => {
    this.#end = resolve;
  });

  ran(startedAt: number, endedAt: number): void {
    this.calls.push('ran');
    this.times.push([startedAt, endedAt]);
  }

  progressed(value: unknown): void {
    this.calls.push(`progressed ${value}`);
  }

  streamed(values: readonly unknown[]): void {
    this.calls.push('streamed');
    this.values.push(...values);
  }

  retrying(): void {
    this.calls.push('retrying');
  }

  ended(outcome: ServedOutcome): void {
    this.calls.push(`ended ${outcome.status}`);
    this.#end(outcome);
  }
}

let lastId = 1_000;

function dataOf(steps: string | string[], more: Partial<ServedTaskData> = {}): ServedTaskData {
  const names = [steps].flat();
  return { id: ++lastId, attempt: 1, name: names.join(' → '), steps: names, ...more };
}

describe('ServedTasks', () => {
  it('a task reports its run time and then its value', async () => {
    await using host = openEngine('gates.js');
    const tap = new Recorder();
    const before = Date.now();
    host.served.serve(dataOf(['add', 'double']), [1, 2], tap);
    expect(await tap.outcome).toMatchObject({ status: 'fulfilled', value: 6 });
    expect(tap.calls).toEqual(['ran', 'ended fulfilled']);
    const [[started, ended]] = tap.times as [[number, number]];
    expect(started).toBeGreaterThanOrEqual(before - 1);
    expect(ended).toBeGreaterThanOrEqual(started);
  });

  it('tasks that are served in one tick, each behind another one, are dispatched as one job tree', async () => {
    await using host = openEngine('gates.js');
    const taps = [new Recorder(), new Recorder(), new Recorder()] as const;
    const first = host.served.serve(dataOf('add'), [1, 2], taps[0]);
    const second = host.served.serve(dataOf('double'), first, taps[1]);
    host.served.serve(dataOf('increment'), second, taps[2]);
    const outcomes = await Promise.all(taps.map(({ outcome }) => outcome));
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual([3, 6, 7]);
    expect(host.batches).toHaveLength(1);
    // Only the root of a tree has arguments.
    expect(host.batches[0]!.args).toEqual([1, 2]);
  });

  it('a task has the id and the attempt that the program has given it', async () => {
    await using host = openEngine('context.js');
    const tap = new Recorder();
    host.served.serve(dataOf('describeSelf', { id: 4711, attempt: 3 }), [], tap);
    expect(await tap.outcome).toMatchObject({ value: { id: 4711, attempt: 3 } });
  });

  it('the engine does not report a failed task as unobserved', async () => {
    await using host = openEngine('errors.js');
    const tap = new Recorder();
    host.served.serve(dataOf('fail'), ['lost'], tap);
    expect(await tap.outcome).toMatchObject({
      status: 'rejected',
      reason: new Error('lost'),
      isUnsendable: false,
    });
    await host.engine.life.shutdown(false);
    expect(host.unobserved).toEqual([]);
  });

  it('a task whose upstream fails ends with the same error and never runs', async () => {
    await using host = openEngine('errors.js');
    const taps = [new Recorder(), new Recorder()] as const;
    host.served.serve(dataOf('fail'), host.served.serve(dataOf('fail'), ['lost'], taps[0]), taps[1]);
    const [first, second] = await Promise.all(taps.map(({ outcome }) => outcome));
    expect(second).toEqual(first);
    expect(taps[1].calls).toEqual(['ended rejected']);
  });

  it('a value that can’t leave the worker is marked as unsendable, and the task behind it runs', async () => {
    await using host = openEngine('steps.js');
    using gate = new Gate();
    const taps = [new Recorder(), new Recorder()] as const;
    host.served.serve(dataOf('markWith'), host.served.serve(dataOf('giveFunction'), [gate.cells], taps[0]), taps[1]);
    expect(await taps[0].outcome).toMatchObject({ status: 'rejected', isUnsendable: true });
    expect(await taps[1].outcome).toMatchObject({ status: 'fulfilled', value: gate.cells.length });
  });

  it.each<[string, ServedOutcome, string]>([
    ['fulfilled', { status: 'fulfilled', value: 4 }, 'fulfilled 8'],
    ['rejected', { status: 'rejected', reason: 'lost', isUnsendable: false }, 'rejected lost'],
    ['cancelled', { status: 'cancelled', reason: 'enough' }, 'cancelled enough'],
  ])('a task continues from an upstream task that was %s before', async (_status, upstream, expected) => {
    await using host = openEngine('gates.js');
    const tap = new Recorder();
    host.served.serve(dataOf('double'), upstream, tap);
    // The program does not have the task yet.
    expect(tap.calls).toEqual([]);
    const outcome = await tap.outcome;
    expect(`${outcome.status} ${outcome.status === 'fulfilled' ? outcome.value : outcome.reason}`).toBe(expected);
  });

  it('progress of a task arrives before its outcome', async () => {
    await using host = openEngine('context.js');
    const tap = new Recorder();
    host.served.serve(dataOf('report'), [['a', 'b']], tap);
    await tap.outcome;
    expect(tap.calls).toEqual(['progressed a', 'progressed b', 'ran', 'ended fulfilled']);
  });

  it('a retry is announced, and only the last run has an outcome', async () => {
    await using host = openEngine('gates.js');
    using gate = new Gate();
    const tap = new Recorder();
    host.served.serve(dataOf('failUntil', { retry: { count: 2, delay: 0 } }), [gate.cells, 3], tap);
    expect(await tap.outcome).toMatchObject({ status: 'fulfilled', value: 3 });
    expect(tap.calls).toEqual(['ran', 'retrying', 'ran', 'retrying', 'ran', 'ended fulfilled']);
  });

  it('a task that exceeds its timeout is rejected with a TimeoutError', async () => {
    await using host = openEngine('gates.js');
    using gate = new Gate();
    const tap = new Recorder();
    host.served.serve(dataOf('linger', { timeout: 5 }), [gate.cells], tap);
    expect(await tap.outcome).toMatchObject({ status: 'rejected', reason: { name: 'TimeoutError' } });
  });

  it('a task whose deadline has expired in the other program is rejected and does not run', async () => {
    await using host = openEngine('gates.js');
    using gate = new Gate();
    const taps = [new Recorder(), new Recorder()] as const;
    const late = host.served.serve(dataOf('count', { deadline: 50, expires: Date.now() - 1 }), [gate.cells], taps[0]);
    host.served.serve(dataOf('double'), late, taps[1]);
    const reason = { name: 'TimeoutError', phase: 'waiting' };
    for (const { outcome } of taps) expect(await outcome).toMatchObject({ status: 'rejected', reason });
    expect(gate.runs).toBe(0);
  });

  it('a task has only the rest of a deadline that has started in the other program', async () => {
    await using host = openEngine('gates.js');
    using gate = new Gate();
    const tap = new Recorder();
    host.served.serve(dataOf('linger', { deadline: 3_600_000, expires: Date.now() + 20 }), [gate.cells], tap);
    expect(await tap.outcome).toMatchObject({
      reason: { message: expect.stringContaining('deadline of 3600000 ms') },
    });
  });

  it('a task reads the context that the program has passed', async () => {
    await using host = openEngine('context.js');
    const tap = new Recorder();
    host.served.serve(dataOf('readContext', { context: { request: 7 } }), [], tap);
    expect(await tap.outcome).toMatchObject({ value: [{ request: 7 }, { request: 7 }] });
  });

  it('a stream emits as many values as its credit, and more when it is granted', async () => {
    await using host = openEngine('streams.js');
    const tap = new Recorder();
    const task = host.served.serve(dataOf('range', { credit: 2 }), [5], tap);
    // Nothing is granted before the stream is on a worker.
    expect(task.grant(1)).toBe(false);
    await until(() => tap.values.length === 2);
    expect(task.grant(2)).toBe(true);
    await until(() => tap.values.length === 4);
    expect(task.grant(2)).toBe(true);
    await tap.outcome;
    expect(tap.values).toEqual([1, 2, 3, 4, 5]);
    expect(task.grant(1)).toBe(false);
  });

  it('cancel() ends a running task at once, and the task behind it, with the reason as it was passed', async () => {
    await using host = openEngine('gates.js');
    using gate = new Gate();
    const taps = [new Recorder(), new Recorder()] as const;
    const first = host.served.serve(dataOf('linger'), [gate.cells], taps[0]);
    host.served.serve(dataOf('double'), first, taps[1]);
    await gate.arrivals();
    const reason = { why: 'enough' };
    first.cancel(reason);
    expect(taps.map(({ calls }) => calls)).toEqual([['ended cancelled'], ['ended cancelled']]);
    for (const { outcome } of taps) expect(await outcome).toEqual({ status: 'cancelled', reason });
    first.cancel('again');
    first.fail(new Error('late'));
    expect(taps[0].calls).toEqual(['ended cancelled']);
  });

  it('fail() stops a running task, which ends with the error', async () => {
    await using host = openEngine('gates.js');
    using gate = new Gate();
    const tap = new Recorder();
    const task = host.served.serve(dataOf('linger'), [gate.cells], tap);
    await gate.arrivals();
    const error = new Error('its progress can’t be sent');
    task.fail(error);
    expect(await tap.outcome).toEqual({ status: 'rejected', reason: error, isUnsendable: false });
    // The worker is free for another task.
    const next = new Recorder();
    host.served.serve(dataOf('add'), [1, 1], next);
    gate.open();
    expect(await next.outcome).toMatchObject({ status: 'fulfilled', value: 2 });
    expect(tap.calls).toEqual(['ended rejected']);
  });

  it('an engine that is shutting down throws at the program, and calls no tap', async () => {
    await using host = openEngine('gates.js');
    await host.engine.life.shutdown(false);
    const tap = new Recorder();
    expect(() => host.served.serve(dataOf('add'), [1, 1], tap)).toThrow(ExecutorShutdownError);
    expect(tap.calls).toEqual([]);
  });

  it('an engine that is terminated cancels the tasks that it serves', async () => {
    await using host = openEngine('gates.js');
    using gate = new Gate();
    const tap = new Recorder();
    host.served.serve(dataOf('linger'), [gate.cells], tap);
    await gate.arrivals();
    await host.engine.life.terminate();
    expect(await tap.outcome).toMatchObject({ status: 'cancelled', reason: expect.any(ExecutorShutdownError) });
  });
});
