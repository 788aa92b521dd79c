import { processesBackend } from '../../src/backend/tinypool/processes.js';
import { describeBackend } from './describe-backend.js';

describeBackend('processes', processesBackend, {
  skip: [
    {
      reason: 'processes share no memory, and with it no gate',
      tests: [
        'shares a SharedArrayBuffer instead of copying it',
        'rejects a task whose future argument fails, with the same error and without running it',
        'never runs a task that is cancelled while it waits behind another one',
        'settles a running task at once, as cancelled with the reason as its cause',
        'aborts the signal of a running task with the reason as it was given',
        'aborts with a CancelledError where no reason was given',
        'cancels what is chained to a cancelled head',
        'cancels a head that nobody else uses with the end of its chain',
        'cancels with an AbortSignal, with its reason',
        'ends a worker that loops for ever, once its task is cancelled',
        'runs the tasks of one worker in the order of their submits',
        'runs what has a higher priority first, first come first served inside a level',
        'interleaves as many async tasks as concurrency says, and no more',
        'runs two tasks at the same time on two threads',
        'refuses what is more than maxQueue, through the future',
        'finishes on shutdown what was submitted before it, chains included',
        'cancels everything on terminate',
        'terminate stops a loop',
      ],
    },
    {
      reason: 'each process has a main thread of its own, and they all have the same id',
      tests: ['runs tasks on another thread', 'tells a task its id, name, attempt and worker'],
    },
  ],
});
