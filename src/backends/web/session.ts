/** The main thread's half of a worker of a browser. */
import { clearTimeout, setImmediate, setTimeout, type Timer } from '#platform/time';
import { Ledger } from '../../protocol/ledger.js';
import type { SessionConfig, ToWorker } from '../../protocol/messages.js';
import { post } from '../../protocol/post.js';
import type { Transferable } from '../../protocol/transfer.js';
import { AbortLetter } from '../../protocol/web/abort-letter.js';
import { lockName, whenEnded } from '../../protocol/web/lock.js';
import type { FromWebWorker } from '../../protocol/web/messages.js';
import type { Session, SessionLedger, SessionListener } from '../backend.js';
import { endingOf } from '../ending.js';
import { AssumedLedger } from '../processes/ledger.js';
import type { WorkerFactory } from '../runtime.js';
import type { Message, WebPort } from './dom.js';
import type { WebRequest } from './port-host.js';
import { type StartedWorker, startWorker } from './start-worker.js';

/** Time in ms without a message after which an ended worker has no more messages on their way. */
const LAST_MESSAGES_MS = 20;
/** Time in ms that a worker has to end by itself. */
const END_GRACE_MS = 1_000;

export class WebSession implements Session {
  readonly ledger: SessionLedger;
  readonly canRevoke: boolean;
  readonly threadId = undefined;
  readonly #listener: SessionListener;
  readonly #worker: StartedWorker;
  readonly #port: WebPort;
  /** For tasks that block their thread. Undefined if no memory is shared. */
  readonly #letter: AbortLetter | undefined;
  readonly #lock = lockName();
  #timer: Timer | undefined;
  #error: unknown;
  /** The worker has ended, and its last messages may be on their way. */
  #isEnding = false;
  #hasEnded = false;

  /** @throws any error that prevents the start. Then no worker runs */
  constructor(config: SessionConfig, create: WorkerFactory, listener: SessionListener, sharesMemory = isIsolated()) {
    this.#listener = listener;
    this.#worker = startWorker(create, (error) => this.#fail(error));
    const shared = sharesMemory ? new Ledger() : undefined;
    this.#letter = sharesMemory ? new AbortLetter() : undefined;
    this.ledger = shared ?? new AssumedLedger();
    this.canRevoke = sharesMemory;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1 as unknown as WebPort;
    this.#port.addEventListener('message', (event) => this.#receive((event as Message<FromWebWorker>).data));
    this.#port.addEventListener('messageerror', () => this.#fail(unreadable()));
    this.#port.start();
    const request: WebRequest = {
      config,
      port: port2 as unknown as WebPort,
      shared: shared && { ledger: shared.buffer, letter: this.#letter!.memory },
      lock: this.#lock,
    };
    this.#worker.open(request, [port2]);
  }

  get missing(): Session['missing'] {
    return this.#worker.missing;
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    if (this.#hasEnded) return;
    post(this.#port, message, transfer);
    if (message.type === 'abort') this.#letter?.write(message);
  }

  end(): void {
    this.post({ type: 'end' });
    this.#timer ??= setTimeout(() => this.kill(), END_GRACE_MS);
  }

  kill(): void {
    if (this.#hasEnded) return;
    this.#worker.kill();
    this.#endSoon();
  }

  #receive(message: FromWebWorker): void {
    if (this.#hasEnded) return;
    switch (message.type) {
      case 'left':
        this.#ended(message.exitCode);
        break;
      case 'lock-held':
        whenEnded(this.#lock!, () => this.#endSoon());
        break;
      default:
        this.#listener.message(message);
        if (this.#isEnding) this.#endSoon();
    }
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.kill();
  }

  #endSoon(): void {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    const timer = setTimeout(() => {
      // After this thread was busy, its timers run before the messages that have arrived. A message
      // sets another timer.
      setImmediate(() => {
        if (this.#timer === timer) this.#ended();
      });
    }, LAST_MESSAGES_MS);
    this.#timer = timer;
  }

  #ended(exitCode?: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#port.close();
    this.#worker.kill();
    this.#listener.ended(endingOf({ exitCode, signal: undefined, error: this.#error }));
  }
}

/** Returns whether this page may share memory with its workers. */
function isIsolated(): boolean {
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  return crossOriginIsolated === true && typeof SharedArrayBuffer === 'function';
}

/** The message may have contained results, and the main thread can't know which. */
function unreadable(): Error {
  return new Error('A message from the worker could not be read. Check the results of the lost tasks.');
}
