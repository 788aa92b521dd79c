/** The worker's half of the inline backend: a session on the calling thread. */
import { loadModule as importModule } from '#platform/load-module';
import { setImmediate } from '#platform/time';
import type { WorkerLedger } from '../../protocol/ledger.js';
import type { SessionConfig } from '../../protocol/messages.js';
import type { Host } from '../../worker/host.js';
import { Session } from '../../worker/session.js';

/** Returns the task module, for a backend without the URL of one. */
export type LoadModule = Host['loadModule'];

export function openSession(
  config: SessionConfig,
  ledger: WorkerLedger,
  { post, next, end, loadModule }: Pick<Host, 'post' | 'next' | 'end' | 'loadModule'>,
): Session {
  // Output and messages do not leave the thread, so there is nothing to wait for.
  const session = new Session(config, ledger, {
    post,
    next,
    end,
    importModule,
    loadModule,
    drainOutput: () => false,
    drainPosts: () => false,
  });
  setImmediate(() => void session.boot());
  return session;
}
