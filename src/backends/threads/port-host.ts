/**
 * The worker's half of a thread: receives messages through a port of the library's own, and small
 * batches of jobs through shared memory.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { performance } from '#platform/time';
import { Ledger } from '../../protocol/ledger.js';
import { ASLEEP, RingReader, RingWriter, WAKE } from '../../protocol/mailbox/ring.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import { postMoving } from '../../protocol/post-by-copy.js';
import type { LinkMessage } from '../../protocol/stream/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Host, Link, LinkListener } from '../../worker/host.js';
import { openNodeSession } from '../node-worker/host.js';
import { Receiver } from './receiver.js';

/** The message that opens a session in a thread. */
export interface ThreadRequest {
  readonly config: SessionConfig;
  readonly port: MessagePort;
  /** Memory of the ledger, which the main thread shares. */
  readonly ledger: SharedArrayBuffer;
  /** Memory of the rings: jobs to the worker, and reports from it. */
  readonly jobs: SharedArrayBuffer;
  readonly reports: SharedArrayBuffer;
}

/** Opens a session on this thread, whose tasks are in the module that `importModule` returns. */
export function serveThread(request: ThreadRequest, importModule: Host['importModule']): void {
  const { config, port } = request;
  const ledger = new Ledger(request.ledger);
  const outgoing = new RingWriter(request.reports);
  const session = openNodeSession(config, ledger, {
    importModule,
    post: (message, transfer) => send(port, outgoing, message, transfer),
    next: () => receiver.next(),
    openLink: (end, listener) => openLink(end as MessagePort, listener, unreadable),
    // Posted messages and letters survive the end of the thread.
    drainPosts: () => false,
  });
  const receiver = new Receiver<ToWorker>(port, new RingReader(request.jobs), {
    receive: (message) => session.receive(message),
    messageOf: ({ cells, values }) => ({ type: 'run', cells, args: values }),
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
    for (let slot = 0; slot < ledger.size; slot++) ledger.claim(slot, performance.now());
    session.fault(
      new Error('A message to this worker could not be read. Check `cause` and the arguments of the lost tasks.', {
        cause,
      }),
    );
    process.exit(1);
  }
}

/** Sends a message: a few small reports through the ring, and everything else through the port. */
function send(port: MessagePort, ring: RingWriter, message: FromWorker, transfer?: readonly Transferable[]): void {
  if (message.type === 'reports' && transfer === undefined && ring.isInOrder) {
    if (ring.write(message.cells, message.values, message.busy)) {
      if (ring.wake() === ASLEEP) port.postMessage(WAKE);
      return;
    }
  }
  postMoving(port, message, transfer);
  ring.posted();
}

/** Opens one end of a link to another thread, or to this one. */
function openLink(port: MessagePort, { receive, closed }: LinkListener, unreadable: (cause: unknown) => never): Link {
  port.on('message', receive);
  port.on('messageerror', unreadable);
  port.on('close', closed);
  // The port of the session keeps the thread alive.
  port.unref();
  return {
    post: (message, transfer) => postMoving(port, message, transfer),
    drain() {
      for (;;) {
        const next = receiveMessageOnPort(port) as { message: LinkMessage } | undefined;
        if (next === undefined) return;
        receive(next.message);
      }
    },
  };
}
