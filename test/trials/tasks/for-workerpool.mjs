/**
 * The tasks for workerpool, registered as it needs them, with one that cleans up in an abort
 * listener.
 */
import workerpool from 'workerpool';
import * as tasks from './tasks.mjs';

workerpool.worker({
  ...tasks,
  /** @this {any} @param {Int32Array} cells */
  cleanUpWhenStopped(cells) {
    return new Promise((resolve) => {
      this.worker.addAbortListener(async () => {
        Atomics.add(cells, 2, 1);
        resolve('cleaned up');
      });
      Atomics.add(cells, 0, 1);
      Atomics.notify(cells, 0);
    });
  },
});
