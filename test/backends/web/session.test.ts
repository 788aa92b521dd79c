/** The main thread's half of a worker of a browser, with a fake worker. */
import { describe, expect, it } from 'vitest';
import type { Ending } from '../../../src/backends/ending.js';
import type { WebRequest } from '../../../src/backends/web/port-host.js';
import { WebSession } from '../../../src/backends/web/session.js';
import type { FromWorker } from '../../../src/protocol/messages.js';
import { FIND, type OpenRequest, SERVING } from '../../../src/protocol/served-worker.js';

const config = { workerName: 'w-1', module: undefined, initializer: undefined, initArgs: [], concurrency: 1 };

/** The file of the worker has called serveWorker() if `isServing` is true. */
class FakeWorker extends EventTarget {
  terminated = 0;
  request: WebRequest | undefined;

  constructor(readonly isServing = true) {
    super();
  }

  postMessage(message: unknown): void {
    if (message === FIND) {
      if (this.isServing) queueMicrotask(() => this.say(SERVING));
    } else this.request = (message as OpenRequest<WebRequest>).request;
  }

  say(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  fail(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message }));
  }

  terminate(): void {
    this.terminated++;
  }
}

function openSession(worker: unknown, sharesMemory = false) {
  const messages: FromWorker[] = [];
  let end: (ending: Ending) => void;
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  const listener = { message: (message: FromWorker) => void messages.push(message), ended: (e: Ending) => end(e) };
  return { session: new WebSession(config, () => worker as FakeWorker, listener, sharesMemory), messages, ended };
}

/** Resolves when the worker has the port of the session. */
async function portOf(worker: FakeWorker): Promise<WebRequest['port']> {
  while (worker.request === undefined) await new Promise((resolve) => setImmediate(resolve));
  return worker.request.port;
}

describe('WebSession', () => {
  it('messages of the worker arrive before its farewell, and the exit code is that of the farewell', async () => {
    const worker = new FakeWorker();
    const { messages, ended } = openSession(worker);
    const port = await portOf(worker);
    port.postMessage({ type: 'ready' });
    port.postMessage({ type: 'left', exitCode: 0 });
    port.postMessage({ type: 'pong' });
    expect(await ended).toEqual({ type: 'exited', exitCode: 0 });
    expect(messages).toEqual([{ type: 'ready' }]);
    expect(worker.terminated).toBe(1);
  });

  it('kill() terminates the worker, and the messages that were on their way arrive', async () => {
    const worker = new FakeWorker();
    const { session, messages, ended } = openSession(worker);
    const port = await portOf(worker);
    port.postMessage({ type: 'ready' });
    session.kill();
    expect(worker.terminated).toBe(1);
    expect(await ended).toEqual({ type: 'exited', exitCode: undefined });
    expect(messages).toEqual([{ type: 'ready' }]);
  });

  it('the last messages of a worker arrive, also if the page is busy when the worker ends', async () => {
    const worker = new FakeWorker();
    const { session, messages, ended } = openSession(worker);
    const port = await portOf(worker);
    session.kill();
    for (let i = 0; i < 3; i++) port.postMessage({ type: 'ready' });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
    expect(await ended).toEqual({ type: 'exited', exitCode: undefined });
    expect(messages).toHaveLength(3);
  });

  it('only a page that shares memory has a ledger, so that jobs can be revoked', async () => {
    const [alone, sharing] = [new FakeWorker(), new FakeWorker()];
    const sessions = [openSession(alone, false), openSession(sharing, true)];
    await Promise.all([portOf(alone), portOf(sharing)]);
    expect(sessions.map(({ session }) => session.canRevoke)).toEqual([false, true]);
    expect(alone.request!.shared).toBe(undefined);
    expect(sharing.request!.shared!.ledger).toBeInstanceOf(SharedArrayBuffer);
    for (const { session, ended } of sessions) {
      session.kill();
      await ended;
    }
  });

  it('a worker whose file fails before it serves ends with the error, and is terminated', async () => {
    const worker = new FakeWorker(false);
    const { session, ended } = openSession(worker);
    expect(session.missing?.reason).toBe('its file has not called serveWorker()');
    worker.fail('SyntaxError: no');
    expect(await ended).toMatchObject({
      type: 'failed',
      error: { message: 'failed before its file called serveWorker(): SyntaxError: no' },
    });
  });

  it('a worker whose file is missing fails with the advice to check the address', async () => {
    const worker = new FakeWorker(false);
    const { ended } = openSession(worker);
    worker.fail('');
    expect(await ended).toMatchObject({ error: { message: expect.stringMatching(/could not be loaded\. Check its/) } });
  });

  it('a function that returns no new worker is a TypeError', async () => {
    expect(() => openSession({})).toThrow(
      'Executor: option "worker": expected a function that returns a new Worker, but it returned an object. Return one, as in: worker: () =>',
    );
    expect(() => openSession(Promise.resolve())).toThrow('Return the Worker itself, not a promise of it.');
    const worker = new FakeWorker();
    const { session, ended } = openSession(worker);
    expect(() => openSession(worker)).toThrow('the function returned the same Worker twice');
    session.kill();
    await ended;
  });
});
