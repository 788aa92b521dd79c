/** The backend of a queue. A transport connects it to the queue itself. */
import { randomInt } from 'node:crypto';
import type { ClientTransport } from '../../protocol/queue/transport.js';
import type { Backend } from '../backend.js';
import { QueueLedger } from './ledger.js';
import type { LostFutures } from './pending.js';
import { QueueSession } from './session.js';

/** Number of consecutive ids that an executor uses before it draws a new random block of ids. */
const IDS_PER_BLOCK = 2 ** 21;

export function queueBackend(name: string, transport: ClientTransport): Backend {
  // The block is random, because clients don't know of each other. There are 2^31 blocks, so two
  // clients draw the same block about once in two billion times.
  let next = 0;
  const lost: LostFutures = { attempts: new Map() };
  return {
    name,
    traits: {
      ownsWorkers: false,
      sendsFunctions: false,
      hasKnownCapacity: false,
      sendsJobOptions: true,
      limitsTime: true,
      retries: true,
      nextId() {
        if (next % IDS_PER_BLOCK === 0) next = randomInt(1, 2 ** 31) * IDS_PER_BLOCK + 1;
        return next++;
      },
    },
    open: ({ concurrency }, _options, listener) =>
      new QueueSession(new QueueLedger(concurrency), transport, lost, listener),
  };
}
