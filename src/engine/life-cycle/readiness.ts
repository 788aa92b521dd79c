/** A caller of `ready()` that waits for `count` workers. */
interface ReadyCaller {
  readonly count: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class Readiness {
  #waiting: ReadyCaller[] = [];

  /** Resolves when `count` workers are ready. */
  wait(count: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ count, resolve, reject }));
  }

  /** Called when `count` workers are ready. Resolves the waits for that number or fewer. */
  reached(count: number): void {
    const served = this.#waiting.filter((waiting) => waiting.count <= count);
    this.#waiting = this.#waiting.filter((waiting) => waiting.count > count);
    for (const waiting of served) waiting.resolve();
  }

  /** Rejects all waits, because no further worker will be ready. */
  fail(error: unknown): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
