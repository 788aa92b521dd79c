/**
 * Real documents for a crawl without a network: starts the corpus server in a process of its own, so that serving and
 * crawling don't share an event loop, and gives the addresses it serves.
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
    exited.then(([code, signal]) => Promise.reject(new Error(`the corpus server ended at once (${code ?? signal})`))),
  ]);
  return {
    urls,
    async [Symbol.asyncDispose]() {
      // The server ends when its parent goes, so it ends as well if this line is never reached.
      if (server.connected) server.disconnect();
      await exited;
    },
  };
}
