/** The main thread's half of a worker that a function of the program has created. */
import type { SessionConfig } from '../../protocol/messages.js';
import type { SessionListener } from '../backend.js';
import type { WorkerFactory } from '../runtime.js';
import { ThreadSession } from '../threads/session.js';
import { startWorker } from './start-worker.js';

/** A session that differs from that of another thread only in how its worker starts. */
export class FactorySession extends ThreadSession {
  constructor(config: SessionConfig, create: WorkerFactory, listener: SessionListener) {
    super(config, (failed) => startWorker(create, failed), listener);
  }
}
