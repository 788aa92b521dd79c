/**
 * An executor, a task module, a call, an await.
 *
 * Python's concurrent.futures: `with ThreadPoolExecutor() as executor:` makes a pool that ends with its block,
 * `submit()` gives a future, `result()` waits for its value. Here the block is `await using`, a task is called like
 * the function that it is, and `await` waits.
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

// Two more ways to say it: by name, and for a function that needs nothing from around it, without a module.
console.log(await executor.submit('greet', 'Python'));
console.log(await executor.submit((a: number, b: number) => a + b, 40, 2));

// Output:
// Future { greet #1, pending }
// Hello, world! On the main thread: false
// Future { greet #1, fulfilled }
// Hello, Python! On the main thread: false
// 42
