/**
 * The worker's half of a thread that tinypool has started.
 *
 * tinypool calls `openSession`, which returns at once. tinypool then considers its run finished,
 * while the session stays open.
 */
import { getEventListeners } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { loadModule } from '#platform/load-module';
import { isDeno } from '#platform/which-runtime';
import { dismissTinypool } from '../tinypool/dismiss.js';
import { serveThread, type ThreadRequest } from './port-host.js';

export function openSession(request: ThreadRequest): void {
  // Deno does not list the listeners of this port, so tinypool's listener stays there.
  if (!isDeno) dismissTinypool(parentPort!, getEventListeners(parentPort!, 'message'));
  serveThread(request, loadModule);
}
