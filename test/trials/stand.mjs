/**
 * What a fault program has at hand: the pool of one contender, a gate that its tasks can meet at, and a way to wait for an
 * end that may never come.
 */

/** ms after which a promise counts as hung: some ten times what the slowest contender needs to replace a worker. */
const PATIENCE = 4_000;

/** @typedef {{ how: 'fulfilled', value: any } | { how: 'rejected', error: any } | { how: 'hung' }} End */

export class Stand {
  /** Shared with tasks: 0 counts arrivals, 1 is the gate, 2 counts runs. */
  cells = new Int32Array(new SharedArrayBuffer(16));

  /** @param {any} pool */
  constructor(pool) {
    this.pool = pool;
  }

  /** Submits a task. One that is refused at once counts as rejected. */
  start(task, arg) {
    try {
      const started = this.pool.start(task, arg);
      // Somebody looks at it later; until then its failure is not to end the process.
      started.result.catch(() => {});
      return { end: () => settle(started.result), cancel: started.cancel };
    } catch (error) {
      return { end: async () => ({ how: 'rejected', error }), cancel: () => {} };
    }
  }

  /** Submits a task and waits for its end. @returns {Promise<End>} */
  run(task, arg) {
    return this.start(task, arg).end();
  }

  /** Waits for one of the pool's own ends. @returns {Promise<End>} */
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

  /** Resolves when a task has come to the gate. */
  async arrival() {
    const arrived = Atomics.waitAsync(this.cells, 0, 0, PATIENCE);
    if (arrived.async && (await arrived.value) === 'timed-out') throw new Error('no task has come to the gate');
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
