/** The main thread's half of a child process. */
import type { ChildProcess } from 'node:child_process';
import { explainUnclonable } from '../../protocol/clone-fault.js';
import type { Envelope, FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import { fromProcess, type ProcessBytes, toProcess } from '../../protocol/process-bytes.js';
import { encodeError } from '../../protocol/wire-error.js';
import type { SessionListener, WorkerOptions } from '../backend.js';
import { NodeSession } from '../node-worker/session.js';
import { processFiles } from '../tinypool/host-file.js';
import { flagsForProcess } from '../tinypool/inherited-flags.js';
import { startInPool } from '../tinypool/pool-worker.js';
import { has, ignoreOthers } from '../tinypool/public-port.js';
import type { ProcessRequest } from './host.js';
import { AssumedLedger } from './ledger.js';

export class ProcessSession extends NodeSession {
  readonly ledger = new AssumedLedger();
  readonly canRevoke = false;
  /** Mark of this session's messages, because tasks, libraries and Node use the same channel. */
  readonly #mark = crypto.randomUUID();
  #send: ((message: Envelope) => void) | undefined;
  /**
   * Messages that were posted before the session was open. They are sent when it is open, because
   * the process would ignore an earlier message.
   */
  #early: Envelope[] | undefined = [];

  constructor(config: SessionConfig, options: WorkerOptions, listener: SessionListener) {
    super((failed) => startInPool(processOptions(options), processFiles, failed), listener);
    const child = this.worker as ChildProcess;
    ignoreOthers(
      child,
      (message) =>
        has(message, { rxFutures: this.#mark }) ||
        (this.#early !== undefined && has(message, { __tinypool_worker_message__: true })),
    );
    // A process that ends closes its channel. A process that lives on (after a task has called
    // process.disconnect()) receives no more messages, so it is killed.
    child.once('disconnect', () => this.killUnlessEnded());
    const channel = {
      onMessage: (send: (message: Envelope) => void) => {
        this.#send = send;
      },
      postMessage: (envelope: Envelope) => {
        this.up();
        this.receive(fromProcess(envelope) as FromWorker);
      },
    };
    const request: ProcessRequest = { mark: this.#mark, config: toProcess(config) };
    this.open(request, { channel });
    liveSessions.add(this);
  }

  post(message: ToWorker): void {
    // After its end, the process has no channel. The listener is informed of the end separately.
    if (this.hasEnded) return;
    // The message is encoded now, so that a value that can't be sent is refused at the call,
    // whether or not the session is open.
    this.#post({ rxFutures: this.#mark, ...encode(message) });
  }

  protected override up(): void {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    for (const envelope of early) this.#post(envelope);
  }

  #post(envelope: Envelope): void {
    if (this.#early === undefined) this.#send?.(envelope);
    else this.#early.push(envelope);
  }

  protected remaining(): Iterable<FromWorker> {
    // No message is left. A process exits when its socket has accepted its last message, and libuv
    // reads the socket before it reports the exit.
    return [];
  }

  protected closed(): void {
    this.#send = undefined;
    liveSessions.delete(this);
  }
}

/** @throws NoBytesError for arguments that can't be sent to a process */
function encode(message: ToWorker): ProcessBytes {
  if (message.type !== 'abort') return toProcess(message);
  try {
    return toProcess(message);
  } catch (error) {
    // The reason of a cancellation can't be sent. The task receives the error of that attempt as
    // the reason.
    return toProcess({ ...message, reason: encodeError(explainUnclonable(message.reason, 'reason', error)) });
  }
}

/**
 * Sessions whose child processes are killed when this process exits. A child that is blocked by a
 * loop does not notice that its parent has ended.
 *
 * If this process is killed, the 'exit' listener does not run. The child then ends by its own
 * watchdog, within a second (watchdog.ts).
 */
const liveSessions = new Set<ProcessSession>();

process.on('exit', () => {
  for (const { threadId } of liveSessions) {
    try {
      if (threadId !== undefined) process.kill(threadId, 'SIGKILL');
    } catch {
      // The child has already ended.
    }
  }
});

function processOptions({
  env = process.env as Record<string, string>,
  execArgv = flagsForProcess(),
  resourceLimits,
  ...rest
}: WorkerOptions): object {
  const limit = resourceLimits?.maxOldGenerationSizeMb;
  const flags = limit === undefined ? [] : [`--max-old-space-size=${limit}`];
  return { runtime: 'child_process', serialization: 'advanced', env, execArgv: [...execArgv, ...flags], ...rest };
}
