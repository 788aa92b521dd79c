/** The session of a queue's client: what it writes to the queue, and what it reports back. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Ending } from '../../../src/backends/ending.js';
import { QueueLedger } from '../../../src/backends/queue/ledger.js';
import type { LostFutures } from '../../../src/backends/queue/pending.js';
import { QueueSession } from '../../../src/backends/queue/session.js';
import { NO_UPSTREAM, writeJob } from '../../../src/protocol/job-layout.js';
import {
  type FromWorker,
  REPORT_FULFILLED,
  REPORT_REJECTED,
  REPORT_SKIPPED,
  type ToWorker,
} from '../../../src/protocol/messages.js';
import { encodeMessages, outcomeNow, type ToServer } from '../../../src/protocol/queue/messages.js';
import type { Batch, ClientListener, FutureLookup } from '../../../src/protocol/queue/transport.js';
import { toText } from '../../../src/protocol/queue/value-text.js';
import { encodeError } from '../../../src/protocol/wire-error.js';
import { until } from '../../support/until.js';

const END = 'end future-1: CancelledError: Error: not needed';

/** A connection to a queue that notes each call, and whose answers a test sets. */
class FakeConnection {
  readonly isReady = true;
  readonly log: string[] = [];
  readonly orders: ToServer[] = [];
  /** The futures whose jobs the queue has. */
  there: readonly number[] = [];
  adding: Promise<void> = Promise.resolve();
  ordering: Promise<void> = Promise.resolve();
  wroteAtClose = 0;

  add(batches: readonly Batch[]): Promise<void> {
    const roots = batches.flatMap(({ trees }) => trees.map(({ nodes }) => nodes[0]!.id));
    this.log.push(`add ${roots}`);
    return this.adding;
  }

  async cancel(job: string, _outcomes: unknown, why: string): Promise<void> {
    this.log.push(`end ${job}: ${why}`);
  }

  async jobs(wanted: readonly FutureLookup[]): Promise<Map<number, unknown>> {
    this.log.push(`jobs ${wanted.map(({ id }) => id)}`);
    const stateOf = (id: number) => ({ job: `job of ${id}`, isNoted: false, state: this.there.includes(id) ? 'awaited' : 'missing' }); // biome-ignore format: one line
    return new Map(wanted.map(({ id }) => [id, stateOf(id)]));
  }

  async outcomes(ids: readonly number[]): Promise<readonly []> {
    this.log.push(`outcomes ${ids}`);
    return [];
  }

  order(order: ToServer): Promise<void> {
    this.orders.push(order);
    this.log.push(order.type);
    return this.ordering;
  }

  orderUntilAccepted(order: ToServer): Promise<void> {
    return this.order(order);
  }

  refusal(error: unknown): unknown {
    return error;
  }

  async close(isForGood: boolean, writing: readonly Promise<unknown>[] = []): Promise<void> {
    this.wroteAtClose = writing.length;
    this.log.push(isForGood ? 'close for good' : 'close');
    await Promise.all(writing);
  }
}

describe('QueueSession', () => {
  let connection: FakeConnection;
  let connecting: Promise<FakeConnection>;
  let fromQueue: ClientListener;
  let opening: AbortSignal;
  let lost: LostFutures;
  let messages: FromWorker[];
  let endings: Ending[];

  beforeEach(() => {
    connection = new FakeConnection();
    connecting = Promise.resolve(connection);
    lost = { attempts: new Map() };
    messages = [];
    endings = [];
  });

  function openSession(): QueueSession {
    const transport = {
      client: 'client-1',
      queue: 'pages',
      maxPayload: 100,
      connect(listener: ClientListener, signal: AbortSignal) {
        fromQueue = listener;
        opening = signal;
        return connecting;
      },
    };
    return new QueueSession(new QueueLedger(10), transport as never, lost, {
      message: (message) => void messages.push(message),
      ended: (ending) => void endings.push(ending),
    });
  }

  async function openReady(): Promise<QueueSession> {
    const session = openSession();
    await until(() => messages.length === 1);
    expect(messages.splice(0)).toEqual([{ type: 'ready' }]);
    return session;
  }

  /** Posts a task without dependents. Its slot is ten times its id. */
  function run(id: number, args: readonly unknown[] = [], attempt = 1): ToWorker {
    const cells: number[] = [];
    writeJob(cells, { id, attempt, steps: [{ key: 1 }], highWaterMark: undefined }, 10 * id, NO_UPSTREAM, args.length);
    const options = [
      {
        name: 'parse',
        priority: 0,
        timeout: undefined,
        deadline: undefined,
        terminateAfter: undefined,
        retry: undefined,
      },
    ];
    return { type: 'run', cells, args, options, functions: [{ key: 1, kind: 'export', name: 'parse' }] };
  }

  const abort = (id: number, slot = 10 * id): ToWorker =>
    ({ type: 'abort', slot, id, attempt: 1, reason: encodeError(new Error('not needed')) }) as ToWorker;
  const report = (slot: number, kind: number, value?: unknown) => ({ type: 'reports', cells: [slot, kind], values: [value], busy: 0 }); // biome-ignore format: one line
  const receive = (id: number, value: unknown) =>
    fromQueue.received(encodeMessages([outcomeNow(id, 1, REPORT_FULFILLED, toText(value))]));

  it('a posted task is added to the queue, and its outcome is reported in its slot', async () => {
    const session = await openReady();
    session.post(run(1, ['<h1>Tea</h1>']));
    expect(connection.log).toEqual(['add 1']);
    receive(1, 'Tea');
    expect(messages).toEqual([report(10, REPORT_FULFILLED, 'Tea')]);
  });

  it('a connection that cannot be opened is reported as a failed start', async () => {
    connecting = Promise.reject(new Error('refused'));
    openSession();
    await until(() => messages.length === 1);
    expect(messages).toMatchObject([
      { type: 'boot-failed', prerequisite: 'connection', error: { message: 'refused' } },
    ]);
  });

  it('a task with too large arguments is rejected in a later turn, and is not sent', async () => {
    const session = await openReady();
    session.post(run(1, ['x'.repeat(101)]));
    expect([connection.log, messages]).toEqual([[], []]);
    await nextTurn();
    expect(messages).toMatchObject([{ type: 'reports', cells: [10, REPORT_REJECTED] }]);
  });

  it('a cancel frees the slot, informs the servers and ends the job', async () => {
    const session = await openReady();
    session.post(run(1));
    session.post(abort(1));
    expect(connection.log).toEqual(['add 1', 'cancel', END]);
    await nextTurn();
    receive(1, 'too late');
    expect(messages).toEqual([report(10, REPORT_SKIPPED)]);
  });

  it('a cancel that names another slot changes nothing', async () => {
    const session = await openReady();
    session.post(run(1));
    session.post(abort(1, 20));
    session.post(abort(2));
    await nextTurn();
    expect([connection.log, messages]).toEqual([['add 1'], []]);
  });

  it('a credit order contains the total, so that an order that arrives twice grants nothing', async () => {
    const session = await openReady();
    session.post(run(1));
    for (const count of [4, 2, 2]) session.post({ type: 'credit', slot: 10, id: 1, count });
    session.post({ type: 'credit', slot: 20, id: 2, count: 1 });
    expect(connection.orders).toEqual([4, 6, 8].map((count) => ({ type: 'credit', id: 1, count })));
  });

  it('attach() asks the server for its messages before it looks for a stored outcome', async () => {
    const session = await openReady();
    connection.there = [7];
    session.post({ type: 'attach', slot: 3, id: 7 });
    await until(() => connection.log.includes('jobs 7'));
    expect(connection.log).toEqual(['watch', 'outcomes 7', 'jobs 7']);
    expect(connection.orders).toEqual([{ type: 'watch', id: 7, client: 'client-1' }]);
    receive(7, 'Tea');
    expect(messages).toEqual([report(3, REPORT_FULFILLED, 'Tea')]);
  });

  it('attach() to a future that the queue does not know is rejected with its id and the queue', async () => {
    const session = await openReady();
    session.post({ type: 'attach', slot: 3, id: 7 });
    await until(() => messages.length === 1);
    const message = expect.stringMatching(/^attach\(7\): the queue "pages" has no future with this id/);
    expect(messages).toMatchObject([{ cells: [3, REPORT_REJECTED], values: [{ name: 'RangeError', message }] }]);
  });

  it('attach() to a future of this client waits for its outcome without an order', async () => {
    const session = await openReady();
    session.post(run(1));
    session.post({ type: 'attach', slot: 3, id: 1 });
    receive(1, 'Tea');
    expect(connection.orders).toEqual([]);
    expect(messages).toMatchObject([{ cells: [10, REPORT_FULFILLED, 3, REPORT_FULFILLED], values: ['Tea', 'Tea'] }]);
  });

  it('a cancel for another client is confirmed even if the queue refuses it', async () => {
    const session = await openReady();
    connection.ordering = Promise.reject(new Error('out of memory'));
    session.post({ type: 'cancel-remote', id: 7, reason: encodeError(new Error('not needed')) });
    await until(() => messages.length === 1);
    expect(connection.orders).toMatchObject([{ type: 'cancel', id: 7, attempt: 1 }]);
    expect(messages).toEqual([{ type: 'remote-cancelled', id: 7 }]);
  });

  it('a session answers a ping with a pong', async () => {
    const session = await openReady();
    session.post({ type: 'ping' });
    await until(() => messages.length === 1);
    expect(messages).toEqual([{ type: 'pong' }]);
  });

  it('a lost connection ends the session, and the next one sends only the tasks whose jobs are gone', async () => {
    const session = await openReady();
    session.post(run(1));
    session.post(run(2));
    const error = new Error('unreachable');
    fromQueue.lost(error);
    receive(1, 'after the end');
    expect([endings, messages]).toEqual([[{ type: 'failed', error }], []]);
    expect([...lost.attempts]).toEqual([[1, 1], [2, 1]]); // biome-ignore format: one line

    connection = new FakeConnection();
    connection.there = [2];
    connecting = Promise.resolve(connection);
    const next = await openReady();
    for (const id of [1, 2]) next.post(run(id));
    next.post(run(3));
    await until(() => connection.log.includes('outcomes 2'));
    expect(connection.log.filter((call) => call.startsWith('add'))).toEqual(['add 3', 'add 1']);
  });

  it('a task that is retried after a lost connection is new, so it is sent without a look at the queue', async () => {
    lost.attempts = new Map([[1, 1]]);
    const session = await openReady();
    session.post(run(1, [], 2));
    expect(connection.log).toEqual(['add 1']);
  });

  it('end() passes the commands without a reply to the connection, and reports the end after them', async () => {
    const session = await openReady();
    let confirm!: () => void;
    connection.adding = new Promise<void>((resolve) => (confirm = resolve));
    session.post(run(1));
    session.end();
    await nextTurn();
    expect([connection.wroteAtClose, endings]).toEqual([1, []]);
    confirm();
    await until(() => endings.length === 1);
    expect(endings).toEqual([{ type: 'exited', exitCode: 0 }]);
    expect([...lost.attempts]).toEqual([]);
  });

  it('kill() still sends the cancels of its tick', async () => {
    const session = await openReady();
    session.post(run(1));
    session.kill();
    session.post(abort(1));
    await until(() => endings.length === 1);
    expect(connection.log.slice(0, 4)).toEqual(['add 1', 'cancel', END, 'close for good']);
  });

  it('a connection that opens after the end is closed for good, and its session is never ready', async () => {
    let open!: (connection: FakeConnection) => void;
    connecting = new Promise<FakeConnection>((resolve) => (open = resolve));
    openSession().end();
    await until(() => endings.length === 1);
    expect(opening.aborted).toBe(true);
    open(connection);
    await until(() => connection.log.length === 1);
    expect([connection.log, messages]).toEqual([['close for good'], []]);
  });
});
