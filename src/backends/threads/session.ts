/**
 * The main thread's half of a worker thread, which may come from tinypool or the program. Sends
 * small batches of jobs through shared memory, and everything else through a port.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { clearTimeout, performance, setTimeout } from '#platform/time';
import { isBun, isDeno } from '#platform/which-runtime';
import { countJobs } from '../../protocol/job-layout.js';
import { Ledger } from '../../protocol/ledger.js';
import { Patience } from '../../protocol/mailbox/patience.js';
import { ASLEEP, AWAKE, type Letters, RingReader, RingWriter, ringMemory, WAKE } from '../../protocol/mailbox/ring.js';
import type { FromWorker, JobBatch, SessionConfig, ToWorker } from '../../protocol/messages.js';
import { postMoving } from '../../protocol/post-by-copy.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { SessionListener } from '../backend.js';
import { NodeSession, type Start } from '../node-worker/session.js';
import type { ThreadRequest } from './port-host.js';
import { type Polled, startPolling } from './report-poll.js';

/**
 * Time in ms for which the main thread polls for reports, once in each turn of its event loop,
 * before it sleeps. In that time, a worker that is awake runs a small task.
 */
const POLL_MS = 0.1;
/** Time in ms in which the last messages of an ended worker arrive on Deno: 20 in a short trial. */
const LAST_MESSAGES_MS = 500;

export class ThreadSession extends NodeSession implements Polled {
  readonly ledger = new Ledger();
  readonly canRevoke = true;
  readonly #port: MessagePort;
  /** Resolves when the other side has closed the port. Only Deno needs it. */
  readonly #closed: Promise<void> | undefined;
  readonly #jobs: RingWriter;
  readonly #reports: RingReader;
  #isPolled = false;
  #pollUntil = 0;
  readonly #patience = new Patience();
  /** Number of jobs that the worker has not reported. */
  #unreported = 0;
  /** Time in ms that a job took according to the last reports. */
  #msPerJob = 0;

  constructor(config: SessionConfig, start: Start, listener: SessionListener) {
    super(start, listener);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromWorker | typeof WAKE) => this.#arrived(message));
    port1.on('messageerror', (cause) => this.fail(unreadable(cause)));
    this.#closed = isDeno ? new Promise((resolve) => port1.on('close', resolve)) : undefined;
    // Only pending work keeps the process alive (G13). A port with a listener must not.
    port1.unref();
    const jobs = ringMemory();
    const reports = ringMemory();
    this.#jobs = new RingWriter(jobs);
    this.#reports = new RingReader(reports);
    const request: ThreadRequest = { config, port: port2, ledger: this.ledger.buffer, jobs, reports };
    this.open(request, { transferList: [port2] });
  }

  post(message: ToWorker, transfer?: readonly Transferable[]): void {
    const isRun = message.type === 'run';
    if (isRun && transfer === undefined && isLetter(message) && this.#write(message)) return;
    postMoving(this.#port, message, transfer);
    if (isRun) this.#unreported += countJobs(message.cells);
    this.#jobs.posted();
    // A blocked worker does not notice a message, so it is also notified through the ring.
    if (!this.#jobs.notify() && isRun && this.#jobs.isReaderAwake) this.#expectReports();
  }

  #write({ cells, args }: JobBatch): boolean {
    if (!this.#jobs.isInOrder || !this.#jobs.write(cells, args, 0)) return false;
    this.#unreported += countJobs(cells);
    const reader = this.#jobs.wake();
    if (reader === ASLEEP) this.#port.postMessage(WAKE);
    // A worker that has to be woken needs longer than POLL_MS.
    else if (reader === AWAKE) this.#expectReports();
    return true;
  }

  #expectReports(): void {
    // The time from the letter to the reports would be a bad measure. It is long if this thread
    // sleeps meanwhile and has to be woken.
    if (this.#msPerJob <= POLL_MS) this.#stayAwake();
  }

  #stayAwake(): void {
    if (!this.#isPolled && !this.#patience.isWorthTrying()) return;
    this.#pollUntil = performance.now() + POLL_MS;
    if (this.#isPolled) return;
    this.#reports.wakeUp();
    this.#startPolling();
  }

  #startPolling(): void {
    this.#isPolled = true;
    startPolling(this);
  }

  poll(now: number): boolean {
    if (this.hasEnded) this.#isPolled = false;
    else if (this.#readLetters()) return true;
    else if (this.#unreported === 0) this.#isPolled = !this.#reports.sleep();
    else if (now >= this.#pollUntil) {
      this.#patience.failed();
      this.#isPolled = !this.#reports.sleep();
    }
    return this.#isPolled;
  }

  #readLetters(): boolean {
    const letters = this.#reports.read();
    if (letters === undefined) return false;
    const reports = asReports(letters);
    this.#counted(reports);
    this.receive(reports);
    return true;
  }

  /** Learns the pace of the worker from its reports. Called before they are handled. */
  #counted({ cells, busy }: FromWorker & { type: 'reports' }): void {
    const count = cells.length / 2;
    this.#msPerJob = busy / count;
    this.#unreported -= count;
    if (this.#isPolled) this.#patience.succeeded();
  }

  /** The next values of a stream may follow soon. */
  #streamed(): void {
    if (this.#isPolled) this.#patience.succeeded();
    this.#stayAwake();
  }

  /** Handles all letters and then the message. All letters were written before the message. */
  #arrived(message: FromWorker | typeof WAKE): void {
    try {
      this.#readLetters();
      if (message === WAKE) return;
      this.#reports.received();
      if (message.type === 'reports') this.#counted(message);
      else if (message.type === 'values') this.#streamed();
      this.receive(message);
    } finally {
      if (!this.#isPolled && !this.hasEnded && !this.#reports.sleep()) this.#startPolling();
    }
  }

  idleTime(): number {
    // Bun and Deno do not measure it.
    if (isBun || isDeno) return 0;
    return (this.worker as Worker).performance.eventLoopUtilization().idle;
  }

  /**
   * On Deno the last messages arrive in later turns, and then the port is closed by its other side.
   * Deno emits `exit` before or after that, even inside worker.terminate(). A port that never
   * reached its worker is not closed.
   */
  protected override afterMessages(ended: () => void): void {
    if (!isDeno) {
      ended();
      return;
    }
    const timer = setTimeout(ended, LAST_MESSAGES_MS);
    void this.#closed!.then(() => {
      clearTimeout(timer);
      ended();
    });
  }

  protected *remaining(): Iterable<FromWorker> {
    const letters = this.#reports.read();
    if (letters !== undefined) yield asReports(letters);
    while (!isDeno) {
      let next: { message: FromWorker | typeof WAKE } | undefined;
      try {
        next = receiveMessageOnPort(this.#port);
      } catch (cause) {
        this.fail(unreadable(cause));
        continue;
      }
      if (next === undefined) return;
      if (next.message !== WAKE) yield next.message;
    }
  }

  protected closed(): void {
    this.#port.close();
  }
}

/** Returns false for a batch with one of the rare parts, which a letter can't contain. */
function isLetter({ functions, contexts, options, inputs, outputs }: JobBatch): boolean {
  const hasStreams = inputs !== undefined || outputs !== undefined;
  return functions === undefined && contexts === undefined && options === undefined && !hasStreams;
}

function asReports({ cells, values, busy }: Letters): FromWorker & { type: 'reports' } {
  return { type: 'reports', cells, values, busy };
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
