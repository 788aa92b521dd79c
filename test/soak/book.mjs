/**
 * The book of a soak: how often each future was settled and how, against what the tasks counted themselves. It keeps no
 * settled future, so that it can't be what holds memory.
 */
import { WorkerDiedError } from 'rx-futures';

const MEANT = /^meant to fail: /;

export class Book {
  /** How often each task has started, counted by itself. */
  starts;
  /** The futures that have not settled, with what they stand for. @type {Map<import('rx-futures').Future<any>, any>} */
  pending = new Map();
  futures = 0;
  ends = { fulfilled: 0, rejected: 0, died: 0, cancelled: 0 };
  /** Rejected futures that nobody has looked at, by id; each is to be reported once. @type {Set<number>} */
  #unobserved = new Set();
  reported = 0;
  /** What should not be. @type {string[]} */
  faults = [];
  /** Tasks that were lost with a worker before their first line, by worker; see `verify`. @type {Map<string, number>} */
  #lostAtTheGate = new Map();

  /** @param {number} tasks */
  constructor(tasks) {
    this.starts = new Int32Array(new SharedArrayBuffer(tasks * Int32Array.BYTES_PER_ELEMENT));
  }

  /** @param {import('rx-futures').Future<any>} future @param {number[]} indices @param {object} traits */
  track(future, indices, traits) {
    const entry = { id: ++this.futures, indices, calls: 0, ...traits };
    this.pending.set(future, entry);
    future.addDoneCallback((outcome) => {
      if (++entry.calls > 1) this.faults.push(`future ${entry.id} (${future.name}) was settled ${entry.calls} times`);
      this.pending.delete(future);
      this.#check(outcome, entry);
    });
  }

  #check(outcome, { id, indices, isWatched, isChained }) {
    const counts = indices.map((index) => Atomics.load(this.starts, index));
    const complain = (text) =>
      this.faults.push(`future ${id} (${outcome.future.name}, tasks ${indices}, started ${counts}): ${text}`);
    if (counts.some((count, i) => count > (counts[i - 1] ?? 1))) complain('a later task started before an earlier one');
    switch (outcome.status) {
      case 'fulfilled':
        this.ends.fulfilled++;
        if (counts.some((count) => count !== 1)) complain('fulfilled, but not every task ran once');
        if (indexOf(outcome.value) !== indices.at(-1)) complain(`fulfilled with ${JSON.stringify(outcome.value)}`);
        break;
      case 'cancelled':
        this.ends.cancelled++;
        break;
      case 'rejected':
        // A head's failure is handed on to its chain, and so is the duty to look at it.
        if (!isWatched && !isChained) this.#unobserved.add(outcome.future.id);
        if (outcome.reason instanceof WorkerDiedError) {
          this.ends.died++;
          if (counts[0] === 0) this.#lost(outcome.reason.workerName);
        } else {
          this.ends.rejected++;
          if (!MEANT.test(outcome.reason?.message)) complain(`rejected with ${String(outcome.reason)}`);
          if (counts[0] !== 1) complain('it has failed, but never ran');
        }
    }
  }

  /** Told by the executor of a failure that nobody has looked at. */
  report(error, { id, name }) {
    this.reported++;
    if (this.#unobserved.delete(id) || error.message === 'left behind') return;
    // The future was cancelled or had ended otherwise; what it had set in motion is reported, since it ended a worker.
    if (name === 'throwInTimer' || name === 'leaveRejection') return;
    this.faults.push(`reported as unobserved, and was not: ${name} #${id}, ${error}`);
  }

  #lost(worker) {
    this.#lostAtTheGate.set(worker, (this.#lostAtTheGate.get(worker) ?? 0) + 1);
  }

  get lostAtTheGate() {
    return [...this.#lostAtTheGate.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * When all is over. A thread that is shot from outside may have claimed a task and not come to its first line: one task on
   * each such thread, since the two are a few calls apart with nothing in between. No other loss is allowed.
   *
   * @param {ReadonlySet<string>} shotWorkers
   */
  verify(shotWorkers) {
    for (const [future, { id, indices }] of this.pending) {
      this.faults.push(`future ${id} (${future.name}, tasks ${indices}) never settled: ${future.state}`);
    }
    for (const [worker, count] of this.#lostAtTheGate) {
      const allowed = shotWorkers.has(worker) ? 1 : 0;
      if (count > allowed)
        this.faults.push(`${worker} took ${count} tasks along that had not begun (${allowed} allowed)`);
    }
    for (const id of this.#unobserved) this.faults.push(`failed unobserved, and was not reported: future #${id}`);
    this.starts.forEach((count, index) => {
      if (count > 1) this.faults.push(`task ${index} ran ${count} times`);
    });
  }

  /** For whoever waits in vain. */
  describePending() {
    return [...this.pending].map(
      ([future, { id, indices }]) =>
        `future ${id}: ${future.name}, ${future.state}, tasks ${indices}, started ${indices.map((i) => this.starts[i])}`,
    );
  }
}

function indexOf(value) {
  if (typeof value !== 'object') return value;
  // A step hands on the index of the next one.
  return 'starts' in value ? value.index - 1 : value.index;
}
