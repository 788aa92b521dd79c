/**
 * A gate between a test and its tasks (test/fixtures/gates.js). A task reports that it has arrived
 * and waits until the test opens the gate, so no test needs to sleep. The gate is in shared memory,
 * so it works even while the thread of a worker is blocked. For workers that share no memory with
 * the test, use file-gate.ts.
 */
import { ARRIVED, type Cells, FIRST_NOTE, NOTES, OPEN, RUNS } from '../fixtures/gate/layout.js';

/** The interface of both gates, in shared memory and in files. */
export interface AnyGate extends Disposable {
  /** The argument that tests pass to the tasks. */
  readonly cells: Cells;
  /** Number of tasks that have arrived at the gate. */
  readonly arrived: number;
  /** Number of runs of the task `count`. */
  readonly runs: number;
  /** The numbers that the task `note` has written, in order. */
  readonly notes: number[];
  /** Resolves when `count` tasks have arrived. */
  arrivals(count?: number): Promise<void>;
  open(): void;
  /**
   * Opens the gate. Declare the gate after its executor, so that it opens before the executor shuts
   * down. A failed test then leaves no worker behind.
   */
  [Symbol.dispose](): void;
}

type WaitAsync = (cells: Int32Array, index: number, value: number) => { value: Promise<string> | string };
// Atomics.waitAsync is missing in the type library that this project compiles against.
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };

export class Gate implements AnyGate {
  readonly cells = new Int32Array(new SharedArrayBuffer(65_536));

  get arrived(): number {
    return Atomics.load(this.cells, ARRIVED);
  }

  get runs(): number {
    return Atomics.load(this.cells, RUNS);
  }

  get notes(): number[] {
    return [...this.cells.slice(FIRST_NOTE, FIRST_NOTE + Atomics.load(this.cells, NOTES))];
  }

  async arrivals(count = 1): Promise<void> {
    for (let now = this.arrived; now < count; now = this.arrived) await waitAsync(this.cells, ARRIVED, now).value;
  }

  /**
   * Blocks this thread until a task has arrived, for at most a second. The thread reads no message
   * meanwhile.
   */
  waitForArrival(): void {
    Atomics.wait(this.cells, ARRIVED, 0, 1_000);
  }

  open(): void {
    Atomics.store(this.cells, OPEN, 1);
    Atomics.notify(this.cells, OPEN);
  }

  [Symbol.dispose](): void {
    this.open();
  }
}
