/** A backend whose workers run on this thread, and fail to start or are lost if a test says so. */
import type { Backend } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';

/**
 * The result of a start.
 *
 * - `throws`: the worker can't be created.
 * - `ends`: the worker exits before it is ready.
 * - `comes up and ends`: the worker exits as soon as it is ready, before it can receive a message.
 */
export type Start = 'works' | 'throws' | 'ends' | 'comes up and ends';

export interface FlakyBackend extends Backend {
  /** The time of each start so far. */
  readonly starts: readonly number[];
  /** Resolves when the nth worker is started. */
  started(nth: number): Promise<void>;
}

/**
 * Opens the backend. `script` returns the result of the nth start. The first start has the number
 * 1.
 */
export function flakyBackend(script: (nth: number) => Start): FlakyBackend {
  const inline = inlineBackend();
  const starts: number[] = [];
  const waiting = new Map<number, () => void>();
  return {
    name: 'flaky',
    starts,
    started: (nth) => (starts.length >= nth ? Promise.resolve() : new Promise((resolve) => waiting.set(nth, resolve))),
    open(config, options, listener) {
      const nth = starts.push(performance.now());
      waiting.get(nth)?.();
      const start = script(nth);
      if (start === 'throws') throw new Error(`no worker today (${nth})`);
      const session = inline.open(config, options, {
        message: (message) => {
          // The worker exits before the scheduler receives "ready", so messages sent to it are
          // lost.
          if (message.type === 'ready' && start === 'comes up and ends') session.kill();
          listener.message(message);
        },
        ended: (ending) => listener.ended(ending),
      });
      if (start === 'ends') session.kill();
      return session;
    },
  };
}
