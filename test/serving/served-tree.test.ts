/** Job trees on a server, with an engine on this thread and an outbox that only records. */
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../src/backends/node.js';
import { Engine } from '../../src/engine/engine.js';
import { ServedTasks } from '../../src/engine/served-tasks.js';
import { resolveOptions } from '../../src/options/resolve.js';
import { REPORT_FULFILLED, REPORT_REJECTED, REPORT_UNCLONABLE } from '../../src/protocol/messages.js';
import type { NodeData } from '../../src/protocol/queue/job-data.js';
import { type OutcomeMessage, outcomeNow, type ToClient } from '../../src/protocol/queue/messages.js';
import { errorText, fromText, toText } from '../../src/protocol/queue/value-text.js';
import { decodeError, type WireError } from '../../src/protocol/wire-error.js';
import { Concurrency } from '../../src/serving/concurrency.js';
import type { Lease } from '../../src/serving/leases.js';
import type { Outbox } from '../../src/serving/outbox.js';
import { NO_PREVIOUS_RUN, type PreviousRuns, ServedTree } from '../../src/serving/served-tree.js';
import { Gate } from '../support/gate.js';
import { fixture } from '../support/open.js';
import { until } from '../support/until.js';

/** A server without Redis. `log` shows the messages to the clients `owner` and `watcher`. */
function openServer(tasks: string, maxPayload = 1_000) {
  const engine = new Engine(
    resolveOptions({ tasks: fixture(tasks), backend: inlineBackend(), maxWorkers: 1 }, runtimes),
  );
  const log: string[] = [];
  const streamed: unknown[] = [];
  const outcomes = new Map<number, OutcomeMessage>();
  const outbox = {
    publish(client: string, _keep: number, message: ToClient) {
      log.push(`${client}: ${show(message)}`);
      if (message.type !== 'values') return;
      expect(message.first).toBe(streamed.length);
      streamed.push(...(fromText(message.values) as unknown[]));
    },
    publishOutcome(outcome: OutcomeMessage, _keep: number, clients: readonly string[]) {
      outcomes.set(outcome.id, outcome);
      log.push(`${clients.join('+')}: ${show(outcome)}`);
    },
  } as unknown as Outbox;
  const noted: string[] = [];
  const lease: { -readonly [K in keyof Lease]: Lease[K] } = {
    isHeld: true,
    isRerun: false,
    retrying: (id: number) => void noted.push(`retry of ${id}`),
    stepped: (id: number, count: number, value: string) =>
      void noted.push(`step ${count} of ${id}: ${JSON.stringify(fromText(value))}`),
  };
  const server = { tasks: new ServedTasks(engine), outbox, concurrency: new Concurrency(1), maxPayload };
  return {
    engine,
    lease,
    log,
    noted,
    outcomes,
    streamed,
    /** Runs a tree. `ended` resolves with the error of the tree. */
    run(nodes: readonly NodeData[], args: readonly unknown[] = [], before: Partial<PreviousRuns> = {}) {
      const data = { nodes, args: '', client: 'owner', keep: 1_000, isOneOfMany: false, lease };
      const tree = new ServedTree(data, { args, contexts: [] }, server);
      const ended = new Promise<unknown>((resolve) => {
        tree.run({ ...NO_PREVIOUS_RUN, ...before }, ([first]) => resolve(first?.failure));
      });
      return { tree, ended };
    },
    [Symbol.asyncDispose]: () => engine.life.terminate(),
  };
}

function node(id: number, step: string | readonly string[], from = -1, more: Partial<NodeData> = {}): NodeData {
  const steps = [step].flat();
  return { id, name: steps.join(), steps, from, attempt: 1, ...more };
}

function show(message: ToClient): string {
  switch (message.type) {
    case 'started':
      return `${message.id} started`;
    case 'progress':
      return `${message.id} progress ${JSON.stringify(fromText(message.value))}`;
    case 'values':
      return `${message.id} values ${JSON.stringify(fromText(message.values))} after ${message.first}`;
    default: {
      const { id, kind, payload, skipped } = message;
      const value = fromText(payload!);
      const text = kind === REPORT_FULFILLED ? JSON.stringify(value) : String(decodeError(value as WireError));
      return `${id} ${KINDS[kind]} ${text}${skipped ? ', skipped' : ''}`;
    }
  }
}

const KINDS: Readonly<Record<number, string>> = { 0: 'fulfilled', 1: 'rejected', 4: 'unclonable', 5: 'cancelled' };

describe('ServedTree', () => {
  it('a tree reports the start and the outcome of each node, in the order of the chain', async () => {
    await using server = openServer('gates.js');
    const { tree, ended } = server.run([node(1, 'add'), node(2, 'double', 0), node(3, 'increment', 1)], [1, 2]);
    expect(await ended).toBeUndefined();
    expect(server.log).toEqual([
      'owner: 1 started',
      'owner: 1 fulfilled 3',
      'owner: 2 started',
      'owner: 2 fulfilled 6',
      'owner: 3 started',
      'owner: 3 fulfilled 7',
    ]);
    expect(tree.runTime).toBeGreaterThanOrEqual(0);
  });

  it('a node behind a failed node is reported as skipped, and the tree ends with the first error', async () => {
    await using server = openServer('errors.js');
    const { ended } = server.run([node(1, 'fail'), node(2, 'fail', 0)], ['lost']);
    expect(String(await ended)).toBe('Error: lost');
    expect(server.log.slice(1)).toEqual(['owner: 1 rejected Error: lost', 'owner: 2 rejected Error: lost, skipped']);
  });

  it('a node that settled on another server is not run again, and the node behind it continues', async () => {
    await using server = openServer('gates.js');
    const outcomes = new Map([[1, outcomeNow(1, 1, REPORT_FULFILLED, toText(20))]]);
    const { ended } = server.run([node(1, 'add'), node(2, 'double', 0)], [1, 2], { outcomes });
    expect(await ended).toBeUndefined();
    expect(server.log).toEqual(['owner: 2 fulfilled 40']);
  });

  it('a node that failed on another server fails the nodes behind it, and the tree', async () => {
    await using server = openServer('gates.js');
    const outcomes = new Map([[1, outcomeNow(1, 1, REPORT_REJECTED, errorText(new Error('lost')))]]);
    const { ended } = server.run([node(1, 'add'), node(2, 'double', 0)], [1, 2], { outcomes });
    expect(String(await ended)).toBe('Error: lost');
    expect(server.log).toEqual(['owner: 2 rejected Error: lost, skipped']);
  });

  it('a node whose value never left another server runs again for the node behind it', async () => {
    await using server = openServer('gates.js');
    const outcomes = new Map([[1, outcomeNow(1, 1, REPORT_UNCLONABLE, errorText(new Error('too large')))]]);
    const { ended } = server.run([node(1, 'add'), node(2, 'double', 0)], [1, 2], { outcomes });
    expect(await ended).toBeUndefined();
    expect(server.log.at(-1)).toBe('owner: 2 fulfilled 6');
  });

  it('a result above maxPayload is unclonable if another node has it, and otherwise rejected', async () => {
    await using server = openServer('values.js', 10);
    const text = 'a long text';
    const { ended } = server.run([node(1, 'echo'), node(2, 'echo', 0)], [text]);
    expect(String(await ended)).toContain('maxPayload');
    expect(server.outcomes.get(1)!.kind).toBe(REPORT_UNCLONABLE);
    expect(server.outcomes.get(2)!.kind).toBe(REPORT_REJECTED);
  });

  it('progress that can’t be sent rejects the task', async () => {
    await using server = openServer('context.js', 10);
    const { ended } = server.run([node(1, 'report')], [['short', 'a long text']]);
    expect(String(await ended)).toContain('The progress takes');
    expect(server.log.slice(0, 2)).toEqual(['owner: 1 started', 'owner: 1 progress "short"']);
    expect(server.log[2]).toContain('1 rejected SerializationError');
  });

  it('a stream sends as many values as it has credit, and repeated credit grants nothing', async () => {
    await using server = openServer('streams.js');
    const { tree, ended } = server.run([node(1, 'range', -1, { credit: 2 })], [5]);
    await until(() => server.streamed.length === 2);
    tree.handle({ type: 'credit', id: 1, count: 2 });
    await until(() => server.streamed.length === 4);
    tree.handle({ type: 'credit', id: 1, count: 2 });
    tree.handle({ type: 'credit', id: 1, count: 4 });
    await ended;
    expect(server.streamed).toEqual([1, 2, 3, 4, 5]);
    expect(server.outcomes.get(1)!.emitted).toBe(5);
  });

  it('a client that watches a future receives its start, its progress and its outcome', async () => {
    await using server = openServer('context.js');
    const { tree, ended } = server.run([node(1, 'report')], [['half']]);
    tree.handle({ type: 'watch', id: 1, client: 'watcher' });
    await ended;
    expect(server.log.filter((line) => line.includes('watcher'))).toEqual([
      'watcher: 1 started',
      'watcher: 1 progress "half"',
      'owner+watcher: 1 fulfilled 1',
    ]);
  });

  it('a cancel of another attempt is ignored', async () => {
    await using server = openServer('gates.js');
    using gate = new Gate();
    const { tree, ended } = server.run([node(1, 'linger', -1, { attempt: 2 }), node(2, 'double', 0)], [gate.cells]);
    await gate.arrivals();
    const reason = errorText(new Error('enough'));
    tree.handle({ type: 'cancel', id: 1, attempt: 1, reason });
    expect(server.log).toEqual(['owner: 1 started']);
    tree.handle({ type: 'cancel', id: 1, attempt: 2, reason });
    expect(String(await ended)).toBe('Error: enough');
    expect(server.log.slice(1)).toEqual(['owner: 1 cancelled Error: enough', 'owner: 2 cancelled Error: enough']);
  });

  it('a retry is noted, and retries that another server used do not count again', async () => {
    await using server = openServer('gates.js');
    using gate = new Gate();
    const nodes = [node(1, 'failUntil', -1, { retry: { count: 2, delay: 0 } })];
    const { ended } = server.run(nodes, [gate.cells, 3], { retried: new Map([[1, 1]]) });
    expect(String(await ended)).toBe('Error: run 2 failed');
    expect(server.noted).toEqual(['retry of 1']);
  });

  it('the steps of a node that runs again are noted, and continue where another server stopped', async () => {
    await using server = openServer('gates.js');
    server.lease.isRerun = true;
    const first = server.run([node(1, ['add', 'double', 'increment'])], [1, 2]);
    await first.ended;
    expect(server.noted).toEqual(['step 1 of 1: 3', 'step 2 of 1: 6']);
    const steps = new Map([[2, { count: 2, value: toText(60) }]]);
    const second = server.run([node(2, ['add', 'double', 'increment'])], [1, 2], { steps });
    await second.ended;
    expect(server.log.at(-1)).toBe('owner: 2 fulfilled 61');
    expect(server.noted).toHaveLength(2);
  });

  it('a cancel stops all steps of a node', async () => {
    await using server = openServer('gates.js');
    server.lease.isRerun = true;
    using gate = new Gate();
    const { tree, ended } = server.run([node(1, ['linger', 'double'])], [gate.cells]);
    await gate.arrivals();
    tree.handle({ type: 'cancel', id: 1, attempt: 1, reason: errorText(new Error('enough')) });
    await ended;
    expect(server.log.at(-1)).toBe('owner: 1 cancelled Error: enough');
    expect(server.engine.pending.count).toBe(0);
    expect(server.noted).toEqual([]);
  });

  it('a server that lost its lock publishes no outcome of a job that runs again elsewhere', async () => {
    await using server = openServer('gates.js');
    server.lease.isRerun = true;
    using gate = new Gate();
    const { ended } = server.run([node(1, 'linger')], [gate.cells]);
    await gate.arrivals();
    server.lease.isHeld = false;
    gate.open();
    expect(await ended).toBeUndefined();
    expect(server.log).toEqual(['owner: 1 started']);
  });
});
