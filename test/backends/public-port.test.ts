/** The public port of a worker (parentPort, or the channel of a process) is for tasks, their libraries and Node too. */
import { Executor, WorkerDiedError } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { fixture } from '../support/open.js';

type Traffic = typeof import('../fixtures/traffic.js');
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
  // Like tinypool's.
  { ready: true },
  { ready: false },
  { taskId: 1, result: null, error: null },
  { __tinypool_worker_message__: true, source: 'port', taskId: 1 },
  { __tinypool_worker_message__: true, source: 'pool' },
  { port: null, filename: 'nowhere.js', name: 'nothing' },
  // Like those of this library.
  { type: 'ready' },
  { type: 'end' },
  { type: 'reports', cells: [0, 0], values: ['forged'], busy: 0 },
  { rxFutures: 'another session', message: { type: 'boot-failed', stage: 'module', error: {} } },
];

describe.each<Runtime>(['worker_threads', 'child_process'])('the public port of a worker in %s', (runtime) => {
  it('ignores what a task posts to main', async () => {
    const { executor, ends } = open(runtime);
    for (const message of messages) {
      expect(await executor.tasks.say(message), JSON.stringify(message)).toBe('said');
    }
    await executor.shutdown();
    expect(ends).toEqual([]);
  });

  it('ignores what a task pretends that main has posted', async () => {
    const { executor, ends } = open(runtime);
    for (const message of messages) {
      expect(await executor.tasks.hear(message), JSON.stringify(message)).toBe('heard');
      // What tinypool makes of a message comes in a later turn.
      await executor.tasks.say(0);
    }
    await executor.shutdown();
    expect(ends).toEqual([]);
  });

  it.each([
    ['deafen', 'deaf'],
    ['unref', 'let go'],
  ] as const)('may be used in a task that calls %s', async (name, value) => {
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
  it('goes on', async () => {
    const { executor, ends } = open('worker_threads');
    expect(await executor.tasks.close()).toBe('closed');
    expect(await executor.tasks.add(1, 2)).toBe(3);
    await executor.shutdown();
    expect(ends).toEqual([]);
  });
});

describe('a thread that a listener of process posts to', () => {
  const gate = new Gate();
  const workers: { postMessage(message: unknown): void }[] = [];
  const post = (worker: { postMessage(message: unknown): void }) => {
    worker.postMessage(null);
    worker.postMessage(7);
    workers.push(worker);
  };
  beforeEach(() => void process.on('worker', post as never));
  afterEach(() => void process.off('worker', post as never));

  it('starts as any other, and the first listener of its tasks receives all that was posted', async () => {
    const { executor, ends } = open('worker_threads');
    expect(await executor.tasks.add(1, 2)).toBe(3);
    await executor.tasks.listen(gate.cells);
    workers[0]!.postMessage(42);
    await gate.arrivals(3);
    // null is noted as 0.
    expect(gate.notes).toEqual([0, 7, 42]);
    await executor.shutdown();
    expect(ends).toEqual([]);
  });
});

describe('a child process whose task', () => {
  it('deletes process.send, still reports', async () => {
    const { executor } = open('child_process');
    expect(await executor.tasks.hide()).toBe('function');
    expect(await executor.tasks.add(1, 2)).toBe(3);
    await executor.shutdown();
  });

  it('calls process.disconnect(), ends: that task rejects, the next one runs in another process', async () => {
    const { executor } = open('child_process');
    const before = await executor.tasks.whichProcess();
    await expect(executor.tasks.close()).rejects.toThrow(WorkerDiedError);
    expect(await executor.tasks.whichProcess()).not.toBe(before);
    await executor.shutdown();
  });
});
