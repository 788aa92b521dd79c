/**
 * A task tells how far it has come.
 *
 * Python's concurrent.futures: a callback can count the tasks that are done, and of a task that runs all there is to
 * know is `running()`. Here a task reports what it likes, and the `progress` of its future is an Observable of that:
 * it replays the latest report to whoever comes late, and completes with the future.
 */
import { Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./14-progress.tasks.js')>({
  tasks: new URL('./14-progress.tasks.js', import.meta.url),
  maxWorkers: 1,
});
const { copy } = executor.tasks;

const copied = copy(['a.txt', 'b.txt', 'c.txt']);
copied.progress.subscribe({
  next: (report) => console.log('progress', report),
  complete: () => console.log('progress is complete'),
});
console.log('copied:', await copied);

// Of many tasks, a callback on each counts the whole.
let done = 0;
const many = ['d.txt', 'e.txt', 'f.txt'].map((file) => copy([file]));
for (const future of many) future.addDoneCallback(() => console.log(`${++done} of ${many.length}`));

// Output:
// progress { file: 'a.txt', done: 0, of: 3 }
// progress { file: 'b.txt', done: 1, of: 3 }
// progress { file: 'c.txt', done: 2, of: 3 }
// progress is complete
// copied: 3
// 1 of 3
// 2 of 3
// 3 of 3
