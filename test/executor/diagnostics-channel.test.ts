/** The events for tools that attach from outside: `rx-futures:*` in node:diagnostics_channel. */
import diagnostics_channel from 'node:diagnostics_channel';
import type { EventType, ExecutorEvent } from 'rx-futures';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EventSource } from '../../src/engine/observe/events.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

const types: readonly EventType[] = [
  'worker-spawned',
  'worker-ready',
  'worker-recycled',
  'worker-ended',
  'worker-died',
  'task-submitted',
  'task-started',
  'task-retried',
  'task-settled',
];

const channelOf = (type: EventType) => `rx-futures:${type.replace('-', ':')}`;

/** Subscribes until the end of the test, or until the returned function is called. */
function subscribe(type: EventType, listener: (message: unknown, name: string | symbol) => void): () => void {
  diagnostics_channel.subscribe(channelOf(type), listener);
  const leave = () => void diagnostics_channel.unsubscribe(channelOf(type), listener);
  onTestFinished(leave);
  return leave;
}

/** Runs workers and tasks that cause an event of each type. */
async function stormyLife(executor: ReturnType<typeof openCrew>): Promise<void> {
  using gate = new Gate();
  // The first worker dies. The second one is recycled after the second run and one more task.
  await executor.tasks.exitAtFirst.with({ retry: 1 })(gate.cells);
  await executor.tasks.add(1, 1);
  await executor.shutdown();
}

function openCrew() {
  return open('gates.js', { name: 'crew', maxWorkers: 1, maxTasksPerWorker: 2 });
}

describe('the channels', () => {
  it('each channel receives the same event objects as executor.events, in the same order', async () => {
    const published: unknown[] = [];
    for (const type of types) {
      subscribe(type, (message, name) => {
        expect(name).toBe(channelOf((message as ExecutorEvent).type));
        published.push(message);
      });
    }
    const executor = openCrew();
    const observed: ExecutorEvent[] = [];
    executor.events.subscribe((event) => observed.push(event));
    await stormyLife(executor);
    expect(new Set(observed.map(({ type }) => type))).toEqual(new Set(types));
    expect(published).toHaveLength(observed.length);
    for (const [i, event] of observed.entries()) expect(published[i]).toBe(event);
  });

  it('a channel receives the events of all executors by name, without a subscriber of executor.events', async () => {
    const received: string[] = [];
    subscribe('task-settled', (message) => {
      const { executor, name } = message as ExecutorEvent & { type: 'task-settled' };
      received.push(`${executor}: ${name}`);
    });
    await using one = open('gates.js', { name: 'one', maxWorkers: 1 });
    await using two = open('gates.js', { name: 'two', maxWorkers: 1 });
    await one.tasks.add(1, 1);
    await two.tasks.double(2);
    expect(received).toEqual(['one: add', 'two: double']);
  });

  it('a listener that has unsubscribed receives no more messages', async () => {
    const listener = vi.fn();
    const leave = subscribe('task-settled', listener);
    await using executor = open('gates.js', { maxWorkers: 1 });
    await executor.tasks.add(1, 1);
    leave();
    await executor.tasks.add(1, 1);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it.each(types)('a listener of %s alone causes no event of another type to be created', async (type) => {
    const emit = vi.spyOn(EventSource.prototype, 'emit');
    onTestFinished(() => void emit.mockRestore());
    const listener = vi.fn();
    subscribe(type, listener);
    await stormyLife(openCrew());
    expect(listener).toHaveBeenCalled();
    expect(new Set(emit.mock.calls.map(([made]) => made))).toEqual(new Set([type]));
    expect(emit).toHaveBeenCalledTimes(listener.mock.calls.length);
  });

  it('a listener of task:settled alone receives all times of the task', async () => {
    const settled = new Promise<unknown>((resolve) => void subscribe('task-settled', resolve));
    await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    await executor.tasks.add(1, 1);
    const ms = expect.any(Number);
    expect(await settled).toMatchObject({ worker: 'crew-1', attempt: 1, waited: ms, ran: ms, total: ms });
  });

  it('a listener of task:started alone receives the event while the task runs', async () => {
    const started = new Promise<unknown>((resolve) => void subscribe('task-started', resolve));
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.hold(gate.cells);
    expect(await started).toMatchObject({ id: future.id });
    expect(future.state).toBe('running');
  });

  it('a listener that throws causes an uncaught exception later, as in Node, and no task is affected', async () => {
    const uncaught = vi.fn();
    process.setUncaughtExceptionCaptureCallback(uncaught);
    onTestFinished(() => process.setUncaughtExceptionCaptureCallback(null));
    const error = new Error('in the listener');
    for (const type of types) {
      subscribe(type, () => {
        throw error;
      });
    }
    const executor = openCrew();
    const observed = vi.fn();
    executor.events.subscribe(observed);
    await stormyLife(executor);
    expect(executor.stats()).toMatchObject({ fulfilled: 2, rejected: 0 });
    await vi.waitFor(() => expect(uncaught).toHaveBeenCalledTimes(observed.mock.calls.length));
    expect(new Set(uncaught.mock.calls.flat())).toEqual(new Set([error]));
  });
});

describe('an EventSource', () => {
  it('an EventSource wants exactly the event types that have a listener', () => {
    const source = new EventSource('crew');
    const wanted = () => types.filter((type) => source.wants(type));
    expect(wanted()).toEqual([]);
    const leave = subscribe('task-settled', () => {});
    expect(wanted()).toEqual(['task-settled']);
    const listening = source.events.subscribe();
    expect(wanted()).toEqual(types);
    listening.unsubscribe();
    expect(wanted()).toEqual(['task-settled']);
    leave();
    expect(wanted()).toEqual([]);
    source.events.subscribe();
    source.complete();
    expect(wanted()).toEqual([]);
  });
});
