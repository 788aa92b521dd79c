/** `wait`: waits until enough futures have settled. */

import { UserTimer } from '#platform/timers';
import type { Future } from '../future/future.js';
import type { Reaction } from '../future/reaction.js';
import { whenSettled } from '../future/settle.js';
import { REJECTED } from '../future/state.js';
import { type Checks, ms, oneOf, validate } from '../util/validate.js';
import { futuresOf } from './source.js';

/** Options of {@link wait}. */
export interface WaitForOptions {
  /**
   * When to resolve. `'all'`: when every future has settled. `'first'`: when one future has
   * settled. `'first-error'`: when one future was rejected, or all have settled.
   *
   * @default 'all'
   */
  readonly returnWhen?: 'all' | 'first' | 'first-error';
  /**
   * Time limit in ms. After that time the promise resolves with the futures as they are. It does
   * not reject.
   *
   * @default Infinity
   */
  readonly timeout?: number;
}

const checks: Checks<WaitForOptions> = { returnWhen: oneOf('all', 'first', 'first-error'), timeout: ms };

/** The futures that were passed to {@link wait}, in two sets. */
export interface Waited<F extends Future<any>> {
  /** The futures that have settled. */
  readonly done: Set<F>;
  /** The futures that have not settled. */
  readonly notDone: Set<F>;
}

/**
 * Waits for futures, and resolves with those that have settled and those that have not.
 *
 * Use it if the program continues after the first outcome, after the first error, or after a time
 * limit.
 *
 * ```ts
 * const { done, notDone } = await wait([nap(60_000), nap(100)], { returnWhen: 'first' });
 * console.log(`${done.size} done, ${notDone.size} not done`);
 * for (const future of notDone) future.cancel();
 * // Output:
 * // 1 done, 1 not done
 * ```
 *
 * `wait` cancels nothing, and a failed future does not reject the promise.
 *
 * Holds the futures until it resolves. After that, a future that is still pending holds nothing of
 * this call.
 *
 * @throws TypeError if an item is not a Future, or an option has the wrong type
 * @throws RangeError if `timeout` is out of range
 * @see {@link asCompleted}, {@link all}
 */
export function wait<F extends Future<any>>(futures: Iterable<F>, options: WaitForOptions = {}): Promise<Waited<F>> {
  validate('wait()', options, checks);
  const { returnWhen = 'all', timeout = Number.POSITIVE_INFINITY } = options;
  const members = new Set(futuresOf(futures, 'wait()'));
  return new Promise((resolve) => {
    let timer: UserTimer | undefined;
    let settledCount = 0;
    let isOver = false;
    const finish = () => {
      if (isOver) return;
      isOver = true;
      timer?.stop();
      const done = new Set<F>();
      const notDone = new Set<F>();
      for (const future of members) {
        if (future.isSettled) {
          future._observe();
          done.add(future);
        } else {
          future._removeReaction(reaction);
          notDone.add(future);
        }
      }
      resolve({ done, notDone });
    };
    const reaction: Reaction = {
      react(future) {
        settledCount++;
        const isEnough = returnWhen === 'first' || (returnWhen === 'first-error' && future._state === REJECTED);
        if (isEnough || settledCount === members.size) finish();
      },
    };
    if (members.size === 0) return finish();
    for (const future of members) if (!isOver) whenSettled(future, reaction);
    if (!isOver && timeout !== Number.POSITIVE_INFINITY) timer = new UserTimer(timeout, finish);
  });
}
