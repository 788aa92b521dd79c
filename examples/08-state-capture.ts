/**
 * What a task is given is what it sees, and what a callback sees is what its closure holds.
 *
 * Python's concurrent.futures: a callback made in a loop, `lambda future: print(i)`, looks `i` up when it runs. By
 * then the loop is over, so all five print 4. The remedy there is a default argument, `lambda future, i=i: print(i)`.
 * The arguments of a task are shared too: what the caller changes before a worker begins, the task sees changed. Here
 * arguments are taken at submit, and in a loop with `let` or `const` each round has a variable of its own.
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

// The trap exists in JavaScript too: `var` is one variable for the whole loop. What Python does with a default argument
// is to hand the value over now; here a function that makes the callback does so, or bind.
// biome-ignore lint/correctness/noInnerDeclarations: this is the trap
for (var i = 0; i < 5; i++) {
  const future = square(i);
  future.addDoneCallback(() => seen.var.push(i));
  future.addDoneCallback(makeCallback(i));
  future.addDoneCallback(note.bind(null, i));
  futures.push(future);
}

// With `let` there is nothing to remember: each round has its own.
for (let i = 0; i < 5; i++) {
  const future = square(i);
  future.addDoneCallback(() => seen.let.push(i));
  futures.push(future);
}

await wait(futures);
for (const [how, numbers] of Object.entries(seen)) console.log(`${how}:`, numbers.join(' '));
console.log('results:', (await all(futures)).join(' '));

// Arguments are taken at submit: the same object may be changed and submitted again.
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
