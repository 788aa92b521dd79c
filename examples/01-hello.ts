/**
 * This example runs a function on a worker thread: an executor, a task module, a call, an await.
 *
 * Python's concurrent.futures: `with ThreadPoolExecutor() as executor:` creates a pool that ends
 * with its block. `submit()` returns a future, and `result()` waits for its value. Here the block
 * is `await using`. A task is called like a function, and `await` waits for its value.
 */
import { Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./01-hello.tasks.js')>({
  tasks: new URL('./01-hello.tasks.js', import.meta.url),
});
const { greet } = executor.tasks;

const future = greet('world'); // returns at once
console.log(future);
console.log(await future);
console.log(future);

// There are two more ways to submit a task. The first is its name.
console.log(await executor.submit('greet', 'Python'));
// The second is a function that uses no variables from outside. It needs no task module.
console.log(await executor.submit((a: number, b: number) => a + b, 40, 2));

// Output:
// Future { greet #1, pending }
// Hello, world! On the main thread: false
// Future { greet #1, fulfilled }
// Hello, Python! On the main thread: false
// 42
