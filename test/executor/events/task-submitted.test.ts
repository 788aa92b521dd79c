/** The event `task-submitted`. */
import { chain } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { record } from '../../support/events.js';
import { open } from '../../support/open.js';

describe('task-submitted', () => {
  it('task-submitted contains the priority, and for a chain step the id of its upstream future', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const { of } = record(executor);
    const { add, double, increment } = executor.tasks;
    const urgent = add.with({ priority: 7 })(1, 1);
    const middle = urgent.pipe(chain(double));
    const last = middle.pipe(chain(increment.with({ priority: -1 })));
    expect(of('task-submitted').map(({ id, name, priority, upstreamId }) => [id, name, priority, upstreamId])).toEqual([
      [urgent.id, 'add', 7, undefined],
      [middle.id, 'double', 0, urgent.id],
      [last.id, 'increment', -1, middle.id],
    ]);
    expect(await last).toBe(5);
  });
});
