/**
 * Records the outcome of each future of a soak, and compares it with the starts that the tasks
 * counted. It does not keep settled futures, so that it does not retain memory.
 */
import { WorkerDiedError } from 'rx-futures';

const MEANT = /^meant to fail: /;

export class Book {
  /** Number of starts of each task. The tasks count them. */
  starts;
  /** Pending futures, with an entry for each. @type {Map<import('rx-futures').Future<any>, any>} */
  pending = new Map();
  futures = 0;
  ends = { fulfilled: 0, rejected: 0, died: 0, cancelled: 0 };
  /**
   * Ids of rejected futures that no code handles. Each must be reported once.
   * @type {Set<number>}
   */
  #unobserved = new Set();
  reported = 0;
  /** Faults of the library. @type {string[]} */
  faults = [];
  /**
   * Indices of the tasks that were lost with a worker before their first line, for each worker. A
   * task and the chain behind it are two futures with one first task, so indices are collected.
   * `verify` judges them.
   * @type {Map<string, Set<number>>}
   */
  #lostBeforeStart = new Map();
  /** Time of the latest outcome, in ms of `performance.now()`. */
  lastOutcomeAt = performance.now();

  /** @param {number} tasks */
  constructor(tasks) {
    this.starts = new Int32Array(new SharedArrayBuffer(tasks * Int32Array.BYTES_PER_ELEMENT));
  }

  /**
   * @param {import('rx-futures').Future<any>} future
   * @param {number[]} indices
   * @param {object} traits
   */
  track(future, indices, traits) {
    const entry = { id: ++this.futures, indices, calls: 0, ...traits };
    this.pending.set(future, entry);
    future.addDoneCallback((outcome) => {
      if (++entry.calls > 1) this.faults.push(`future ${entry.id} (${future.name}) was settled ${entry.calls} times`);
      this.pending.delete(future);
      this.lastOutcomeAt = performance.now();
      this.#check(outcome, entry);
    });
  }

  #check(outcome, { id, indices, isWatched, last }) {
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
        // If the first step of a chain fails, the chain fails too, and only the chain must be
        // handled. A chain that was cancelled before handles no failure of the first step.
        if (last === undefined ? !isWatched : last.state === 'cancelled') this.#unobserved.add(outcome.future.id);
        if (outcome.reason instanceof WorkerDiedError) {
          this.ends.died++;
          if (counts[0] === 0) this.#lost(outcome.reason.workerName, indices[0]);
        } else {
          this.ends.rejected++;
          if (!MEANT.test(outcome.reason?.message)) complain(`rejected with ${String(outcome.reason)}`);
          if (counts[0] !== 1) complain('it failed, but never ran');
        }
    }
  }

  /** Called by the executor for a failure that no code handles. */
  report(error, { id, name }) {
    this.reported++;
    if (this.#unobserved.delete(id) || error.message === 'left behind') return;
    // The future was cancelled or had settled earlier. Its timer or promise still ended a worker,
    // so the error is reported.
    if (name === 'throwInTimer' || name === 'leaveRejection') return;
    this.faults.push(`reported as unhandled, but was handled: ${name} #${id}, ${error}`);
  }

  #lost(worker, index) {
    const lost = this.#lostBeforeStart.get(worker) ?? new Set();
    this.#lostBeforeStart.set(worker, lost.add(index));
  }

  get lostBeforeStart() {
    return [...this.#lostBeforeStart.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Judges the soak at its end. A thread that is killed from outside may have claimed a task
   * without reaching its first line. This can happen to one task on each such thread, because the
   * claim and the first line are a few calls apart. No other loss is allowed.
   *
   * @param {ReadonlySet<string>} shotWorkers
   */
  verify(shotWorkers) {
    for (const [future, { id, indices }] of this.pending) {
      this.faults.push(`future ${id} (${future.name}, tasks ${indices}) never settled: ${future.state}`);
    }
    for (const [worker, { size }] of this.#lostBeforeStart) {
      const allowed = shotWorkers.has(worker) ? 1 : 0;
      if (size > allowed)
        this.faults.push(`${size} tasks that had not started were lost with ${worker} (${allowed} allowed)`);
    }
    for (const id of this.#unobserved) this.faults.push(`not handled, but not reported: future #${id}`);
    this.starts.forEach((count, index) => {
      if (count > 1) this.faults.push(`task ${index} ran ${count} times`);
    });
  }

  /** Describes pending futures, for the message about a soak that hangs. */
  describePending() {
    return [...this.pending].map(
      ([future, { id, indices }]) =>
        `future ${id}: ${future.name}, ${future.state}, tasks ${indices}, started ${indices.map((i) => this.starts[i])}`,
    );
  }
}

function indexOf(value) {
  if (typeof value !== 'object') return value;
  // A step returns the index of the next step.
  return 'starts' in value ? value.index - 1 : value.index;
}
