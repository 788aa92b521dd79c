/**
 * Leaving the block waits for everything: tasks, their callbacks, and the steps that follow them.
 *
 * Python's concurrent.futures: the `with` block waits for what was submitted, and not for a stage that has yet to be.
 * Where a callback submits the next stage, that stage is lost: "cannot schedule new futures after shutdown", raised
 * where nobody sees it. Here the steps of a chain count as work from the moment the chain is made. After the end
 * callbacks still run and values are still there; only new tasks are refused.
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
    onCallbackError: (error) => log.push(`refused, and said so: ${(error as Error).name}`),
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
  // Python's way: what a plain callback submits comes too late here as well, but not silently.
  fetched.addDoneCallback((outcome) => {
    if (outcome.status === 'fulfilled') parse(outcome.value);
  });
  log.push('end of the block');
}
log.push('left the block');
console.log(log.join('\n'));

// Late callbacks need no executor, and neither does a step that is a function. A task does.
fetched.addDoneCallback(({ status }) => console.log('late callback:', status));
console.log('late step:', await fetched.pipe(chain((html) => html.length)));
console.log('late task:', await fetched.pipe(chain(closed.tasks.parse)).catch((error) => error.name));
try {
  closed.tasks.parse('');
} catch (error) {
  console.log('late submit:', (error as Error).name, '|', closed.state);
}

// In a hurry: `cancelPending` keeps what runs and cancels what waits.
const hurried = new Executor<Tasks>({ tasks, maxWorkers: 1 });
const futures = [1, 2, 3].map((n) => hurried.tasks.fetchPage(`example.org/${n}`));
await firstValueFrom(futures[0]!.progress);
await hurried.shutdown({ cancelPending: true });
console.log('cancelPending:', (await allSettled(futures)).map(({ status }) => status).join(', '));

// Output:
// end of the block
// callback
// refused, and said so: ExecutorShutdownError
// end of the chain: example.org/next
// left the block
// late callback: fulfilled
// late step: 26
// late task: ExecutorShutdownError
// late submit: ExecutorShutdownError | closed
// cancelPending: fulfilled, cancelled, cancelled
