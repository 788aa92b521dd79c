/**
 * This example shows that a shutdown waits for tasks, for their callbacks and for all chained
 * steps.
 *
 * Python's concurrent.futures: the `with` block waits for submitted tasks, but not for a stage that
 * is submitted later. If a callback submits the next stage, that stage is lost with "cannot
 * schedule new futures after shutdown". This error is raised inside the callback, so the program
 * does not see it.
 *
 * Here the steps of a chain count as work as soon as the chain is made. After the shutdown,
 * callbacks still run and values can still be read. Only new tasks are rejected.
 */
import { allSettled, chain, Executor, type Future } from 'rx-futures';
import { firstValueFrom } from 'rxjs';

type Tasks = typeof import('./13-shutdown.tasks.js');
const tasks = new URL('./13-shutdown.tasks.js', import.meta.url);

const log: string[] = [];
let fetched: Future<string>;
let closed: Executor<Tasks>;
{
  await using executor = new Executor<Tasks>({
    tasks,
    onCallbackError: (error) => log.push(`refused and reported: ${(error as Error).name}`),
  });
  closed = executor;
  const { fetchPage, parse } = executor.tasks;

  fetched = fetchPage('example.org');
  fetched.addDoneCallback(() => log.push('callback'));
  fetched
    .pipe(
      chain(parse),
      chain((title) => fetchPage(`${title}/next`)), // a function that submits
      chain(parse),
    )
    .subscribe((title) => log.push(`end of the chain: ${title}`));
  // A plain callback that submits, as in Python, is too late here as well. But its error is
  // reported.
  fetched.addDoneCallback((outcome) => {
    if (outcome.status === 'fulfilled') parse(outcome.value);
  });
  log.push('end of the block');
}
log.push('left the block');
console.log(log.join('\n'));

// Late callbacks need no executor, and neither does a step that is a function. A task needs one.
fetched.addDoneCallback(({ status }) => console.log('late callback:', status));
console.log('late step:', await fetched.pipe(chain((html) => html.length)));
console.log('late task:', await fetched.pipe(chain(closed.tasks.parse)).catch((error) => error.name));
try {
  closed.tasks.parse('');
} catch (error) {
  console.log('late submit:', (error as Error).name, '|', closed.state);
}

// `cancelPending` finishes running tasks and cancels waiting ones.
const busy = new Executor<Tasks>({ tasks, maxWorkers: 1 });
const futures = [1, 2, 3].map((n) => busy.tasks.fetchPage(`example.org/${n}`));
await firstValueFrom(futures[0]!.progress);
await busy.shutdown({ cancelPending: true });
console.log('cancelPending:', (await allSettled(futures)).map(({ status }) => status).join(', '));

// Output:
// end of the block
// callback
// refused and reported: ExecutorShutdownError
// end of the chain: example.org/next
// left the block
// late callback: fulfilled
// late step: 26
// late task: ExecutorShutdownError
// late submit: ExecutorShutdownError | closed
// cancelPending: fulfilled, cancelled, cancelled
