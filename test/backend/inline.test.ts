import { inlineBackend } from 'rx-futures/testing';
import { describeBackend } from './describe-backend.js';

describeBackend('inline', inlineBackend, {
  skip: [
    {
      reason: 'a task shares its thread with the caller',
      tests: ['runs tasks on another thread', 'runs two tasks at the same time on two threads'],
    },
    {
      reason: 'a loop that never ends holds the caller too',
      tests: ['ends a worker that loops for ever, once its task is cancelled', 'terminate stops a loop'],
    },
    {
      reason: 'process.exit would end the caller',
      tests: ['rejects with WorkerDiedError what ran on a worker that exits'],
    },
  ],
});
