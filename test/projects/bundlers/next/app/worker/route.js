import { Worker } from 'node:worker_threads';
import { Executor } from 'rx-futures';
import { useAll } from '../../src/checks.js';

// The route runs for each request, not during the build.
export const dynamic = 'force-dynamic';

export async function GET() {
  const executor = new Executor({
    worker: () => new Worker(new URL('../../src/tasks.worker.js', import.meta.url)),
    maxWorkers: 1,
  });
  const lines = [];
  await useAll(executor, (...parts) => lines.push(`${parts.join(' ')}\n`));
  return new Response(lines.join(''));
}
