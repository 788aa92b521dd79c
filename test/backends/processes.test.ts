import { processesBackend } from '../../src/backends/processes/backend.js';
import { FileGate } from '../support/file-gate.js';
import { describeBackend } from './describe-backend.js';

describeBackend('processes', processesBackend, {
  makeGate: () => new FileGate(),
  skip: [
    {
      reason: 'a message to a process is bytes, and shared memory is copied with it',
      tests: ['shares a SharedArrayBuffer instead of copying it'],
    },
    {
      reason: 'each process has a main thread of its own, and they all have the same id',
      tests: ['tells the thread that ran a task by the id that it has there'],
    },
    {
      reason: 'without a ledger nobody can tell what a process has begun: what was sent counts as begun',
      tests: [
        'calls a step pending while the one before it runs',
        'never runs a task that is cancelled before its turn, on a worker that is held by the task before it',
        'rejects with a worker only what that had begun, where tasks are interleaved',
      ],
    },
  ],
});
