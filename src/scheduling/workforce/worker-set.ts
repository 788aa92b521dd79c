/** The workers of an executor that have not ended, and figures about all of them. */
import type { Worker } from '../worker/worker.js';

export class WorkerSet {
  /** Workers that have not ended. */
  readonly all = new Set<Worker>();
  /** Workers that may receive jobs. */
  receiving: readonly Worker[] = [];
  /** ms in which workers that have ended had a task. */
  #busyTime = 0;
  /** ms for which workers that have ended were up. */
  #upTime = 0;

  /** Fraction of the up time of all workers in which they had a task. */
  get utilization(): number {
    let busyTime = this.#busyTime;
    let up = this.#upTime;
    for (const worker of this.all) {
      busyTime += worker.load.busyTime;
      up += worker.upTime;
    }
    return up === 0 ? 0 : Math.min(1, busyTime / up);
  }

  /** Number of workers that start or may receive jobs. */
  get current(): number {
    let count = 0;
    for (const { state } of this.all) if (state === 'starting' || state === 'ready') count++;
    return count;
  }

  /**
   * Number of current workers that may be replaced, because a task lingers on them. Leaving workers
   * with lingering tasks reduce the number: together they are `most` at most.
   */
  replaceable(most: number): number {
    let current = 0;
    let leaving = 0;
    for (const { lingers, state } of this.all) {
      if (!lingers) continue;
      if (state === 'ready') current++;
      else leaving++;
    }
    return Math.min(current, Math.max(0, most - leaving));
  }

  get isAnyStarting(): boolean {
    for (const { state } of this.all) if (state === 'starting') return true;
    return false;
  }

  /**
   * True if a worker runs tasks or can run them. A leaving worker counts only while it has tasks
   * other than paused streams.
   */
  get isAnyUp(): boolean {
    for (const { state, hasStarted, load } of this.all) {
      if (state === 'ready' || (state === 'leaving' && hasStarted && load.contending > 0)) return true;
    }
    return false;
  }

  startReceiving(worker: Worker): void {
    this.receiving = [...this.receiving, worker];
  }

  stopReceiving(worker: Worker): void {
    this.receiving = this.receiving.filter((other) => other !== worker && other.state === 'ready');
  }

  ended(worker: Worker): void {
    this.all.delete(worker);
    this.#busyTime += worker.load.busyTime;
    this.#upTime += worker.upTime;
    this.stopReceiving(worker);
  }

  /** No worker receives jobs any more. */
  close(): void {
    this.receiving = [];
  }
}
