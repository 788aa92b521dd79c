/** Faults in which one task or the whole pool is stopped. */
import { failed, hung, kept, lost, nameOf } from '../verdict.mjs';

const reason = new Error('not needed any more');
const isCancel = (error) => /abort|cancel/i.test(`${error.name} ${error.code ?? ''} ${error.message}`);
const hasReason = (error) => error === reason || error.cause === reason;

export const stopping = [
  {
    id: 'cancel-loop',
    title: 'cancel of an endless synchronous loop',
    needs: 'cancel',
    async run(stand) {
      const loop = stand.start('loopForever', stand.cells);
      await stand.arrival();
      loop.cancel(reason);
      return failed(await loop.end(), { kind: isCancel, reason: hasReason });
    },
  },
  {
    id: 'cancel-queued',
    title: 'cancel of a task that waits',
    needs: 'cancel',
    async run(stand) {
      const holding = stand.start('hold', stand.cells);
      await stand.arrival();
      const waiting = stand.start('count', stand.cells);
      waiting.cancel(reason);
      const end = await waiting.end();
      stand.openGate();
      const held = await holding.end();
      if (held.how !== 'fulfilled') return lost('the running task too');
      await stand.run('add', { a: 1, b: 2 });
      if (stand.runs > 0) return lost('it runs all the same');
      return failed(end, { kind: isCancel, reason: hasReason });
    },
  },
  {
    id: 'cancel-at-once',
    title: 'cancel in the tick of the submit',
    needs: 'cancel',
    async run(stand) {
      await stand.run('add', { a: 1, b: 2 });
      const task = stand.start('count', stand.cells);
      task.cancel(reason);
      const end = await task.end();
      await stand.run('linger', 100);
      if (stand.runs > 0) return lost('it runs all the same');
      return failed(end, { kind: isCancel, reason: hasReason });
    },
  },
  {
    id: 'cancel-clean-up',
    title: 'a cancelled task can clean up, its worker lives on',
    needs: 'cleanUp',
    async run(stand) {
      const before = await stand.run('whichThread');
      const task = stand.start('cleanUpWhenStopped', stand.cells);
      await stand.arrival();
      task.cancel(reason);
      const end = await task.end();
      const after = await stand.run('whichThread');
      if (stand.runs === 0) return lost('the task is not notified');
      return failed(end, { worker: () => after.value === before.value });
    },
  },
  {
    id: 'close',
    title: 'graceful close, one task running and three waiting',
    next: 'none',
    needs: 'drain',
    async run(stand) {
      const running = stand.start('hold', stand.cells);
      await stand.arrival();
      const tasks = [running, ...[1, 2, 3].map((a) => stand.start('add', { a, b: 1 }))];
      const closing = stand.close('close');
      stand.openGate();
      const ends = await Promise.all(tasks.map((task) => task.end()));
      if (ends.some((end) => end.how === 'hung')) return hung('tasks');
      if ((await closing).how === 'hung') return hung('close');
      const bad = ends.filter((end) => end.how === 'rejected');
      return bad.length === 0 ? kept('all finished') : lost(`${bad.length} of 4 rejected: ${nameOf(bad[0].error)}`);
    },
  },
  {
    id: 'destroy',
    title: 'immediate end, a loop running and three tasks waiting',
    next: 'none',
    async run(stand) {
      const loop = stand.start('loopForever', stand.cells);
      await stand.arrival();
      const tasks = [loop, ...[1, 2, 3].map((a) => stand.start('add', { a, b: 1 }))];
      const [destroyed, ...ends] = await Promise.all([stand.close('destroy'), ...tasks.map((task) => task.end())]);
      if (ends.some((end) => end.how === 'hung')) return hung('tasks');
      if (destroyed.how === 'hung') return hung('destroy');
      return failed(ends[0]);
    },
  },
  {
    id: 'after-close',
    title: 'a task submitted after the end',
    next: 'none',
    async run(stand) {
      await stand.run('add', { a: 1, b: 2 });
      await stand.close('destroy');
      const end = await stand.run('add', { a: 1, b: 2 });
      return end.how === 'fulfilled' ? lost('it runs') : failed(end);
    },
  },
];
