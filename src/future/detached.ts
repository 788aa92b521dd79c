/**
 * The owner and the producer of futures that belong to no executor: Deferreds, `Future.resolve`,
 * `Future.reject`, `Future.from` and combinators.
 */
import type { Adopted, Adopter } from './adopt.js';
import type { Future } from './future.js';
import { isFuture } from './is-future.js';
import type { Owner, Producer } from './producer.js';
import { reportCallbackError, warnUnobserved } from './warnings.js';

export const detachedOwner: Owner = {
  unobserved: new Set(),
  added: () => {},
  ended: () => {},
  callbackFailed: reportCallbackError,
  failedUnobserved: (failure) => warnUnobserved(failure.error, failure),
};

export class DetachedProducer implements Producer, Adopter {
  readonly threadId = undefined;
  hasStarted = false;
  adopted: Adopted | undefined = undefined;

  /** @param stopped called when the future is cancelled */
  constructor(
    readonly name: string,
    public stopped: ((reason: unknown) => void) | undefined = undefined,
    readonly owner: Owner = detachedOwner,
  ) {}

  isRunning(): boolean {
    return this.hasStarted;
  }

  get source(): Future<any> | undefined {
    const source = this.adopted?.source;
    return isFuture(source) ? source : undefined;
  }

  stop(reason: unknown): void {
    this.stopped?.(reason);
    this.adopted?.stop(reason);
  }

  release(): void {
    this.stopped = undefined;
    this.adopted = undefined;
  }
}
