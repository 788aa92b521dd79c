import { inlineBackend } from 'rx-futures/testing';
import { describeBackend } from './describe-backend.js';

describeBackend('inline', inlineBackend, {
  skip: [
    {
      reason: 'a task shares its thread with the caller',
      tests: [
        'runs tasks elsewhere than on the thread of their caller',
        'runs two tasks at the same time on two workers',
        'never runs a task that is cancelled before its turn, on a worker that is held by the task before it',
        'runs a task again that overran its timeout, though word of it came only when it had ended',
      ],
    },
    {
      reason: 'a loop that never ends holds the caller too',
      tests: ['ends a worker that loops for ever, once its task is cancelled', 'terminate stops a loop'],
    },
    {
      reason: 'what nothing catches is an uncaught error of the caller',
      tests: [
        'rejects with WorkerDiedError what throws outside of its promise, with what was thrown',
        'gives the values before the end of a worker, then WorkerDiedError',
      ],
    },
    {
      reason: 'process.exit would end the caller',
      tests: [
        'rejects with WorkerDiedError what ran on a worker that exits',
        'gives the values before the exit of a worker, then WorkerDiedError',
        'runs elsewhere, each once, what waited behind the task that ended its worker',
        'never runs a second time what ran when its worker ended',
        'runs it again where retry says so',
        'rejects with a worker only what that had begun, where tasks are interleaved',
        'brings home what was finished before, however large, when a worker ends itself',
      ],
    },
  ],
});
