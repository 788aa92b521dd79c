import { describe, expect, it } from 'vitest';
import { EventSource } from '../../../src/engine/observe/events.js';
import { WorkerEvents } from '../../../src/engine/observe/worker-events.js';
import { record } from '../../support/events.js';

const worker = { name: 'crew-1', threadId: 7, secret: 'not in an event' } as never;
const crash = new Error('crashed');
const ending = { type: 'failed', exitCode: 1, error: crash } as const;

describe('WorkerEvents', () => {
  it('an event contains only the name and the thread of its worker, and the data of its type', () => {
    const source = new EventSource('crew');
    const { seen } = record(source);
    const events = new WorkerEvents(source);
    events.spawned(worker);
    events.ready(worker);
    events.recycled(worker, 'max-tasks');
    events.ended(worker, ending, true);
    const identity = { worker: 'crew-1', threadId: 7 };
    expect(seen.map(({ at, executor, ...event }) => event)).toEqual([
      { type: 'worker-spawned', ...identity },
      { type: 'worker-ready', ...identity },
      { type: 'worker-recycled', ...identity, reason: 'max-tasks' },
      { type: 'worker-ended', ...identity, exitCode: 1, error: crash },
    ]);
  });

  it('an unexpected end is the event worker-died', () => {
    const source = new EventSource('crew');
    const { types } = record(source);
    new WorkerEvents(source).ended(worker, ending, false);
    expect(types()).toEqual(['worker-died']);
  });
});
