import { describe, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../src/protocol/messages.js';
import { REPORT_FULFILLED, REPORT_REJECTED } from '../../src/protocol/messages.js';
import { encodeError } from '../../src/protocol/wire-error.js';
import { Session } from '../../src/worker/session.js';
import { registry } from '../../src/worker/task-context.js';

const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

function open(config: Partial<SessionConfig> = {}) {
  const sent: FromWorker[] = [];
  const end = vi.fn();
  const host = {
    importModule: (url: string) => import(url),
    post: (message: FromWorker) => sent.push(message),
    drainOutput: () => false,
    drainPosts: () => false,
    end,
  };
  const all = {
    workerName: 'crew-1',
    module: undefined,
    initializer: undefined,
    initArgs: [],
    concurrency: 1,
    ...config,
  };
  return { session: new Session(all, new Ledger(), host as never), sent, end };
}

describe('boot()', () => {
  it('a session without a module is ready at once', async () => {
    const { session, sent } = open();
    await session.boot();
    expect(sent).toEqual([{ type: 'ready' }]);
  });

  it('the initializer receives its arguments before the session is ready', async () => {
    const text = 'export const init = async (list, n) => { await null; list.push(n); }';
    const list: number[] = [];
    const { session, sent } = open({ module: module(text), initializer: 'init', initArgs: [list, 5] });
    await session.boot();
    expect([list, sent]).toEqual([[5], [{ type: 'ready' }]]);
  });

  it.each<[what: string, config: Partial<SessionConfig>, prerequisite: string]>([
    ['a module that throws', { module: module('throw new Error("no luck")') }, 'module'],
    [
      'an initializer that throws',
      { module: module('export const init = () => { throw new Error("no luck"); }'), initializer: 'init' },
      'initializer',
    ],
  ])('%s is reported with its prerequisite and its error', async (_, config, prerequisite) => {
    const { session, sent } = open(config);
    await session.boot();
    expect(sent).toMatchObject([{ type: 'boot-failed', prerequisite, error: { message: 'no luck' } }]);
  });
});

describe('the messages of the main thread', () => {
  it('a batch runs, and its functions are known from then on', () => {
    const { session, sent } = open();
    const functions = [{ key: 1, kind: 'source', name: 'double', text: '(n) => 2 * n' } as const];
    session.receive({ type: 'run', cells: [0, -1, 10, 1, 1, 1, 1], args: [4], functions });
    session.receive({ type: 'run', cells: [1, -1, 11, 1, 1, 1, 1], args: [5] });
    const values = sent.flatMap((message) => (message.type === 'reports' ? message.values : []));
    expect(values).toEqual([8, 10]);
    expect(sent[0]).toMatchObject({ cells: [0, REPORT_FULFILLED] });
    expect(session.isIdle).toBe(true);
  });

  it('the size of the heap is the answer to `measure`', () => {
    const { session, sent } = open();
    session.receive({ type: 'measure' });
    expect(sent).toEqual([{ type: 'measured', heap: expect.any(Number) }]);
    expect((sent[0] as { heap: number }).heap).toBeGreaterThan(1_000_000);
  });

  it('a ping is answered, and the end ends the host', () => {
    const { session, sent, end } = open();
    session.receive({ type: 'ping' });
    session.receive({ type: 'end' });
    expect(sent).toEqual([{ type: 'pong' }]);
    expect(end).toHaveBeenCalledTimes(1);
  });
});

describe('an abort that is read inside of a task', () => {
  /** A session whose task throws when it is cancelled. `unread` has messages that have arrived. */
  function cancelled(...unread: ToWorker[]) {
    const sent: FromWorker[] = [];
    const ledger = new Ledger();
    const host = {
      post: (message: FromWorker) => sent.push(message),
      next: () => unread.shift(),
      drainOutput: () => false,
      drainPosts: () => false,
      end: vi.fn(),
    };
    const config = { workerName: 'crew-1', module: undefined, initializer: undefined, initArgs: [], concurrency: 1 };
    const session = new Session(config, ledger, host as never);
    const text = `async () => {
      await null;
      const [task] = globalThis[Symbol.for('rx-futures.running-tasks')].running;
      task.throwIfCancelled();
    }`;
    const functions = [
      { key: 1, kind: 'source', name: 'stop', text },
      { key: 2, kind: 'source', name: 'one', text: '() => 1' },
    ] as const;
    const reported = () => sent.flatMap((message) => (message.type === 'reports' ? [...message.cells] : []));
    return { session, ledger, functions, sent, reported };
  }

  const abort = (slot: number, id: number) =>
    ({ type: 'abort', slot, id, attempt: 1, reason: encodeError('enough') }) as const;

  it('messages before it and behind it are handled in the next turn, in their order', async () => {
    const run = { type: 'run', cells: [1, -1, 11, 1, 0, 1, 2], args: [] } as const;
    const { session, ledger, functions, sent, reported } = cancelled(run, abort(3, 30), abort(0, 10));
    session.receive({ type: 'run', cells: [0, -1, 10, 1, 0, 1, 1], args: [], functions });
    ledger.stop(0);
    // The task throws within these microtasks. The other messages wait for the next turn.
    for (let i = 0; i < 10; i++) await null;
    expect([session.isIdle, reported()]).toEqual([false, [0, REPORT_REJECTED]]);
    session.receive({ type: 'ping' });
    await vi.waitFor(() => expect(reported()).toEqual([0, REPORT_REJECTED, 1, REPORT_FULFILLED]));
    expect(sent[0]).toMatchObject({ values: [{ value: 'enough' }] });
    expect(sent.some(({ type }) => type === 'pong')).toBe(true);
    expect(session.isIdle).toBe(true);
  });
});

describe('fault()', () => {
  it('an error of unknown origin is reported with the name of the worker', () => {
    const { session, sent } = open();
    session.fault(new Error('in a timer'));
    expect(sent).toMatchObject([
      { type: 'faulted', isRejected: false, id: 0, name: 'crew-1', error: { message: 'in a timer' } },
    ]);
  });

  it('a revoked Proxy is reported like any other value, and rejects the task that threw it', async () => {
    const { session, sent } = open();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const functions = [{ key: 1, kind: 'source', name: 'wait', text: '() => new Promise(() => {})' } as const];
    session.receive({ type: 'run', cells: [0, -1, 10, 1, 0, 1, 1], args: [], functions });
    const [task] = registry.running;
    registry.storage.run(task!, () => session.fault(proxy));
    await Promise.resolve();
    expect(sent).toContainEqual(expect.objectContaining({ type: 'faulted', isRejected: true, id: 10 }));
    expect(registry.running.size).toBe(0);
  });
});
