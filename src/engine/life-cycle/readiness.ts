/** Who waits for workers to be up. */
interface Waiting {
  readonly count: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class Readiness {
  #waiting: Waiting[] = [];

  /** Resolves when `count` workers serve. */
  wait(count: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ count, resolve, reject }));
  }

  /** So many serve now. */
  reached(count: number): void {
    const served = this.#waiting.filter((waiting) => waiting.count <= count);
    this.#waiting = this.#waiting.filter((waiting) => waiting.count > count);
    for (const waiting of served) waiting.resolve();
  }

  /** There will be no more. */
  fail(error: unknown): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
