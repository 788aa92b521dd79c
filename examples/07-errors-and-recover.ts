/**
 * This example shows how an error of a worker is received, handled by its kind, and never lost.
 *
 * Python's concurrent.futures: an exception stays inside its future until the program calls
 * `result()`. If only a callback is added, the exception is not printed at all. `except ValueError`
 * followed by `except Exception` handles each kind of error.
 *
 * Here an error keeps its class, name, code, cause and the worker's stack when it is sent to the
 * main thread. `recover` handles it inside a chain. If no code handles a failure, it is reported
 * once.
 */
import { Executor, type Future, recover, WorkerDiedError } from 'rx-futures';
import { catchError, lastValueFrom, of } from 'rxjs';

await using executor = new Executor<typeof import('./07-errors-and-recover.tasks.js')>({
  tasks: new URL('./07-errors-and-recover.tasks.js', import.meta.url),
  name: 'pages',
  maxWorkers: 1,
  onUnobservedError: (error, { name }) => console.log('not handled:', name, '|', String(error)),
});
const { fetchPage, parse, crash } = executor.tasks;

// A built-in error keeps its class. The main thread doesn't have your own classes: compare the name
// or the code instead.
const syntaxError = await errorOf(parse('{'));
console.log('class:', syntaxError instanceof SyntaxError, syntaxError.name);
const httpError = await errorOf(fetchPage('/down'));
console.log('name, code, status:', httpError.name, httpError.code, httpError.status);
console.log('cause:', httpError.cause instanceof RangeError, String(httpError.cause));
console.log('stack leads to the task:', httpError.stack.includes('07-errors-and-recover.tasks.ts'));

// The handler for one kind of error comes first, the general one after it. An error that a handler
// throws reaches the next handler.
function readPage(path: string): Future<string> {
  return fetchPage(path).pipe(
    recover((error) => {
      if (error.code === 'ERR_HTTP' && error.status === 404) return 'an empty page';
      throw error;
    }),
    recover((error) => `an apology, because ${error.message}`),
  );
}
console.log('/home:', await readPage('/home'));
console.log('/gone:', await readPage('/gone'));
console.log('/down:', await readPage('/down'));

// A cancellation is not a failure, so `recover` does not handle it.
const cancelled = readPage('/home');
cancelled.cancel('not needed');
console.log('cancelled:', cancelled.state, '|', (await errorOf(cancelled)).cause);

// A future is an Observable, so the operators of RxJS handle its errors too.
const answer = fetchPage('/gone').pipe(catchError((error) => of(`something instead of ${error.name}`)));
console.log('catchError:', await lastValueFrom(answer));

// If a worker dies, its task rejects with an error that names the worker. The next task runs on a
// new worker.
const died = await errorOf(crash());
if (died instanceof WorkerDiedError) console.log('died:', died.workerName, 'with exit code', died.exitCode);
console.log('next:', await readPage('/next'));

// No code handles the error of this task. It is reported when the executor shuts down, or earlier.
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
// /down: an apology, because the server responded with 503
// cancelled: cancelled | not needed
// catchError: something instead of HttpError
// died: pages-1 with exit code 3
// next: this is /next
// not handled: fetchPage | HttpError: the server responded with 404
