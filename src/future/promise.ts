/** Promises of a future's result or outcome. A promise is created only on request. */

import { UserTimer } from '#platform/timers';
import { TimeoutError } from '../errors.js';
import { abortSignal, type Checks, ms, validate } from '../util/validate.js';
import type { Future } from './future.js';
import type { Reaction } from './reaction.js';
import { whenSettled } from './settle.js';
import { type Abortable, listenSignal, unlistenSignal } from './signal.js';
import { FULFILLED, phaseOf } from './state.js';

/** Limits a wait. If the limit is reached, the wait ends and the task continues. */
export interface WaitOptions {
  /**
   * Maximum time to wait in ms, counted from the call. Then the promise is rejected with a
   * TimeoutError.
   * @default no limit
   */
  readonly timeout?: number;
  /** Ends the wait when the signal aborts. The promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

const checks: Checks<WaitOptions> = { timeout: ms, signal: abortSignal };

type Settle = (value: any) => void;

/** Settles a promise as the future settles. */
export class PromiseReaction implements Reaction {
  constructor(
    readonly resolve: Settle,
    readonly reject: Settle,
  ) {}

  react(future: Future<any>): void {
    future._observe();
    if (future._state === FULFILLED) this.resolve(future._value());
    else this.reject(future._result);
  }
}

/** Resolves a promise with the future's outcome. Never rejects the promise. */
class OutcomeReaction implements Reaction {
  constructor(readonly resolve: Settle) {}

  react(future: Future<any>): void {
    future._observe();
    this.resolve(future._outcome());
  }
}

export function resultOf<T>(future: Future<T>, options: WaitOptions | undefined): Promise<T> {
  return limited(future, options, (resolve, reject) => new PromiseReaction(resolve, reject));
}

export function outcomeOf<T>(future: Future<T>, options: WaitOptions | undefined): Promise<any> {
  return limited(future, options, (resolve) => new OutcomeReaction(resolve));
}

function limited(
  future: Future<any>,
  options: WaitOptions | undefined,
  react: (resolve: Settle, reject: Settle) => Reaction,
): Promise<any> {
  if (options !== undefined) validate('result(options), settled(options)', options, checks);
  if (options?.timeout === undefined && options?.signal === undefined) {
    return new Promise((resolve, reject) => whenSettled(future, react(resolve, reject)));
  }
  const { timeout, signal } = options;
  return new Promise((resolve, reject) => {
    let timer: UserTimer | undefined;
    const leave = () => {
      timer?.stop();
      if (signal !== undefined) unlistenSignal(signal, waiting);
      future._removeReaction(reaction);
    };
    const finish = (settle: Settle) => (value: unknown) => {
      leave();
      settle(value);
    };
    const reaction = react(finish(resolve), finish(reject));
    const waiting: Abortable = { cancel: finish(reject) };
    if (signal?.aborted) return waiting.cancel(signal.reason);
    whenSettled(future, reaction);
    if (future.isSettled) return;
    if (signal !== undefined) listenSignal(signal, waiting);
    if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
      const late = () =>
        new TimeoutError(
          `Future "${future.name}" (#${future.id}) did not settle within ${timeout} ms. It was not cancelled. Call cancel() to stop it, or increase the timeout.`,
          { phase: phaseOf(future) },
        );
      timer = new UserTimer(timeout, () => finish(reject)(late()));
    }
  });
}
