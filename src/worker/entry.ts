/**
 * The function that tinypool calls in a new worker. It opens the session and returns at once.
 * tinypool then considers its run finished, while the session stays open.
 */
import { getEventListeners } from 'node:events';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { performance, setInterval } from '../platform/time.js';
import { leaveBy } from '../protocol/clone-fault.js';
import { LEDGER_CELLS, Ledger, type WorkerLedger } from '../protocol/ledger.js';
import type { Envelope, SessionConfig, ToWorker } from '../protocol/messages.js';
import { post } from '../protocol/post.js';
import { fromProcess, type ProcessBytes, toProcess } from '../protocol/process-bytes.js';
import { listen } from './busy-poll.js';
import type { Drain, Post } from './reports.js';
import { Session } from './session.js';
import { endWithParent } from './watchdog.js';

export interface SessionRequest {
  /** Port of a thread. A child process uses its own channel. */
  readonly port?: MessagePort;
  readonly ledger?: SharedArrayBuffer;
  /** Mark of the session in a child process. It identifies the messages of the session. */
  readonly mark?: string;
  /** A child process receives the configuration as bytes, like every message. */
  readonly config: SessionConfig | ProcessBytes;
}

export function openSession({ port, ledger: shared, mark = '', config: given }: SessionRequest): void {
  const config = ('bytes' in given ? fromProcess(given) : given) as SessionConfig;
  const ledger = shared === undefined ? NO_LEDGER : new Ledger(shared);
  const session = new Session(config, ledger, {
    ...(port === undefined ? new Channel(mark) : toPort(port)),
    drainOutput,
    // Not port.close(), because tinypool's own port would keep the worker alive. process.exit runs
    // the 'exit' listeners of the tasks.
    end: () => process.exit(0),
  });
  process.once('exit', () => session.flush());
  catchUncaught((error) => session.fault(error));
  if (port === undefined) leaveBy(toProcess);
  if (port === undefined) listenToParent(session, mark);
  else listenToMain(port, session, ledger);
}

/**
 * Reports errors that escaped all promises, so that they do not end the worker together with
 * unrelated tasks.
 *
 * If the task module or one of its libraries has a handler, an error that it handles is not a
 * fault. Node would not end the process either.
 */
function catchUncaught(fault: (error: unknown) => void): void {
  let isHandled = false;
  const listener = (error: unknown) => {
    if (!isHandled) fault(error);
  };
  // The handlers are read before they run, because a handler that was added with `once` is already
  // removed when the last handler is called.
  process.on('uncaughtExceptionMonitor', () => {
    isHandled = process
      .listeners('uncaughtException')
      .some((other) => other !== listener && other.name !== DOMAIN_LISTENER);
  });
  process.on('uncaughtException', listener);
}

/**
 * Name of the listener that Node's module `domain` adds beside the first listener of the program.
 * It handles nothing.
 */
const DOMAIN_LISTENER = 'domainUncaughtExceptionClear';

function listenToMain(port: MessagePort, session: Session, ledger: WorkerLedger): void {
  dismissTinypool(parentPort!, getEventListeners(parentPort!, 'message'));
  listen<ToWorker>(port, {
    receive: (message) => session.receive(message),
    get isIdle() {
      return session.isIdle;
    },
    unreadable: (cause) => {
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
    },
  });
  void session.boot();
}

function listenToParent(session: Session, mark: string): void {
  const parent = process.ppid;
  // The parent has ended, or a task has closed the channel. No further message can arrive.
  process.once('disconnect', () => process.exit(0));
  const receive = (envelope: unknown) => {
    if (isOurs(envelope, mark)) session.receive(fromProcess(envelope) as ToWorker);
  };
  const before = process.listeners('message');
  process.on('message', receive);
  dismissTinypool(process, before);
  // Tasks share the channel with this session. The listener is added again after
  // process.removeAllListeners('message').
  process.on('removeListener', (event, listener) => {
    if (event === 'message' && listener === receive) process.on('message', receive);
  });
  // A timer keeps an idle process alive, even after a task has called process.channel.unref().
  setInterval(() => {}, MAX_INTERVAL_MS);
  // The watchdog starts after the boot, because it would delay the boot.
  void session.boot().then(() => endWithParent(parent));
}

/** A port to which tinypool has added a listener too. */
interface PublicPort {
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * Removes tinypool's listener from a port. The listener is not needed any more, and it throws for
 * messages of other code.
 *
 * tinypool's listener is the last of `listeners`. Only preloaded modules can have added listeners
 * by now, and they ran before tinypool.
 */
function dismissTinypool(port: PublicPort, listeners: readonly Function[]): void {
  const tinypools = listeners.at(-1) as ((message: unknown) => void) | undefined;
  if (tinypools !== undefined) port.off('message', tinypools);
}

/** Longest interval in ms. Node replaces a longer one by 1 ms. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;

/**
 * The ledger of a child process, which shares no memory. The process receives only jobs that it can
 * start at once, and they are never revoked.
 */
const NO_LEDGER: WorkerLedger = { isShared: false, claim: () => true, finish: () => {}, isStopped: () => false };

/** Posts to the port of a thread. Posted messages survive the end of the thread. */
function toPort(port: MessagePort): { post: Post; drainPosts: Drain } {
  return { post: (message, transfer) => post(port, message, transfer), drainPosts: () => false };
}

/**
 * Posts to the parent of a child process. A message that its socket has not written yet is lost
 * when the process exits.
 */
class Channel {
  readonly #mark: string;
  /**
   * `process.send` is kept, because a task may replace or delete it, so that its libraries do not
   * detect a child process.
   */
  readonly #send = process.send!.bind(process);
  #unwritten = 0;
  #drained: (() => void) | undefined;

  constructor(mark: string) {
    this.#mark = mark;
  }

  readonly post: Post = (message) => {
    // Posting to a closed channel would emit 'error', which is a fault, which would be posted
    // again.
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

/** Recognizes messages of the session. Node, tinypool and the tasks use the same channel. */
function isOurs(message: unknown, mark: string): message is Envelope {
  return (message as Partial<Envelope> | null)?.rxFutures === mark;
}

/**
 * Waits for the output of tasks. It travels to the main thread through another port, so a result
 * could otherwise overtake the output of its own task.
 */
function drainOutput(drained: () => void): boolean {
  const { stdout, stderr } = process;
  if (stdout.writableLength === 0 && stderr.writableLength === 0) return false;
  const waiting = [stdout, stderr].filter((stream) => stream.writableLength > 0);
  let left = waiting.length;
  for (const stream of waiting) stream.write('', () => --left === 0 && drained());
  return true;
}
