/**
 * This example shows a running task that reports its progress.
 *
 * Python's concurrent.futures: a callback can count finished tasks. For a running task, `running()`
 * is the only information.
 *
 * Here a task reports any value, and the `progress` of its future is an Observable of these values.
 * A late subscriber receives the latest report. The Observable completes when the future settles.
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

// For many tasks, a callback on each future counts the finished ones.
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
