/**
 * The name and thread of a worker, for futures that have settled. It does not keep the worker's
 * jobs alive.
 */
import type { JobWorker } from '../job/job.js';

export class FormerWorker implements JobWorker {
  constructor(
    readonly name: string,
    readonly threadId: number | undefined,
  ) {}

  get identity(): this {
    return this;
  }

  hasClaimed(): boolean {
    return false;
  }

  startedAt(): number {
    return Number.NaN;
  }

  endedAt(): number {
    return Number.NaN;
  }

  upstreamSettled(): void {}

  grant(): void {}

  isWaiting(): boolean {
    return false;
  }

  readonly isLinkable = false;

  postInput(): void {}
}
