/** The outbox of a server: which messages share a mail. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { REPORT_FULFILLED } from '../../src/protocol/messages.js';
import type { Mail } from '../../src/protocol/queue/mail.js';
import { decodeMessages, outcomeNow, type ToClient } from '../../src/protocol/queue/messages.js';
import { toText } from '../../src/protocol/queue/value-text.js';
import { Outbox } from '../../src/serving/outbox.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

describe('Outbox', () => {
  const sent: Mail[] = [];
  let outbox: Outbox;
  beforeEach(() => {
    useVirtualTime();
    sent.length = 0;
    outbox = new Outbox({
      async publish(mail) {
        sent.push(mail);
        return mail.starts.map(() => true);
      },
      isTemporary: () => false,
    });
  });
  afterEach(() => {
    useRealTime();
  });

  const outcome = (id: number, value: unknown = id) => outcomeNow(id, 1, REPORT_FULFILLED, toText(value));
  const typesIn = ({ text }: Mail) => decodeMessages<ToClient>(text).map(({ type, id }) => `${type} ${id}`);

  it('all messages of a tick to one client share a mail', async () => {
    outbox.publishOutcome(outcome(1), 10, ['a'], false);
    outbox.publishOutcome(outcome(2), 20, ['a', 'b'], true);
    outbox.publish('a', 10, { type: 'progress', id: 3, value: toText(0) });
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.map(({ client }) => client)).toEqual(['a', 'b']);
    expect(sent.map(typesIn)).toEqual([['settled 1', 'settled 2', 'progress 3'], ['settled 2']]);
    expect(sent[0]).toMatchObject({ outcomes: [{ id: 1 }, { id: 2 }], settled: [2], keep: 20 });
    expect(sent[1]).toMatchObject({ outcomes: [], settled: [], keep: 20 });
  });

  it('a start waits 1 ms, and is not sent if the task has settled by then', async () => {
    outbox.publish('a', 10, { type: 'started', id: 1, at: 0 });
    outbox.publish('a', 10, { type: 'started', id: 2, at: 0 });
    outbox.publishOutcome(outcome(1), 10, ['a'], false, true);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([]);
    // The virtual clock runs the end of the tick, which sends the mail, one millisecond later.
    await vi.advanceTimersByTimeAsync(2);
    expect(sent.map(typesIn)).toEqual([['started 2', 'settled 1']]);
  });

  it('a start is sent before the first message of its task', async () => {
    outbox.publish('a', 10, { type: 'started', id: 1, at: 0 });
    outbox.publish('a', 10, { type: 'progress', id: 1, value: toText(0) });
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.map(typesIn)).toEqual([['started 1', 'progress 1']]);
  });

  it('a large value is stored, and its message contains no value', async () => {
    outbox.publishOutcome(outcome(1, 'x'.repeat(100_000)), 10, ['a'], false);
    await vi.advanceTimersByTimeAsync(0);
    const [mail] = sent;
    expect(decodeMessages<ToClient>(mail!.text)).toEqual([expect.not.objectContaining({ payload: expect.anything() })]);
    expect(mail!.outcomes[0]!.text.length).toBeGreaterThan(100_000);
  });

  it('a start of trees is noted in the mail of the tick', async () => {
    const noted = outbox.noteStarted('job', 'token', 3, 'a', 10);
    outbox.publishOutcome(outcome(1), 10, ['a'], false);
    await vi.advanceTimersByTimeAsync(0);
    expect(await noted).toBe(true);
    expect(sent).toMatchObject([{ starts: [{ job: 'job', token: 'token', count: 3 }], outcomes: [{ id: 1 }] }]);
  });
});
