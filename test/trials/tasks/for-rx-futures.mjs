/** The tasks for rx-futures, with one that listens to its signal and cleans up. */
import { currentTask } from 'rx-futures/worker';

export * from './tasks.mjs';

/** @param {Int32Array} cells */
export function cleanUpWhenStopped(cells) {
  return new Promise((resolve) => {
    currentTask().signal.addEventListener('abort', () => {
      Atomics.add(cells, 2, 1);
      resolve('cleaned up');
    });
    Atomics.add(cells, 0, 1);
    Atomics.notify(cells, 0);
  });
}

export function initialize() {
  throw new RangeError('no database there');
}
