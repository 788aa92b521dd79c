/** The newest values of many: a list with a limit, which drops its oldest values. */
export class Recent<T> {
  readonly #values: T[] = [];
  readonly #limit: number;
  /** Index of the oldest value, once the list is full. */
  #oldest = 0;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of values that were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  add(value: T): void {
    if (this.#values.length < this.#limit) {
      this.#values.push(value);
      return;
    }
    this.#dropped++;
    this.#values[this.#oldest] = value;
    this.#oldest = (this.#oldest + 1) % this.#limit;
  }

  /** Returns the values, from the oldest to the newest. */
  all(): T[] {
    return [...this.#values.slice(this.#oldest), ...this.#values.slice(0, this.#oldest)];
  }
}
