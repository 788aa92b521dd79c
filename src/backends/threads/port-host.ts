/**
 * The worker's half of a thread: receives messages through a port of the library's own, by busy
 * polling if they come often.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { performance } from '#platform/time';
import { LEDGER_CELLS, Ledger } from '../../protocol/ledger.js';
import type { SessionConfig, ToWorker } from '../../protocol/messages.js';
import { post } from '../../protocol/post.js';
import type { Host } from '../../worker/host.js';
import { openNodeSession } from '../node-worker/host.js';
import { listen } from './busy-poll.js';

/** The message that opens a session in a thread. */
export interface ThreadRequest {
  readonly config: SessionConfig;
  readonly port: MessagePort;
  /** Memory of the ledger, which the main thread shares. */
  readonly ledger: SharedArrayBuffer;
}

/** Opens a session on this thread, whose tasks are in the module that `importModule` returns. */
export function serveThread({ config, port, ledger: shared }: ThreadRequest, importModule: Host['importModule']): void {
  const ledger = new Ledger(shared);
  const session = openNodeSession(config, ledger, {
    importModule,
    post: (message, transfer) => post(port, message, transfer),
    next: () => {
      try {
        return receiveMessageOnPort(port)?.message;
      } catch (cause) {
        unreadable(cause);
      }
    },
    // Posted messages survive the end of the thread.
    drainPosts: () => false,
  });
  listen<ToWorker>(port, {
    receive: (message) => session.receive(message),
    get isIdle() {
      return session.isIdle;
    },
    unreadable,
  });
  void session.boot();

  function unreadable(cause: unknown): never {
    // The main thread has sent more than has arrived, and the worker can't know what is missing.
    // All unclaimed jobs are claimed, so that they are rejected together with this worker.
    // Otherwise they would be sent to the next worker, which the same message would end too.
    for (let slot = 0; slot < LEDGER_CELLS; slot++) ledger.claim(slot, performance.now());
    session.fault(
      new Error('A message to this worker could not be read. Check `cause` and the arguments of the lost tasks.', {
        cause,
      }),
    );
    process.exit(1);
  }
}
