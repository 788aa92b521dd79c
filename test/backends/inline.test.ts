import { inlineBackend } from 'rx-futures/testing';
import { describeBackend } from './describe-backend.js';

describeBackend('inline', inlineBackend, {
  skip: [
    {
      reason: 'a task shares its thread with the caller',
      tests: [
        'a task runs on another thread than its caller',
        'two workers run two tasks at the same time',
        'a task that is cancelled while the task before it blocks the worker never runs',
        'a task that exceeded its timeout is retried, even if it had ended before the timeout was noticed',
      ],
    },
    {
      reason: 'an endless loop blocks the caller too',
      tests: ['a worker that a cancelled task blocks forever is terminated', 'terminate() stops a synchronous loop'],
    },
    {
      reason: 'an uncaught error of a task is an uncaught error of the caller',
      tests: [
        'a task that causes an uncaught error rejects with a WorkerDiedError that has the error as its cause',
        'a stream emits the values before an uncaught error, then a WorkerDiedError',
      ],
    },
    {
      reason: 'process.exit would end the caller',
      tests: [
        'a task on a worker that exits rejects with a WorkerDiedError',
        'a stream emits the values before the exit of its worker, then a WorkerDiedError',
        'tasks that waited behind the task that ended their worker run once, on another worker',
        'a task that was running when its worker ended is not run again',
        'a task that was running when its worker ended is run again if retry allows it',
        'the end of a worker rejects only those interleaved tasks that have started',
        'the end of a worker rejects the started task of a key, and the others run in order on another worker',
        'results that are finished before their worker exits arrive, even large ones',
        'an actor is dead if its worker ends: started, waiting and later calls reject',
        'calls that had not started run on a new object after a restart, and a started one rejects',
        'a started call with "retry" runs again on the new object after a restart',
        'the reader of a stream whose worker exits receives a WorkerDiedError',
      ],
    },
  ],
});
