/** Chooses the gate for the page: in shared memory, or at the server. */
import { Gate as MemoryGate } from '../support/gate.js';
import { HttpGate } from './http-gate.js';

export type { AnyGate } from '../support/gate.js';

export const Gate = globalThis.crossOriginIsolated ? MemoryGate : HttpGate;
