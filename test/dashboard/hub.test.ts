import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FRAME_MS, type SourceFrame } from '../../src/dashboard/frames.js';
import { type Client, Hub } from '../../src/dashboard/hub.js';
import type { Source } from '../../src/dashboard/source.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

/** A source that records its calls. Each frame has one run. */
function makeSource(cells = 9) {
  const log: string[] = [];
  const counts = { submitted: 1, fulfilled: 1, rejected: 0, cancelled: 0, retried: 0, pending: 0, queued: 0 };
  const frame = {
    state: 'open',
    counts: { ...counts, running: 0, lingering: 0, isPaused: false },
    runs: { seen: 1, tasks: ['a'], workers: ['w'], base: 0, cells: new Array(cells).fill(0) },
    ...{ workers: [], running: [], failures: [], refusals: {} },
  } satisfies SourceFrame;
  const source: Source = {
    name: 'crew',
    failures: [],
    open: () => void log.push('open'),
    close: () => void log.push('close'),
    frame: (isFull) => {
      log.push(isFull ? 'tables' : 'frame');
      return frame;
    },
    act: () => ({ ok: true, message: '' }),
    dispose: () => void log.push('dispose'),
  };
  return { source, log };
}

function makeClient() {
  const events: { event: string; data: any }[] = [];
  const client: Client = { send: (event, data) => void events.push({ event, data: JSON.parse(data) }) };
  return { client, events };
}

describe('the hub', () => {
  it('the sources are open only while a page is connected', async () => {
    const { source, log } = makeSource();
    const hub = new Hub([source]);
    const leave = [hub.join(makeClient().client), hub.join(makeClient().client)];
    expect(log).toEqual(['open']);
    leave[0]!();
    leave[0]!();
    expect(log).toEqual(['open']);
    leave[1]!();
    expect(log).toEqual(['open', 'close']);
    vi.advanceTimersByTime(10 * FRAME_MS);
    expect(log).toEqual(['open', 'close']);
    await hub.dispose();
    expect(log).toEqual(['open', 'close', 'dispose']);
  });

  it('all pages receive each frame, which is made once, and the tables once a second', async () => {
    const { source, log } = makeSource();
    const hub = new Hub([source]);
    const [a, b] = [makeClient(), makeClient()];
    hub.join(a.client);
    hub.join(b.client);
    vi.advanceTimersByTime(6 * FRAME_MS);
    expect(log).toEqual(['open', 'tables', 'frame', 'frame', 'frame', 'frame', 'tables']);
    expect(a.events.map(({ event }) => event)).toEqual(['hello', ...Array(6).fill('frame')]);
    expect(b.events.slice(1)).toEqual(a.events.slice(1));
    expect(a.events[1]!.data).toMatchObject({ groups: [], process: { rss: expect.any(Number) } });
    expect(a.events[2]!.data).not.toHaveProperty('groups');
    await hub.dispose();
  });

  it('a page that is loaded later receives the history, of bounded size', async () => {
    const { source } = makeSource(9 * 256);
    const hub = new Hub([source]);
    hub.join(makeClient().client);
    vi.advanceTimersByTime(620 * FRAME_MS);
    const { client, events } = makeClient();
    hub.join(client);
    const [{ event, data }] = events as [{ event: string; data: any }];
    expect(event).toBe('hello');
    expect(data.sources[0].name).toBe('crew');
    expect(data.sources[0].points).toHaveLength(600);
    expect(data.sources[0].runs.length).toBeLessThanOrEqual(16);
    await hub.dispose();
  });
});
