import { processesBackend } from '../../src/backend/tinypool/processes.js';
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
    {
      reason: 'BUG: an abort is forgotten where it comes before the step that it is for has begun',
      tests: [
        'never runs the steps after a head that is cancelled while it runs',
        'never runs a step that is cancelled while the one before it runs, and leaves that to whoever uses it',
      ],
    },
    {
      reason: 'BUG: a cancelled step is waited for as if it ran, and the step before it pays with its worker',
      tests: ['keeps the worker of a step that still runs when the grace of one that was cancelled after it is over'],
    },
    {
      reason: 'BUG: the later steps of a running chain count as begun, so cancelPending leaves them, against G14',
      tests: ['cancels what has not begun on a shutdown that says so, the later steps of a running chain included'],
    },
    {
      reason: 'BUG: the time of a step is counted from when it was sent, that of the steps before it included',
      tests: ['starts the timeout of a step when the step begins'],
    },
    {
      reason: 'BUG: process.exit does not wait for what process.send has not written yet',
      tests: ['brings home what was finished before, however large, when a worker ends itself'],
    },
    {
      reason: 'BUG: what is posted to a process that is still starting is lost, the goodbye too',
      tests: ['lets a worker that is still starting end by itself on shutdown'],
    },
  ],
});
