/**
 * What tinypool calls in a new worker: it connects the session and answers at once, so for tinypool the run is over while the session lives
 * on.
 */

import type { MessagePort } from 'node:worker_threads';
import { LEDGER_CELLS, Ledger, type WorkerLedger } from '../protocol/ledger.js';
import type { SessionConfig, ToWorker } from '../protocol/messages.js';
import { post } from '../protocol/post.js';
import { performance } from '../time.js';
import { listen } from './attention.js';
import type { Drain, Post } from './reports.js';
import { Session } from './session.js';
import { endWithParent } from './watchdog.js';

export interface SessionRequest {
  /** Of a thread; a process has a channel of its own. */
  readonly port?: MessagePort;
  readonly ledger?: SharedArrayBuffer;
  readonly config: SessionConfig;
}

export function openSession({ port, ledger: shared, config }: SessionRequest): void {
  const ledger = shared === undefined ? NO_LEDGER : new Ledger(shared);
  const session = new Session(config, ledger, {
    ...(port === undefined ? new Channel() : toPort(port)),
    drainOutput,
    // Not port.close(): the worker would live on for tinypool's own port. 'exit' listeners of the tasks run.
    end: () => process.exit(0),
  });
  process.once('exit', () => session.lastWords());
  // What a task leaves behind, or throws where no promise can carry it home. It must not take innocent tasks with it.
  process.on('uncaughtException', (error) => session.fault(error));
  if (port === undefined) listenToParent(session);
  else listenToMain(port, session, ledger);
}

function listenToMain(port: MessagePort, session: Session, ledger: WorkerLedger): void {
  listen<ToWorker>(port, {
    receive: (message) => session.receive(message),
    get isIdle() {
      return session.isIdle;
    },
    unreadable: (cause) => {
      // What main has sent and what has come are not the same any more, and nobody can tell what is missing. All that has not begun counts
      // as begun, so that it is rejected with this worker: sent to the next one, a message that can't be read would end that too, and so on.
      for (let slot = 0; slot < LEDGER_CELLS; slot++) ledger.claim(slot, performance.now());
      session.fault(new Error('A message to this worker could not be read.', { cause }));
      process.exit(1);
    },
  });
  void session.boot();
}

function listenToParent(session: Session): void {
  const parent = process.ppid;
  // The parent is gone, however it ended: nobody will ever ask for anything again.
  process.once('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    if (isOurs(message)) session.receive(message);
  });
  // Not before it is up, which would take longer by it.
  void session.boot().then(() => endWithParent(parent));
}

/** A process shares no memory with main: it is sent only what it begins at once, and nothing is ever taken back. */
const NO_LEDGER: WorkerLedger = { isShared: false, claim: () => true, finish: () => {}, isStopped: () => false };

/** What is posted to a port survives the thread. */
function toPort(port: MessagePort): { post: Post; drainPosts: Drain } {
  return { post: (message, transfer) => post(port, message, transfer), drainPosts: () => false };
}

/** To the parent of a process. What its socket doesn't take at once is lost when the process exits. */
class Channel {
  #unwritten = 0;
  #drained: (() => void) | undefined;

  readonly post: Post = (message) => {
    // On a closed channel an 'error' would come of it, which is a fault, which is posted …
    if (!process.connected) return;
    process.send!(message, undefined, undefined, () => {
      if (--this.#unwritten > 0) return;
      const drained = this.#drained;
      this.#drained = undefined;
      drained?.();
    });
    // After it: where the message can't be cloned, it throws.
    this.#unwritten++;
  };

  readonly drainPosts: Drain = (drained) => {
    if (this.#unwritten === 0) return false;
    this.#drained = drained;
    return true;
  };
}

/** tinypool talks through the same channel. */
function isOurs(message: unknown): message is ToWorker {
  return typeof message === 'object' && message !== null && !('__tinypool_worker_message__' in message);
}

/** A worker's stdout is a message to main too, on another port: without this a result could overtake its own output. */
function drainOutput(drained: () => void): boolean {
  const { stdout, stderr } = process;
  if (stdout.writableLength === 0 && stderr.writableLength === 0) return false;
  const waiting = [stdout, stderr].filter((stream) => stream.writableLength > 0);
  let left = waiting.length;
  for (const stream of waiting) stream.write('', () => --left === 0 && drained());
  return true;
}
