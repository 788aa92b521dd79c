/** Declares the parts of packages that the bench uses and whose ES modules have no types. */

declare module 'comlink/dist/esm/comlink.mjs' {
  export * from 'comlink';
}

declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { MessagePort, Worker } from 'node:worker_threads';
  import type { Endpoint } from 'comlink';
  export default function nodeEndpoint(port: MessagePort | Worker): Endpoint;
}

declare module 'threads' {
  import type { Observable } from 'threads/observable';
  export class Worker {
    constructor(file: string | URL, options?: { type: 'module' });
  }
  export function spawn<T = Record<'numbers' | 'records' | 'lines', (count: number) => Observable<any>>>(
    worker: Worker,
  ): Promise<T>;
}

declare module 'threads/observable' {
  export class Observable<T> {
    constructor(produce: (observer: { next(value: T): void; complete(): void }) => void);
    subscribe(next: (value: T) => void, error: (error: unknown) => void, complete: () => void): unknown;
  }
}

declare module 'threads/worker' {
  export function expose(functions: object): void;
}
