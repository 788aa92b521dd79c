/**
 * A gate between this thread and tasks (test/fixtures/gates.js): a task tells that it has come and stops; the test lets it
 * go on. It lives in shared memory, so it works while a worker's thread is held still, and no test needs to sleep.
 * For workers that share no memory with this thread there is another one: file-gate.ts.
 */
import { ARRIVED, type Cells, FIRST_NOTE, NOTES, OPEN, RUNS } from '../fixtures/gate/layout.js';

/** What a test does with a gate, wherever its cells are. */
export interface AnyGate extends Disposable {
  /** What is passed to the tasks. */
  readonly cells: Cells;
  /** Tasks that have come to the gate. */
  readonly arrived: number;
  /** How often `count` was run. */
  readonly runs: number;
  /** The marks that `note` has left, in the order in which they were left. */
  readonly notes: number[];
  /** Resolves when `count` tasks have come. */
  arrivals(count?: number): Promise<void>;
  open(): void;
  /** Declared after its executor, a gate is opened before that shuts down: a test that fails leaves no worker behind. */
  [Symbol.dispose](): void;
}

type WaitAsync = (cells: Int32Array, index: number, value: number) => { value: Promise<string> | string };
// Not yet in the type library that this project compiles against.
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

  /** Holds this thread, so that it reads no message meanwhile, until a task has come; a second at most. */
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
