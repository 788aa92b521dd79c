/**
 * This example keeps a SQLite connection on one worker, as an actor.
 *
 * Python's concurrent.futures: an object can't be sent to a pool of processes. Programs keep a
 * connection in a global variable of each process, and every process has its own.
 *
 * Here the connection lives on one worker, and its methods are tasks. Their calls run in order, one
 * at a time, so `append` may read and write without a lock. At the end of the block, the connection
 * is closed after the last call.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chain, Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./24-store.tasks.js')>({
  tasks: new URL('./24-store.tasks.js', import.meta.url),
  maxWorkers: 2,
});
const folder = await mkdtemp(join(tmpdir(), 'rx-futures-store-'));
{
  await using store = executor.actors.Store(join(folder, 'notes'));
  const lines = ['the', 'tomatoes', 'are', 'ripe'].map((word) => store.append('garden', word));
  console.log(await lines[1], '…', await lines[3]);
}
{
  await using store = executor.actors.Store.with({ restart: 3 })(join(folder, 'notes'));
  console.log(await store.get('garden').pipe(chain((text) => `${text}?`)));
}
await rm(folder, { recursive: true });

// Output:
// the tomatoes … the tomatoes are ripe
// the store is closed
// the tomatoes are ripe?
// the store is closed
