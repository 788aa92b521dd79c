/**
 * Errors come home whole, can be answered one kind at a time, and never get lost.
 *
 * Python's concurrent.futures: an exception waits inside its future until somebody calls `result()`. Where only a
 * callback is added, it isn't printed at all. With `except ValueError` first and `except Exception` after it, each
 * kind has its answer. Here an error keeps class, name, code, cause and the worker's stack on its way between threads,
 * `recover` answers it inside a chain, and a failure that nobody looks at is reported once.
 */
import { Executor, type Future, recover, WorkerDiedError } from 'rx-futures';
import { catchError, lastValueFrom, of } from 'rxjs';

await using executor = new Executor<typeof import('./07-errors-and-recover.tasks.js')>({
  tasks: new URL('./07-errors-and-recover.tasks.js', import.meta.url),
  name: 'pages',
  maxWorkers: 1,
  onUnobservedError: (error, { name }) => console.log('nobody looked at:', name, '|', String(error)),
});
const { fetchPage, parse, crash } = executor.tasks;

// A built-in error keeps its class. Of your own classes this side has no copy: tell them by name or code.
const syntaxError = await errorOf(parse('{'));
console.log('class:', syntaxError instanceof SyntaxError, syntaxError.name);
const httpError = await errorOf(fetchPage('/down'));
console.log('name, code, status:', httpError.name, httpError.code, httpError.status);
console.log('cause:', httpError.cause instanceof RangeError, String(httpError.cause));
console.log('stack leads to the task:', httpError.stack.includes('07-errors-and-recover.tasks.ts'));

// The specific answer first, the general one after it. What a handler throws again goes on to the next.
function readPage(path: string): Future<string> {
  return fetchPage(path).pipe(
    recover((error) => {
      if (error.code === 'ERR_HTTP' && error.status === 404) return 'an empty page';
      throw error;
    }),
    recover((error) => `an apology, since ${error.message}`),
  );
}
console.log('/home:', await readPage('/home'));
console.log('/gone:', await readPage('/gone'));
console.log('/down:', await readPage('/down'));

// A cancellation is no failure: it passes by.
const cancelled = readPage('/home');
cancelled.cancel('not needed');
console.log('cancelled:', cancelled.state, '|', (await errorOf(cancelled)).cause);

// A future is an Observable, so the operators of RxJS know what to do as well.
const answer = fetchPage('/gone').pipe(catchError((error) => of(`something instead of ${error.name}`)));
console.log('catchError:', await lastValueFrom(answer));

// A worker that dies is an error like any other, and it has a name. The next task gets a new worker.
const died = await errorOf(crash());
if (died instanceof WorkerDiedError) console.log('died:', died.workerName, 'with exit code', died.exitCode);
console.log('next:', await readPage('/next'));

// Submitted and forgotten: reported when the executor shuts down, if not before.
fetchPage('/gone');

function errorOf(future: Future<unknown>): Promise<any> {
  return future.then(
    (value) => Promise.reject(new Error(`expected a failure, got ${value}`)),
    (error) => error,
  );
}

// Output:
// class: true SyntaxError
// name, code, status: HttpError ERR_HTTP 503
// cause: true RangeError: too many connections
// stack leads to the task: true
// /home: this is /home
// /gone: an empty page
// /down: an apology, since the server said 503
// cancelled: cancelled | not needed
// catchError: something instead of HttpError
// died: pages-1 with exit code 3
// next: this is /next
// nobody looked at: fetchPage | HttpError: the server said 404
