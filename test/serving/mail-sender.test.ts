/** Mail that a queue refuses: it is held, and sent again in its order. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MailSender, type StartRequest } from '../../src/serving/mail-sender.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

describe('MailSender', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  /** A queue that answers with the next of these errors, and accepts mail when none is left. */
  function open(...errors: string[]) {
    const accepted: string[] = [];
    const sender = new MailSender({
      async publish({ text, starts }) {
        const error = errors.shift();
        if (error !== undefined) throw new Error(error);
        accepted.push(text);
        return starts.map(() => true);
      },
      isTemporary: (error) => (error as Error).message === 'full',
    });
    const send = (text: string, starts: readonly StartRequest[] = []) =>
      sender.send({ client: 'client', outcomes: [], claimed: [], settled: [], text, starts, keep: 1 });
    return { sender, accepted, send };
  }

  it('refused mail is sent again after a second, before all later mail', async () => {
    const { sender, accepted, send } = open('full', 'full');
    send('a');
    await vi.advanceTimersByTimeAsync(0);
    send('b');
    expect([sender.isHolding, accepted]).toEqual([true, []]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(accepted).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([sender.isHolding, accepted]).toEqual([false, ['a', 'b']]);
  });

  it('flushed() waits for refused mail', async () => {
    const { sender, accepted, send } = open('full');
    send('a');
    const flushed = sender.flushed().then(() => accepted.length);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await flushed).toBe(1);
  });

  it('mail that the queue will never accept is dropped, and its trees do not start', async () => {
    const { sender, accepted, send } = open('wrong');
    const answer = vi.fn();
    send('a', [{ job: 'job', token: 'token', count: 1, answer }]);
    send('b');
    await sender.flushed();
    expect(accepted).toEqual(['b']);
    expect(answer.mock.calls).toEqual([[false]]);
  });

  it('close() drops held mail, and resolves the callers that wait for it', async () => {
    const { sender, accepted, send } = open('full');
    const answer = vi.fn();
    send('a', [{ job: 'job', token: 'token', count: 1, answer }]);
    await vi.advanceTimersByTimeAsync(0);
    const released = sender.released();
    sender.close();
    await released;
    expect(answer.mock.calls).toEqual([[false]]);
    expect([vi.getTimerCount(), accepted]).toEqual([0, []]);
  });
});
