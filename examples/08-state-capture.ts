/**
 * This example shows which state a task and a callback see, if the state changes after the submit.
 *
 * Python's concurrent.futures: a callback made in a loop, `lambda future: print(i)`, reads `i` when
 * it runs. The loop is over by then, so all five callbacks print 4. The remedy in Python is a
 * default argument, `lambda future, i=i: print(i)`. The arguments of a task are shared too: if the
 * caller changes them before the task starts, the task sees the change.
 *
 * Here arguments are copied at submit. In a loop with `let` or `const`, each round has its own
 * variable.
 */
import { all, Executor, type Future, wait } from 'rx-futures';

await using executor = new Executor<typeof import('./08-state-capture.tasks.js')>({
  tasks: new URL('./08-state-capture.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { describe, square } = executor.tasks;

const futures: Future<number>[] = [];
const seen: Record<'var' | 'let' | 'maker' | 'bind', number[]> = { var: [], let: [], maker: [], bind: [] };
const makeCallback = (n: number) => () => seen.maker.push(n);
const note = (n: number) => seen.bind.push(n);

// JavaScript has the same trap: `var` is one variable for the whole loop. Python's default argument
// copies the value at once. Here a function that makes the callback does the same, and so does
// bind.
// biome-ignore lint/correctness/noInnerDeclarations: this is the trap
for (var i = 0; i < 5; i++) {
  const future = square(i);
  future.addDoneCallback(() => seen.var.push(i));
  future.addDoneCallback(makeCallback(i));
  future.addDoneCallback(note.bind(null, i));
  futures.push(future);
}

// With `let`, each round has its own variable.
for (let i = 0; i < 5; i++) {
  const future = square(i);
  future.addDoneCallback(() => seen.let.push(i));
  futures.push(future);
}

await wait(futures);
for (const [how, numbers] of Object.entries(seen)) console.log(`${how}:`, numbers.join(' '));
console.log('results:', (await all(futures)).join(' '));

// Arguments are copied at submit, so the same object may be changed and submitted again.
const order = { item: 'apple', count: 1 };
const first = describe(order);
order.count = 2;
const second = describe(order);
order.item = 'pear';
console.log(await first, '|', await second, '|', await describe(order));

// Output:
// var: 5 5 5 5 5
// let: 0 1 2 3 4
// maker: 0 1 2 3 4
// bind: 0 1 2 3 4
// results: 0 1 4 9 16 0 1 4 9 16
// 1 x apple | 2 x apple | 2 x pear
