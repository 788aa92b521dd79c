/**
 * Callbacks may share data: they run one at a time on one thread, so there is nothing to lock.
 *
 * Python's concurrent.futures: may the done callbacks of many futures change one object? Often the answer is that a
 * single manager thread runs them all, which is only partly true: each worker thread runs the callbacks of its own
 * tasks, and `total += 1` on two threads needs a lock. Here all of them run on the thread that owns the executor, in
 * the order in which the tasks end. An error is an end like any other, and a callback that is added twice is called
 * twice.
 */
import { Executor, type Outcome } from 'rx-futures';

interface Total {
  errors: number;
  ok: number;
  all: number;
  sum: number;
}

function totaller(total: Total, outcome: Outcome<number>): void {
  if (outcome.status === 'fulfilled') {
    total.ok++;
    total.sum += outcome.value;
  } else {
    total.errors++;
  }
  total.all++;
}

/** 1,000 tasks, from 1,000 down to 1, each with the same callback added once or more. */
async function count(registrations: number): Promise<Total> {
  const total: Total = { errors: 0, ok: 0, all: 0, sum: 0 };
  // Python binds more arguments with functools.partial(totaller, total); here a closure does.
  const callback = (outcome: Outcome<number>) => totaller(total, outcome);
  {
    await using executor = new Executor<typeof import('./05-totaller.tasks.js')>({
      tasks: new URL('./05-totaller.tasks.js', import.meta.url),
      onUnobservedError: () => {}, // the totaller has counted them
    });
    for (let x = 1_000; x >= 1; x--) {
      const future = executor.tasks.square(x);
      for (let i = 0; i < registrations; i++) future.addDoneCallback(callback);
    }
  }
  // The block is left when every task has ended and every callback has run, so the numbers are final.
  return total;
}

console.log('added once: ', await count(1));
console.log('added twice:', await count(2));

// Output:
// added once:  { errors: 142, ok: 858, all: 1000, sum: 286571285 }
// added twice: { errors: 284, ok: 1716, all: 2000, sum: 573142570 }
