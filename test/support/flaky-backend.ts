/** Workers on this thread that fail to start, or are lost, as a test says. */
import type { Backend } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';

/**
 * `throws`: the worker can't be made; `ends`: it ends before it is up; `comes up and ends`: it ends as soon as it is up, before it can be sent
 * anything.
 */
export type Start = 'works' | 'throws' | 'ends' | 'comes up and ends';

export interface FlakyBackend extends Backend {
  /** When each worker was asked for, so far. */
  readonly starts: readonly number[];
  /** Resolves when the nth worker is asked for. */
  started(nth: number): Promise<void>;
}

/** `script` says what becomes of the nth start, 1 for the first. */
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
          // Before the scheduler hears that it is up: what it sends then comes too late.
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
