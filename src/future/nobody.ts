/** The owner and the origin of futures that belong to no executor: Deferreds, `Future.resolve` and its like, combinators. */
import type { Origin, Owner } from './origin.js';
import { reportCallbackError, warnUnobserved } from './warnings.js';

export const nobody: Owner = {
  unobserved: new Set(),
  began: () => {},
  ended: () => {},
  callbackFailed: reportCallbackError,
  failedUnobserved: (failure) => warnUnobserved(failure.error, failure),
};

export class DetachedOrigin implements Origin {
  readonly threadId = undefined;
  hasStarted = false;

  /** `stopped` is called when the future is cancelled. */
  constructor(
    readonly name: string,
    public stopped: ((reason: unknown) => void) | undefined = undefined,
    readonly owner: Owner = nobody,
  ) {}

  isRunning(): boolean {
    return this.hasStarted;
  }

  stop(reason: unknown): void {
    this.stopped?.(reason);
  }

  release(): void {
    this.stopped = undefined;
  }
}
