/** The worker's half of a worker of a browser: a session over a port. */
import { performance, setImmediate } from '#platform/time';
import { LEDGER_CELLS, Ledger } from '../../protocol/ledger.js';
import type { SessionConfig, ToWorker } from '../../protocol/messages.js';
import { post } from '../../protocol/post.js';
import { isHandshake, type OpenRequest, SERVING } from '../../protocol/served-worker.js';
import { AbortLetter } from '../../protocol/web/abort-letter.js';
import { holdLock } from '../../protocol/web/lock.js';
import type { FromWebWorker } from '../../protocol/web/messages.js';
import type { Host } from '../../worker/host.js';
import { Session } from '../../worker/session.js';
import { isAmbiguous } from '../../worker/task-context.js';
import { NO_LEDGER } from '../no-ledger.js';
import type { ErrorLike, Message, Rejection, WebPort, WorkerScope } from './dom.js';

/** The message that opens a session in a worker of a browser. */
export interface WebRequest {
  readonly config: SessionConfig;
  readonly port: WebPort;
  /** Memory of the ledger and of the letter. Undefined if the page can't share memory. */
  readonly shared: { readonly ledger: SharedArrayBuffer; readonly letter: SharedArrayBuffer } | undefined;
  /** Name of the lock that the worker must hold, if the page needs it to notice its end. */
  readonly lock: string | undefined;
}

const scope = globalThis as unknown as WorkerScope;

/**
 * Waits for the request of the page, and opens a session.
 *
 * @param module the name of the task module in errors, if the worker has the module already
 */
export function serve(importModule: Host['importModule'], module?: string): void {
  scope.addEventListener('message', function open(event) {
    const { data } = event as Message<unknown>;
    if (isHandshake(data, 'find')) scope.postMessage(SERVING);
    if (!isHandshake(data, 'open')) return;
    // From now on, the messages of the worker belong to its tasks.
    scope.removeEventListener('message', open);
    const { request } = data as OpenRequest<WebRequest>;
    openSession(module === undefined ? request : { ...request, config: { ...request.config, module } }, importModule);
  });
  scope.postMessage(SERVING);
}

function openSession({ config, port, shared, lock }: WebRequest, importModule: Host['importModule']): void {
  const ledger = shared === undefined ? { ...NO_LEDGER } : new Ledger(shared.ledger);
  const letter = shared && new AbortLetter(shared.letter);
  const close = scope.close.bind(scope);
  let hasLeft = false;
  const session = new Session(config, ledger, {
    importModule,
    post: (message, transfer) => {
      if (!hasLeft) post(port, message, transfer);
    },
    // The browser has the output and the posted messages at once, so none of them can be lost.
    // A thread that is blocked reads no message, but the last abort is in shared memory too.
    next: letter && (() => letter.read()),
    drainOutput: () => false,
    drainPosts: () => false,
    end: () => leave(0),
  });
  // A task that closes its worker ends it like process.exit() on Node.
  scope.close = () => leave(undefined);
  catchUncaught((error) => {
    // If the task is unknown that waits for what has failed, all running tasks have to reject.
    const isUnknown = isAmbiguous();
    session.fault(error);
    if (isUnknown) leave(1);
  });
  port.addEventListener('message', (event) => session.receive((event as Message<ToWorker>).data));
  port.addEventListener('messageerror', unreadable);
  port.start();
  void boot();

  async function boot(): Promise<void> {
    if (lock !== undefined && (await holdLock(lock))) {
      port.postMessage({ type: 'lock-held' } satisfies FromWebWorker);
    }
    await session.boot();
  }

  function leave(exitCode: number | undefined): void {
    if (hasLeft) return;
    session.flush();
    hasLeft = true;
    // The code that runs now continues to its end. No other job may start in it.
    ledger.claim = () => false;
    port.postMessage({ type: 'left', exitCode } satisfies FromWebWorker);
    close();
  }

  function unreadable(): void {
    // The lost jobs must not run on the next worker (backends/threads/port-host.ts).
    for (let slot = 0; slot < LEDGER_CELLS; slot++) ledger.claim(slot, performance.now());
    session.fault(new Error('A message to this worker could not be read. Check the arguments of the lost tasks.'));
    leave(1);
  }
}

/** Reports errors that escaped all promises, unless a listener of the tasks has handled them. */
function catchUncaught(fault: (error: unknown) => void): void {
  const catching = (event: Event, error: unknown) => {
    // The listeners of the tasks are called after this one.
    setImmediate(() => {
      if (!event.defaultPrevented) fault(error);
    });
  };
  scope.addEventListener('error', (event) => {
    const { error, message } = event as ErrorLike;
    catching(event, error ?? new Error(message));
  });
  scope.addEventListener('unhandledrejection', (event) => catching(event, (event as Rejection).reason));
}
