/**
 * The conformance suite on a queue without Redis. The transport is in memory, and both halves are
 * those of every queue.
 */
import type { ExecutorOptions, Future } from 'rx-futures';
import { runtimes } from '../../src/backends/node.js';
import { queueBackend } from '../../src/backends/queue/backend.js';
import { resolveOptions } from '../../src/options/resolve.js';
import { Service } from '../../src/serving/service.js';
import { FileGate } from '../support/file-gate.js';
import { MemoryQueue } from '../support/memory-queue.js';
import { until } from '../support/until.js';
import { describeBackend, type Opened } from './describe-backend.js';
import { differencesOfQueues, LARGEST, openWithServer, startReceived } from './queue-suite.js';

describeBackend(
  'memory queue',
  { open },
  {
    makeGate: () => new FileGate(),
    startReceived,
    cancelReceived,
    skip: differencesOfQueues,
  },
);

/** The queue of the executor that was opened last. */
let queue: MemoryQueue;

function open(options: ExecutorOptions): Opened {
  queue = new MemoryQueue();
  return openWithServer(options, queueBackend('memory', queue.client(LARGEST)), async (forServer) => {
    const engine = resolveOptions(
      { ...forServer, name: forServer.name ?? 'server', onUnobservedError: () => {} },
      runtimes,
    );
    const rules = { lostAfter: 30_000, rerunLost: 0 };
    const log = { publish() {}, close() {} };
    const server = new Service({ maxPayload: LARGEST, ...rules, engine }, queue.server(), log);
    await server.start();
    return server;
  });
}

/** Waits until the server has received the order to cancel the task. */
async function cancelReceived({ id }: Future<unknown>): Promise<void> {
  await until(() => queue.hasCancelled(id));
}
