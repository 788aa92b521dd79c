/**
 * A gate between this thread and tasks (test/fixtures/gates.js): a task tells that it has come and stops; the test lets it
 * go on. It lives in shared memory, so it works while a worker's thread is held still, and no test needs to sleep.
 */
const ARRIVED = 0;
const OPEN = 1;
const RUNS = 2;
const NOTES = 3;
const FIRST_NOTE = 4;

type WaitAsync = (cells: Int32Array, index: number, value: number) => { value: Promise<string> | string };
// Not yet in the type library that this project compiles against.
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };

export class Gate implements Disposable {
  /** What is passed to the tasks. */
  readonly cells = new Int32Array(new SharedArrayBuffer(65_536));

  /** Tasks that have come to the gate. */
  get arrived(): number {
    return Atomics.load(this.cells, ARRIVED);
  }

  /** How often `count` was run. */
  get runs(): number {
    return Atomics.load(this.cells, RUNS);
  }

  /** The marks that `note` has left, in the order in which they were left. */
  get notes(): number[] {
    return [...this.cells.slice(FIRST_NOTE, FIRST_NOTE + Atomics.load(this.cells, NOTES))];
  }

  /** Resolves when `count` tasks have come. */
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

  /** Declared after its executor, a gate is opened before that shuts down: a test that fails leaves no thread behind. */
  [Symbol.dispose](): void {
    this.open();
  }
}
