/** Events of a server for its log. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Notices } from '../../src/serving/notices.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

describe('Notices', () => {
  const events: [string, number][] = [];
  let notices: Notices<'fault' | 'other'>;
  beforeEach(() => {
    useVirtualTime();
    events.length = 0;
    notices = new Notices(({ message, omitted }) => events.push([message, omitted]));
  });
  afterEach(() => {
    notices.close();
    useRealTime();
  });

  it('an event is emitted at once', () => {
    notices.publish('fault', 'a');
    expect(events).toEqual([['a', 0]]);
  });

  it('repeated events are omitted for ten seconds, and the last one says how many', () => {
    for (const message of ['a', 'b', 'c', 'd']) notices.publish('fault', message);
    vi.advanceTimersByTime(9_999);
    expect(events).toEqual([['a', 0]]);
    vi.advanceTimersByTime(1);
    expect(events).toEqual([
      ['a', 0],
      ['d', 2],
    ]);
  });

  it('events of another type or kind are not repeated events', () => {
    notices.publish('fault', 'a');
    notices.publish('fault', 'b', 'kind');
    notices.publish('other', 'c');
    expect(events.map(([message]) => message)).toEqual(['a', 'b', 'c']);
  });

  it('close() drops the omitted events', () => {
    notices.publish('fault', 'a');
    notices.publish('fault', 'b');
    notices.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(events).toEqual([['a', 0]]);
  });

  it('a listener that throws causes a warning', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    new Notices(() => {
      throw new Error('no disk');
    }).publish('fault', 'a');
    useRealTime();
    expect((await warned).message).toBe(
      'The onEvent function of serveTasks() threw an error: Error: no disk. Catch it in the function.',
    );
  });
});
