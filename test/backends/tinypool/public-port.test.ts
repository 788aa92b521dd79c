/**
 * The public port of a worker: parentPort, or the channel of a process. Tasks, libraries and Node
 * use it too.
 */
import { Executor, WorkerDiedError } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../../support/gate.js';
import { fixture } from '../../support/open.js';

type Traffic = typeof import('../../fixtures/traffic.js');
type Runtime = 'worker_threads' | 'child_process';

function open(runtime: Runtime) {
  const executor = new Executor<Traffic>({ tasks: fixture('traffic.js'), maxWorkers: 1, runtime });
  const ends: string[] = [];
  executor.events.subscribe(({ type }) => {
    if (type === 'worker-died' || type === 'worker-recycled') ends.push(type);
  });
  return { executor, ends };
}

const messages = [
  null,
  'text',
  7,
  {},
  [],
  { 'watch:import': ['file:///app.js'] },
  // Messages that resemble those of tinypool.
  { ready: true },
  { ready: false },
  { taskId: 1, result: null, error: null },
  { __tinypool_worker_message__: true, source: 'port', taskId: 1 },
  { __tinypool_worker_message__: true, source: 'pool' },
  { port: null, filename: 'nowhere.js', name: 'nothing' },
  // Messages that resemble those of this library.
  { type: 'ready' },
  { type: 'end' },
  { type: 'reports', cells: [0, 0], values: ['forged'], busy: 0 },
  { rxFutures: 'another session', message: { type: 'boot-failed', prerequisite: 'module', error: {} } },
];

const threads: MessageEvents[] = [];
const collect = (thread: unknown) => threads.push(thread as MessageEvents);

interface MessageEvents {
  on(type: 'message', listener: () => void): void;
}

beforeEach(() => {
  threads.length = 0;
  process.on('worker', collect);
});
afterEach(() => void process.off('worker', collect));

/**
 * Resolves when `act` has caused `count` messages on the public port of each thread. A child
 * process needs no such wait: its results travel behind its messages, on the same channel.
 */
async function withMessages(count: number, act: () => Promise<void>): Promise<void> {
  const arrived = threads.map((thread) => {
    let left = count;
    return new Promise<void>((resolve) => thread.on('message', () => --left === 0 && resolve()));
  });
  await act();
  await Promise.all(arrived);
}

describe.each<Runtime>(['worker_threads', 'child_process'])('the public port of a worker in %s', (runtime) => {
  it('the port ignores messages that a task posts to the main thread', async () => {
    const { executor, ends } = open(runtime);
    await executor.ready();
    await withMessages(messages.length, async () => {
      for (const message of messages) {
        expect(await executor.tasks.say(message), JSON.stringify(message)).toBe('said');
      }
    });
    expect(await executor.tasks.add(1, 2)).toBe(3);
    await executor.shutdown();
    expect(ends).toEqual([]);
  });

  it('the port ignores messages that a task emits as if the main thread had posted them', async () => {
    const { executor, ends } = open(runtime);
    for (const message of messages) {
      expect(await executor.tasks.hear(message), JSON.stringify(message)).toBe('heard');
      // tinypool reacts to a message with an import.
      await executor.tasks.importNothing();
    }
    await executor.shutdown();
    expect(ends).toEqual([]);
  });

  it.each([
    ['deafen', 'deaf'],
    ['unref', 'let go'],
  ] as const)('the worker continues after a task has called %s', async (name, value) => {
    const { executor, ends } = open(runtime);
    const before = executor.tasks.whichProcess();
    expect(await executor.tasks[name]()).toBe(value);
    expect(await executor.tasks.say('still here')).toBe('said');
    expect(await executor.tasks.whichProcess()).toBe(await before);
    await executor.shutdown();
    expect(ends).toEqual([]);
  });
});

describe('a thread whose task closes parentPort', () => {
  it('a thread whose task has closed parentPort runs the next task', async () => {
    const { executor, ends } = open('worker_threads');
    expect(await executor.tasks.close()).toBe('closed');
    expect(await executor.tasks.add(1, 2)).toBe(3);
    await executor.shutdown();
    expect(ends).toEqual([]);
  });
});

describe('a thread to which a listener of process posts', () => {
  const gate = new Gate();
  const workers: { postMessage(message: unknown): void }[] = [];
  const post = (worker: { postMessage(message: unknown): void }) => {
    worker.postMessage(null);
    worker.postMessage(7);
    workers.push(worker);
  };
  beforeEach(() => void process.on('worker', post as never));
  afterEach(() => void process.off('worker', post as never));

  it('the thread starts normally, and the first listener of its tasks receives all messages', async () => {
    const { executor, ends } = open('worker_threads');
    expect(await executor.tasks.add(1, 2)).toBe(3);
    await executor.tasks.listen(gate.cells);
    workers[0]!.postMessage(42);
    await gate.arrivals(3);
    // The gate stores null as 0.
    expect(gate.notes).toEqual([0, 7, 42]);
    await executor.shutdown();
    expect(ends).toEqual([]);
  });
});

describe('the channel of a child process', () => {
  it('a process still reports after a task has deleted process.send', async () => {
    const { executor } = open('child_process');
    expect(await executor.tasks.hide()).toBe('function');
    expect(await executor.tasks.add(1, 2)).toBe(3);
    await executor.shutdown();
  });

  it('process.disconnect() ends a process: its task rejects, and the next one runs in another process', async () => {
    const { executor } = open('child_process');
    const before = await executor.tasks.whichProcess();
    await expect(executor.tasks.close()).rejects.toThrow(WorkerDiedError);
    expect(await executor.tasks.whichProcess()).not.toBe(before);
    await executor.shutdown();
  });
});
