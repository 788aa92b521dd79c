/**
 * What tinypool calls in a new worker: it connects the session and answers at once, so for tinypool the run is over while the session lives
 * on.
 */
import { getEventListeners } from 'node:events';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { performance, setInterval } from '../platform/time.js';
import { LEDGER_CELLS, Ledger, type WorkerLedger } from '../protocol/ledger.js';
import type { Envelope, SessionConfig, ToWorker } from '../protocol/messages.js';
import { post } from '../protocol/post.js';
import { fromProcess, type ProcessBytes, toProcess } from '../protocol/process-bytes.js';
import { leaveBy } from '../protocol/wire-error.js';
import { listen } from './busy-poll.js';
import type { Drain, Post } from './reports.js';
import { Session } from './session.js';
import { endWithParent } from './watchdog.js';

export interface SessionRequest {
  /** Of a thread; a process has a channel of its own. */
  readonly port?: MessagePort;
  readonly ledger?: SharedArrayBuffer;
  /** Of a process: by it the messages of this session are known. */
  readonly mark?: string;
  /** To a process it comes as bytes, as all that is sent there. */
  readonly config: SessionConfig | ProcessBytes;
}

export function openSession({ port, ledger: shared, mark = '', config: given }: SessionRequest): void {
  const config = ('bytes' in given ? fromProcess(given) : given) as SessionConfig;
  const ledger = shared === undefined ? NO_LEDGER : new Ledger(shared);
  const session = new Session(config, ledger, {
    ...(port === undefined ? new Channel(mark) : toPort(port)),
    drainOutput,
    // Not port.close(): the worker would live on for tinypool's own port. 'exit' listeners of the tasks run.
    end: () => process.exit(0),
  });
  process.once('exit', () => session.lastWords());
  catchUncaught((error) => session.fault(error));
  if (port === undefined) leaveBy(toProcess);
  if (port === undefined) listenToParent(session, mark);
  else listenToMain(port, session, ledger);
}

/**
 * What a task leaves behind, or throws where no promise can carry it home, must not take innocent tasks with it. A handler of the task module
 * or its libraries takes precedence: what it handles is no fault, just as Node ends no process then.
 */
function catchUncaught(fault: (error: unknown) => void): void {
  let isHandled = false;
  const listener = (error: unknown) => {
    if (!isHandled) fault(error);
  };
  // Looked up before the handlers run: one that was added with `once` is gone by the time that the last of them is called.
  process.on('uncaughtExceptionMonitor', () => {
    isHandled = process.listeners('uncaughtException').some((other) => other !== listener && other.name !== OF_DOMAIN);
  });
  process.on('uncaughtException', listener);
}

/** Node's module `domain` adds a listener beside the first one of the program. It handles nothing. */
const OF_DOMAIN = 'domainUncaughtExceptionClear';

function listenToMain(port: MessagePort, session: Session, ledger: WorkerLedger): void {
  dismissTinypool(parentPort!, getEventListeners(parentPort!, 'message'));
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

function listenToParent(session: Session, mark: string): void {
  const parent = process.ppid;
  // The parent is gone, or a task has closed the channel: nobody will ever ask for anything again.
  process.once('disconnect', () => process.exit(0));
  const receive = (envelope: unknown) => {
    if (isOurs(envelope, mark)) session.receive(fromProcess(envelope) as ToWorker);
  };
  const before = process.listeners('message');
  process.on('message', receive);
  dismissTinypool(process, before);
  // Tasks share the channel with this session. process.removeAllListeners('message') must not make it deaf …
  process.on('removeListener', (event, listener) => {
    if (event === 'message' && listener === receive) process.on('message', receive);
  });
  // … and process.channel.unref() must not end an idle process.
  setInterval(() => {}, LONGEST_INTERVAL);
  // Not before it is up, which would take longer by it.
  void session.boot().then(() => endWithParent(parent));
}

/** A port that tinypool listens to as well. */
interface PublicPort {
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * Removes tinypool's listener from `listeners`: it has done its work, and throws for what others post. It is the last one, because only preloaded
 * modules can have added theirs by now, and they ran before tinypool.
 */
function dismissTinypool(port: PublicPort, listeners: readonly Function[]): void {
  const tinypools = listeners.at(-1) as ((message: unknown) => void) | undefined;
  if (tinypools !== undefined) port.off('message', tinypools);
}

/** ms. A longer one would be cut to 1 by Node. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** A process shares no memory with main: it is sent only what it begins at once, and nothing is ever taken back. */
const NO_LEDGER: WorkerLedger = { isShared: false, claim: () => true, finish: () => {}, isStopped: () => false };

/** What is posted to a port survives the thread. */
function toPort(port: MessagePort): { post: Post; drainPosts: Drain } {
  return { post: (message, transfer) => post(port, message, transfer), drainPosts: () => false };
}

/** To the parent of a process. What its socket doesn't take at once is lost when the process exits. */
class Channel {
  readonly #mark: string;
  /** Kept: a task may replace or delete it, so that its libraries don't take this process for a child. */
  readonly #send = process.send!.bind(process);
  #unwritten = 0;
  #drained: (() => void) | undefined;

  constructor(mark: string) {
    this.#mark = mark;
  }

  readonly post: Post = (message) => {
    // On a closed channel an 'error' would come of it, which is a fault, which is posted …
    if (!process.connected) return;
    const envelope: Envelope = { rxFutures: this.#mark, ...toProcess(message) };
    this.#send(envelope, undefined, undefined, () => {
      if (--this.#unwritten > 0) return;
      const drained = this.#drained;
      this.#drained = undefined;
      drained?.();
    });
    this.#unwritten++;
  };

  readonly drainPosts: Drain = (drained) => {
    if (this.#unwritten === 0) return false;
    this.#drained = drained;
    return true;
  };
}

/** Node, tinypool and the tasks talk through the same channel. */
function isOurs(message: unknown, mark: string): message is Envelope {
  return (message as Partial<Envelope> | null)?.rxFutures === mark;
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
