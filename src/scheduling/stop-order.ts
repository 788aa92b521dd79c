/**
 * A job that cancels a task of another process. A client sends it if the client attached to the
 * task and cancelled it before the attach request was sent.
 */
import type { RunOptions } from '../protocol/messages.js';
import { encodeError } from '../protocol/wire-error.js';
import { ATTACH, type Job, type JobWorker, WAITING } from './job.js';

export class StopOrder implements Job {
  readonly attempt = 1;
  readonly priority = 0;
  readonly steps = [ATTACH];
  readonly args: readonly unknown[];
  readonly transfer = undefined;
  readonly dependents = undefined;
  readonly awaitsUpstream = false;
  readonly isTimed = false;
  readonly options: RunOptions = { name: 'stop', priority: 0, timeout: undefined, retry: undefined };
  phase = WAITING;
  worker: JobWorker | undefined = undefined;
  slot = -1;
  readonly #done: () => void;

  /** `done` is called once, when the request was sent or has failed. */
  constructor(
    readonly id: number,
    reason: unknown,
    done: () => void,
  ) {
    this.args = [encodeError(reason, 'reason')];
    this.#done = done;
  }

  fulfilled(): void {
    this.#done();
  }

  rejected(): void {
    this.#done();
  }

  cancelled(): void {}

  unclonable(): void {}

  requeue(): void {}

  sent(): void {}

  ran(): void {}

  progressed(): void {}

  streamed(): void {}
}
