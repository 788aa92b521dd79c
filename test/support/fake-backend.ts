/** A backend whose workers are played by the test, on the test's own thread. */
import type { Backend, SessionListener, Traits, WorkerOptions } from '../../src/backends/backend.js';
import type { SessionConfig } from '../../src/protocol/messages.js';
import { FakeWorker } from './fake-worker.js';

export interface FakeBackendOptions {
  /** The workers share memory, so a posted job can be revoked. True by default. */
  readonly canRevoke?: boolean;
  readonly traits?: Partial<Traits>;
}

export class FakeBackend implements Backend {
  readonly name = 'fake';
  readonly traits: Partial<Traits>;
  /** All workers, in the order of their starts. */
  readonly workers: FakeWorker[] = [];
  /** If set, no worker can be created, and each start throws this error. */
  failure: Error | undefined = undefined;
  readonly #canRevoke: boolean;

  constructor({ canRevoke = true, traits = {} }: FakeBackendOptions = {}) {
    this.traits = traits;
    this.#canRevoke = canRevoke;
  }

  open({ workerName }: SessionConfig, _options: WorkerOptions, listener: SessionListener): FakeWorker {
    if (this.failure !== undefined) throw this.failure;
    const worker = new FakeWorker(workerName, this.workers.length + 1, this.#canRevoke, listener);
    this.workers.push(worker);
    return worker;
  }
}
