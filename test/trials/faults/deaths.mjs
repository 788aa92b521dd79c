/** Faults in which a worker dies. */
import { setTimeout as delay } from 'node:timers/promises';
import { failed, hasCode, hung, kept, lost, nameOf, succeeded, tells } from '../verdict.mjs';

export const deaths = [
  {
    id: 'exit',
    title: '`process.exit(71)` in a task',
    run: async (stand) => failed(await stand.run('exit', 71), { 'exit code': tells('71') }),
  },
  {
    id: 'exit-queued',
    title: 'three tasks that wait behind it',
    async run(stand) {
      stand.start('exit', 71);
      const waiting = [1, 2, 3].map((a) => stand.start('add', { a, b: 1 }));
      const ends = await Promise.all(waiting.map((task) => task.end()));
      if (ends.some((end) => end.how === 'hung')) return hung();
      const bad = ends.find((end) => end.how === 'rejected');
      return bad === undefined ? kept('all run') : lost(`rejected: ${nameOf(bad.error)}`);
    },
  },
  {
    id: 'exit-after',
    title: '`process.exit` just after the task has returned',
    async run(stand) {
      const end = await stand.run('exitSoon', 3);
      // The pool has time to replace the dead worker before the next task.
      await delay(1_000);
      return succeeded(end, 'done before the end');
    },
  },
  {
    id: 'uncaught',
    title: 'uncaught throw in a timer while the task awaits',
    run: async (stand) => failed(await stand.run('throwInTimer'), { message: tells('thrown in a timer') }),
  },
  {
    id: 'unhandled',
    title: 'unhandled rejection while the task awaits',
    run: async (stand) => failed(await stand.run('leaveRejection'), { message: tells('nobody handles me') }),
  },
  {
    id: 'out-of-memory',
    title: 'out of memory under `resourceLimits`',
    open: { limits: { maxOldGenerationSizeMb: 24 } },
    run: async (stand) => failed(await stand.run('exhaustMemory'), { code: hasCode('ERR_WORKER_OUT_OF_MEMORY') }),
  },
];
