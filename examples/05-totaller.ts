/**
 * This example shows callbacks that share data without a lock, because one thread runs them all.
 *
 * Python's concurrent.futures: people often say that a single manager thread runs all done
 * callbacks, so that they may change one object. This is only partly true. Each worker thread runs
 * the callbacks of its own tasks, and `total += 1` on two threads needs a lock.
 *
 * Here all callbacks run on the thread that owns the executor, one at a time, in the order in which
 * the tasks settle. They run after an error too, and a callback that is added twice is called
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

/** Submits 1,000 tasks, from 1,000 down to 1, and adds the same callback to each, once or twice. */
async function count(registrations: number): Promise<Total> {
  const total: Total = { errors: 0, ok: 0, all: 0, sum: 0 };
  // Python binds more arguments with functools.partial(totaller, total). Here a closure does it.
  const callback = (outcome: Outcome<number>) => totaller(total, outcome);
  {
    await using executor = new Executor<typeof import('./05-totaller.tasks.js')>({
      tasks: new URL('./05-totaller.tasks.js', import.meta.url),
      onUnobservedError: () => {}, // the totaller counts the errors
    });
    for (let x = 1_000; x >= 1; x--) {
      const future = executor.tasks.square(x);
      for (let i = 0; i < registrations; i++) future.addDoneCallback(callback);
    }
  }
  // The block ends when every task has settled and every callback has run, so the total is final.
  return total;
}

console.log('added once: ', await count(1));
console.log('added twice:', await count(2));

// Output:
// added once:  { errors: 142, ok: 858, all: 1000, sum: 286571285 }
// added twice: { errors: 284, ok: 1716, all: 2000, sum: 573142570 }
