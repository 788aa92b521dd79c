import { EventEmitter } from 'node:events';
import type { MessagePort, Worker } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ThreadRequest } from '../../../src/backends/threads/port-host.js';
import { ThreadSession } from '../../../src/backends/threads/session.js';
import { RingReader, RingWriter, WAKE } from '../../../src/protocol/mailbox/ring.js';
import { type FromWorker, REPORT_FULFILLED, type ToWorker } from '../../../src/protocol/messages.js';

/** Index and values of the state of a reader, as in ring.ts. */
const STATE = 2;
const AWAKE = 0;
const ASLEEP = 1;
const BLOCKED = 2;

/** A batch of one job with one argument, in the layout of job-layout.ts. */
const run = (value: unknown): ToWorker & { type: 'run' } => ({
  type: 'run',
  cells: [0, -1, 1, 0, 1, 1, 0],
  args: [value],
});
const PONG = { type: 'pong' } as const;

/** A session whose worker does nothing by itself. The test writes and reads as the worker would. */
function openSession() {
  const worker = new EventEmitter();
  const heard: (FromWorker | 'ended')[] = [];
  /** The state of the main thread when it handled each message. */
  const states: (number | undefined)[] = [];
  let request!: ThreadRequest;
  const header = (memory: SharedArrayBuffer) => new Int32Array(memory);
  const session = new ThreadSession(
    {} as never,
    () => ({
      worker: Object.assign(worker, { threadId: 7 }) as unknown as Worker,
      open: async (opening) => {
        request = opening as ThreadRequest;
      },
      kill: () => {},
      ended: () => {},
    }),
    {
      message(message) {
        heard.push(message);
        states.push(header(request.reports)[STATE]);
      },
      ended: () => void heard.push('ended'),
    },
  );
  const port: MessagePort = request.port;
  onTestFinished(() => port.close());
  return {
    session,
    worker,
    heard,
    states,
    port,
    jobs: new RingReader(request.jobs),
    stateOfWorker: header(request.jobs).subarray(STATE, STATE + 1),
    reports: new RingWriter(request.reports),
    stateOfMain: header(request.reports).subarray(STATE, STATE + 1),
  };
}

it('letters and messages that a worker sent before its end are handled before the end', () => {
  const { worker, heard, port, reports } = openSession();
  reports.write([0, REPORT_FULFILLED], ['a letter'], 1);
  port.postMessage(WAKE);
  port.postMessage(PONG);
  worker.emit('exit', 0);
  expect(heard).toEqual([
    { type: 'reports', cells: [0, REPORT_FULFILLED], values: ['a letter'], busy: 1 },
    PONG,
    'ended',
  ]);
});

it('letters are handled before a message that was sent after them', async () => {
  const { heard, port, reports } = openSession();
  reports.write([0, REPORT_FULFILLED], ['a letter'], 1);
  port.postMessage(PONG);
  reports.posted();
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard).toMatchObject([{ values: ['a letter'] }, PONG]);
  expect(reports.isInOrder).toBe(true);
});

it('a batch travels as a letter only if it is small, has no rare parts, and overtakes no message', () => {
  const { session, jobs } = openSession();
  const isLetter = (message: ToWorker, transfer?: never[]) => {
    session.post(message, transfer);
    const letters = jobs.read();
    expect(jobs.hasMessages).toBe(letters === undefined);
    return letters !== undefined;
  };
  expect(isLetter(run('small'))).toBe(true);
  const others: [ToWorker, never[]?][] = [
    [run(new Map())],
    [run('small'), []],
    [{ ...run('small'), functions: [] }],
    [{ ...run('small'), contexts: [] }],
    [{ ...run('small'), options: [] }],
    [{ type: 'ping' }],
  ];
  for (const [message, transfer] of others) {
    expect(isLetter(message, transfer)).toBe(false);
    expect(isLetter(run('it may not overtake the message'))).toBe(false);
    for (let i = 0; i < 2; i++) jobs.received();
    expect(isLetter(run('small'))).toBe(true);
  }
});

it('a message wakes a worker that is blocked', () => {
  const { session, stateOfWorker } = openSession();
  stateOfWorker[0] = BLOCKED;
  session.post({ type: 'ping' });
  expect(stateOfWorker[0]).toBe(AWAKE);
});

it('the main thread polls for the report of a worker that is awake, and needs no message', async () => {
  const { session, heard, jobs, reports, stateOfMain } = openSession();
  jobs.wakeUp();
  session.post(run('small'));
  expect(stateOfMain[0]).toBe(AWAKE);
  reports.write([0, REPORT_FULFILLED], ['a letter'], 0);
  expect(reports.wake()).toBe(AWAKE);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  await vi.waitFor(() => expect(stateOfMain[0]).toBe(ASLEEP));
});

it('the main thread sleeps while it waits for a worker that has to be woken, or for long tasks', async () => {
  const { session, heard, port, jobs, reports, stateOfMain } = openSession();
  session.post(run('the worker is asleep'));
  expect(stateOfMain[0]).toBe(ASLEEP);
  reports.write([0, REPORT_FULFILLED], ['a long task'], 50);
  port.postMessage(WAKE);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  jobs.wakeUp();
  session.post(run('a long task'));
  expect(stateOfMain[0]).toBe(ASLEEP);
});

it('the main thread stays awake after values of a stream, and sleeps if no more follow', async () => {
  const { session, heard, states, port, stateOfMain } = openSession();
  session.post(run('a stream'));
  for (const message of [PONG, { type: 'values', slot: 0, values: [1], bytes: 0 }]) port.postMessage(message);
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(states).toEqual([ASLEEP, AWAKE]);
  await vi.waitFor(() => expect(stateOfMain[0]).toBe(ASLEEP));
});
