/**
 * The tools of a fault program: the pool of one contender and a gate for its tasks. `settle` waits
 * for a promise that may never settle.
 */

/**
 * Time in ms after which a promise counts as hung. It is about ten times the time in which the
 * slowest contender replaces a worker.
 */
const PATIENCE = 4_000;

/**
 * @typedef {{ how: 'fulfilled', value: any } | { how: 'rejected', error: any } | { how: 'hung' }}
 * End
 */

export class Stand {
  /** Memory shared with tasks. Cell 0 counts arrivals, cell 1 is the gate, cell 2 counts runs. */
  cells = new Int32Array(new SharedArrayBuffer(16));

  /** @param {any} pool */
  constructor(pool) {
    this.pool = pool;
  }

  /** Submits a task. If the submit throws, the task counts as rejected. */
  start(task, arg) {
    try {
      const started = this.pool.start(task, arg);
      // `end()` handles the failure later. Until then, it must not end the process as unhandled.
      started.result.catch(() => {});
      return { end: () => settle(started.result), cancel: started.cancel };
    } catch (error) {
      return { end: async () => ({ how: 'rejected', error }), cancel: () => {} };
    }
  }

  /** Submits a task and waits until it settles. @returns {Promise<End>} */
  run(task, arg) {
    return this.start(task, arg).end();
  }

  /** Closes the pool with the method `how` and waits for it. @returns {Promise<End>} */
  close(how) {
    try {
      return settle(this.pool[how]());
    } catch (error) {
      return Promise.resolve({ how: 'rejected', error });
    }
  }

  get runs() {
    return Atomics.load(this.cells, 2);
  }

  /** Resolves when a task has arrived at the gate. */
  async arrival() {
    const arrived = Atomics.waitAsync(this.cells, 0, 0, PATIENCE);
    if (arrived.async && (await arrived.value) === 'timed-out') throw new Error('no task has arrived at the gate');
  }

  openGate() {
    Atomics.store(this.cells, 1, 1);
    Atomics.notify(this.cells, 1);
  }
}

/** @returns {Promise<End>} */
export async function settle(promise) {
  let timer;
  const patience = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ how: 'hung' }), PATIENCE);
  });
  const end = Promise.resolve(promise).then(
    (value) => ({ how: 'fulfilled', value }),
    (error) => ({ how: 'rejected', error }),
  );
  const first = await Promise.race([end, patience]);
  clearTimeout(timer);
  return first;
}
