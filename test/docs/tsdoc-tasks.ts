/** The tasks that the examples in the TSDoc of `src` call. */
export * from './tasks.js';

export function* count(to: number): Generator<number> {
  for (let n = 1; n <= to; n++) yield n;
}

export const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);

export class Counter {
  #total: number;

  constructor(start: number) {
    this.#total = start;
  }

  add(n: number): number {
    this.#total += n;
    return this.#total;
  }

  crash(): never {
    process.exit(7);
  }
}
