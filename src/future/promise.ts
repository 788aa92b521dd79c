/** A future as a promise: made when somebody asks, never before. */

import { TimeoutError } from '../errors.js';
import { UserTimer } from '../platform/timers.js';
import { checkNames, show } from '../util/validate.js';
import type { Future } from './future.js';
import type { Reaction } from './reaction.js';
import { whenSettled } from './settle.js';
import { type Abortable, listenSignal, unlistenSignal } from './signal.js';
import { FULFILLED } from './state.js';

/** How long to wait. Giving up stops the waiting, not the work. */
export interface WaitOptions {
  /** ms from this call; then TimeoutError. Default: no limit. */
  readonly timeout?: number;
  /** Gives up when it aborts, with its reason. */
  readonly signal?: AbortSignal;
}

type Settle = (value: any) => void;

/** Resolves with the value, rejects with the reason. */
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

/** Resolves with the outcome, whatever it is. */
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
  checkNames(options, ['timeout', 'signal'], 'result(options), settled(options)');
  if (options?.timeout === undefined && options?.signal === undefined) {
    return new Promise((resolve, reject) => whenSettled(future, react(resolve, reject)));
  }
  const { timeout, signal } = options;
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw new RangeError(`timeout: expected a number of ms, 0 or more, got ${show(timeout)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal: expected an AbortSignal, got ${show(signal)}`);
  }
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
          `${future.name} (#${future.id}) had not settled after ${timeout} ms. It goes on; cancel() stops it.`,
        );
      timer = new UserTimer(timeout, () => finish(reject)(late()));
    }
  });
}
