import { describe, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/protocol/ledger.js';
import type { FromWorker, SessionConfig } from '../../src/protocol/messages.js';
import { FULFILLED } from '../../src/protocol/messages.js';
import { Session } from '../../src/worker/session.js';
import { registry } from '../../src/worker/task-context.js';

const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;

function open(config: Partial<SessionConfig> = {}) {
  const sent: FromWorker[] = [];
  const end = vi.fn();
  const host = {
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

  it.each<[what: string, config: Partial<SessionConfig>, stage: string]>([
    ['a module that throws', { module: module('throw new Error("no luck")') }, 'module'],
    [
      'an initializer that throws',
      { module: module('export const init = () => { throw new Error("no luck"); }'), initializer: 'init' },
      'initializer',
    ],
  ])('%s is reported with its stage and its error', async (_, config, stage) => {
    const { session, sent } = open(config);
    await session.boot();
    expect(sent).toMatchObject([{ type: 'boot-failed', stage, error: { message: 'no luck' } }]);
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
    expect(sent[0]).toMatchObject({ cells: [0, FULFILLED] });
    expect(session.isIdle).toBe(true);
  });

  it('a ping is answered, and the end ends the host', () => {
    const { session, sent, end } = open();
    session.receive({ type: 'ping' });
    session.receive({ type: 'end' });
    expect(sent).toEqual([{ type: 'pong' }]);
    expect(end).toHaveBeenCalledTimes(1);
  });
});

describe('fault()', () => {
  it('an error of unknown origin is reported with the name of the worker', () => {
    const { session, sent } = open();
    session.fault(new Error('in a timer'));
    expect(sent).toMatchObject([{ type: 'faulted', id: 0, name: 'crew-1', error: { message: 'in a timer' } }]);
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
    expect(sent.map(({ type }) => type)).toContain('faulted');
    expect(registry.running.size).toBe(0);
  });
});
