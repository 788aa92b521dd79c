/** The shared values that this worker has received and that the main thread has not freed. */
import { LazyValue } from '../protocol/lazy-value.js';
import { freezeDeeply } from './freeze.js';

export class SharedValues {
  readonly #values = new Map<unknown, unknown>();

  add(id: number, value: unknown): void {
    this.#values.set(id, freezeDeeply(value));
  }

  remove(id: number): void {
    this.#values.delete(id);
  }

  /**
   * Replaces the stand-ins among the arguments of a job: ids by their shared values, and bytes or
   * JSON by the values that they encode. The positions of the stand-ins follow the arguments, and
   * the number of positions is last. Removes both.
   *
   * @throws Error if this worker does not have one of the values
   */
  resolve(args: unknown[]): void {
    for (let count = args.pop() as number; count > 0; count--) {
      const position = args.pop() as number;
      const standIn = args[position];
      args[position] =
        typeof standIn === 'number' ? this.#get(standIn) : new LazyValue(standIn as LazyValue['data']).decode();
    }
  }

  #get(id: unknown): unknown {
    const value = this.#values.get(id);
    if (value === undefined && !this.#values.has(id))
      throw new Error(`The worker does not have shared value ${id}. Report this as a bug in rx-futures.`);
    return value;
  }
}
