/**
 * Child processes: a native crash takes down only its own. Messages go through the process channel, which has no shared memory and moves
 * nothing: what is sent counts as begun, and `transfer` copies.
 */

import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { now } from '../../platform/time.js';
import { CLAIMED, DONE, LEDGER_CELLS } from '../../protocol/ledger.js';
import type { Envelope, FromWorker, SessionConfig, ToWorker } from '../../protocol/messages.js';
import { fromProcess, type ProcessBytes, toProcess } from '../../protocol/process-bytes.js';
import { encodeError, notCloned } from '../../protocol/wire-error.js';
import type { Backend, SessionLedger, SessionListener, WorkerOptions } from '../backend.js';
import { flagsForProcess } from '../tinypool/inherited-flags.js';
import { PoolSession } from '../tinypool/pool-session.js';
import { has, ignoreOthers } from '../tinypool/public-port.js';

/** What `runtime: 'child_process'` selects. */
export function processesBackend(): Backend {
  return { name: 'processes', open: (config, options, listener) => new ProcessSession(config, options, listener) };
}

class ProcessSession extends PoolSession {
  readonly ledger = new AssumedLedger();
  readonly canTakeBack = false;
  /** Marks the messages of this session: tasks, libraries and Node use the same channel. */
  readonly #mark = randomUUID();
  #send: ((message: Envelope) => void) | undefined;
  /** What was posted before the session was up: nobody listens to it until then. */
  #early: Envelope[] | undefined = [];

  constructor(config: SessionConfig, options: WorkerOptions, listener: SessionListener) {
    super(processOptions(options), listener);
    const child = this.worker as ChildProcess;
    ignoreOthers(
      child,
      (message) =>
        has(message, { rxFutures: this.#mark }) ||
        (this.#early !== undefined && has(message, { __tinypool_worker_message__: true })),
    );
    // A child that ends is through with its channel. One that lives on (a task has called process.disconnect()) hears nothing any more.
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
    this.open({ config: toProcess(config), mark: this.#mark }, { channel: channel as never });
    endWithThisProcess.add(this);
  }

  post(message: ToWorker): void {
    // After its end the channel is gone; the listener hears of that by itself.
    if (this.hasEnded) return;
    // Encoded now: a value that cannot be sent is refused at the call, whether or not the session is up.
    this.#post({ rxFutures: this.#mark, ...encode(message) });
  }

  protected up(): void {
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
    // A process exits only after its channel is read to the end.
    return [];
  }

  protected closed(): void {
    this.#send = undefined;
    endWithThisProcess.delete(this);
  }
}

/** @throws NoBytesError for arguments that no process can receive */
function encode(message: ToWorker): ProcessBytes {
  if (message.type !== 'abort') return toProcess(message);
  try {
    return toProcess(message);
  } catch (error) {
    // The reason of a cancel: the task receives what was wrong with the reason.
    return toProcess({ ...message, reason: encodeError(notCloned(message.reason, 'reason', error)) });
  }
}

/**
 * A child that listens hears that its parent has gone. One that is in a loop doesn't, so it is ended here, at once; where the parent was
 * killed, this doesn't run either, and the child ends by its own watchdog, within a second (worker/watchdog.ts).
 */
const endWithThisProcess = new Set<ProcessSession>();

process.on('exit', () => {
  for (const { threadId } of endWithThisProcess) {
    try {
      if (threadId !== undefined) process.kill(threadId, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
});

/** Without shared memory nobody can tell what a process has begun: what was sent to it counts as begun. */
class AssumedLedger implements SessionLedger {
  readonly size = LEDGER_CELLS;
  readonly #startedAt: number[] = [];
  readonly #open = new Set<number>();

  open(slot: number): void {
    this.#startedAt[slot] = now();
    this.#open.add(slot);
  }

  upstreamSettled(slot: number): void {
    this.open(slot);
  }

  revoke(): boolean {
    return false;
  }

  stop(): void {}

  phase(slot: number): number {
    return this.#open.has(slot) ? CLAIMED : DONE;
  }

  startedAt(slot: number): number {
    return this.#startedAt[slot] ?? 0;
  }

  /** Asked when the report has come, and known no better. */
  endedAt(): number {
    return now();
  }
}

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
