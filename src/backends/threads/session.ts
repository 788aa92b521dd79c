/** The main thread's half of a worker thread. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { Ledger } from '../../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import { post } from '../../protocol/post.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { SessionListener, WorkerOptions } from '../backend.js';
import { flagsForThread } from '../tinypool/inherited-flags.js';
import { PoolSession } from '../tinypool/pool-session.js';
import { has, ignoreOthers } from '../tinypool/public-port.js';
import { readWithRealTicks } from '../tinypool/real-ticks.js';
import type { ThreadRequest } from './host.js';

export class ThreadSession extends PoolSession {
  readonly ledger = new Ledger();
  readonly canRevoke = true;
  readonly #port: MessagePort;
  #isUp = false;
  /** Messages that other code posted to the worker's public port before the session was open. */
  #early: Parameters<Worker['postMessage']>[] = [];

  constructor(config: SessionConfig, options: WorkerOptions, listener: SessionListener) {
    super(threadOptions(options), listener, 'threads-host.js');
    const thread = this.worker as Worker;
    readWithRealTicks(thread);
    ignoreOthers(thread, (message) => !this.#isUp && has(message, { ready: true }));
    // A listener of process's 'worker' event may post to every thread. tinypool's listener in the
    // worker would throw for such a message.
    thread.postMessage = (...args: Parameters<Worker['postMessage']>) => void this.#early.push(args);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromWorker) => this.receive(message));
    port1.on('messageerror', (cause) => this.fail(unreadable(cause)));
    // Pending work alone keeps the process alive. A port with a listener must not.
    port1.unref();
    const request: ThreadRequest = { config, port: port2, ledger: this.ledger.buffer };
    this.open(request, { transferList: [port2 as never] });
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    post(this.#port, message, transfer);
  }

  idleTime(): number {
    return (this.worker as Worker).performance.eventLoopUtilization().idle;
  }

  protected *remaining(): Iterable<FromWorker> {
    for (;;) {
      let next: { message: FromWorker } | undefined;
      try {
        next = receiveMessageOnPort(this.#port);
      } catch (cause) {
        this.fail(unreadable(cause));
        continue;
      }
      if (next === undefined) return;
      yield next.message;
    }
  }

  protected up(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    const thread = this.worker as Worker;
    // Worker.prototype has the original method.
    Reflect.deleteProperty(thread, 'postMessage');
    for (const args of this.#early.splice(0)) thread.postMessage(...args);
  }

  protected closed(): void {
    this.#port.close();
  }
}

function threadOptions({ execArgv = flagsForThread(), ...rest }: WorkerOptions): object {
  // tinypool does not ignore an option that is undefined.
  return { runtime: 'worker_threads', ...(execArgv === undefined ? {} : { execArgv }), ...rest };
}

/**
 * The message may have contained results, and the main thread can't know which. So the worker is
 * ended, and its running tasks are lost. Otherwise they would wait forever.
 */
function unreadable(cause: unknown): Error {
  return new Error('A message from the worker could not be read. Check `cause` and the results of the lost tasks.', {
    cause,
  });
}
