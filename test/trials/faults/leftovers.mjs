/**
 * Faults after the end of a task: timers that it leaves behind, and failures that no code handles.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { failed, kept, lost, succeeded } from '../verdict.mjs';

export const leftovers = [
  {
    id: 'timer-hits-next',
    title: 'a timer that a finished task left throws in the next one',
    async run(stand) {
      const first = await stand.run('leaveTimer', 40);
      if (first.how !== 'fulfilled') return failed(first);
      const next = await stand.run('linger', 200);
      if (next.how !== 'rejected') return succeeded(next, 'fine');
      // The thread died, and the task was lost with it. The error must say so. It must not look
      // like an error of this task.
      return next.error?.name === 'RangeError' ? lost("the other's error as its own") : failed(next);
    },
  },
  {
    id: 'timer-hits-idle',
    title: 'the same while the worker is idle',
    async run(stand) {
      const first = await stand.run('leaveTimer', 40);
      // Every contender can replace its worker in this time.
      await delay(1_000);
      return succeeded(first, 'done');
    },
  },
  {
    id: 'unobserved',
    title: 'a failure that no code handles',
    async run(stand) {
      const warning = once(process, 'warning').then(([it]) => kept(`warning`, it));
      const rejection = once(process, 'unhandledRejection').then(() => kept('unhandledRejection'));
      stand.pool.drop('fail', 'not handled');
      await stand.run('add', { a: 1, b: 2 });
      await delay(100);
      await stand.close('close');
      return Promise.race([warning, rejection, delay(500, lost('silent'))]);
    },
    next: 'none',
  },
];
