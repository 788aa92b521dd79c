import { processesBackend } from '../../src/backends/processes/backend.js';
import { FileGate } from '../support/file-gate.js';
import { describeBackend } from './describe-backend.js';

describeBackend('processes', processesBackend, {
  makeGate: () => new FileGate(),
  skip: [
    {
      reason: 'messages to a process are bytes, so shared memory is copied',
      tests: ['a SharedArrayBuffer is shared, not copied'],
    },
    {
      reason: 'tasks run on the main threads of processes, which all have the same id',
      tests: ['threadId of a future is the id that the thread has itself'],
    },
    {
      reason: 'a process has no ledger, so a sent job counts as started',
      tests: [
        'a step is pending while the step before it runs',
        'a task that is cancelled while the task before it blocks the worker never runs',
        'the end of a worker rejects only those interleaved tasks that have started',
      ],
    },
  ],
});
