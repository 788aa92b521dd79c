/**
 * What tinypool calls on a new worker thread: it takes over the port and answers at once, so for tinypool the run is over
 * while the session lives on.
 */
import type { MessagePort } from 'node:worker_threads';
import { Ledger } from '../protocol/ledger.js';
import type { FromWorker, SessionConfig, ToWorker } from '../protocol/messages.js';
import { Session } from './session.js';

export interface SessionRequest {
  readonly port: MessagePort;
  readonly ledger: SharedArrayBuffer;
  readonly config: SessionConfig;
}

export function openSession({ port, ledger, config }: SessionRequest): void {
  const session = new Session(config, new Ledger(ledger), {
    post: (message: FromWorker, transfer) => port.postMessage(message, transfer as never),
    drainOutput,
    // Not port.close(): the thread would live on for tinypool's own port. 'exit' listeners of the tasks run.
    end: () => process.exit(0),
  });
  process.once('exit', () => session.lastWords());
  port.on('message', (message: ToWorker) => session.receive(message));
  void session.boot();
}

/** A worker's stdout is a message to main too, on another port: without this a result could overtake its own output. */
function drainOutput(drained: () => void): boolean {
  const waiting = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0);
  let left = waiting.length;
  for (const stream of waiting) stream.write('', () => --left === 0 && drained());
  return waiting.length > 0;
}
