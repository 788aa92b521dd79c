/**
 * Provides real documents for a crawl without a network. Starts the corpus server in a separate
 * process, so that server and crawler don't share an event loop, and returns its addresses.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface Corpus extends AsyncDisposable {
  readonly urls: readonly string[];
}

export async function startCorpus(): Promise<Corpus> {
  const server = fork(new URL('./corpus-server.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(server, 'exit');
  const urls = await Promise.race([
    once(server, 'message').then(([message]) => message as readonly string[]),
    exited.then(([code, signal]) =>
      Promise.reject(new Error(`The corpus server exited before it sent its addresses (${code ?? signal}).`)),
    ),
  ]);
  return {
    urls,
    async [Symbol.asyncDispose]() {
      // The server also exits if this line never runs, because it exits when its parent
      // disconnects.
      if (server.connected) server.disconnect();
      await exited;
    },
  };
}
