/** Number of jobs that a server processes at a time while streams wait for their readers. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobIntake } from '../../src/protocol/queue/transport.js';
import { Concurrency } from '../../src/serving/concurrency.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

/** An intake that counts the claims beyond its running jobs. */
class StubIntake implements JobIntake {
  concurrency: number;
  fills = 0;

  constructor(concurrency: number) {
    this.concurrency = concurrency;
  }

  fill(): void {
    this.fills++;
  }

  async ready(): Promise<void> {}
  async pause(): Promise<void> {}
  async close(): Promise<void> {}
}

describe('Concurrency', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  function open(count: number) {
    const intake = new StubIntake(count);
    const concurrency = new Concurrency(count);
    concurrency.open(intake);
    return { intake, concurrency };
  }

  it('a stream that has waited 10 ms for its reader lends its slot', async () => {
    const { intake, concurrency } = open(1);
    concurrency.opened(1, 2);
    concurrency.emitted(1, 1);
    await vi.advanceTimersByTimeAsync(20);
    expect(intake.concurrency).toBe(1);
    concurrency.emitted(1, 1);
    await vi.advanceTimersByTimeAsync(9);
    expect(intake.concurrency).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(intake.concurrency).toBe(2);
    expect(intake.fills).toBe(1);
  });

  it('a stream keeps its slot if its reader returns sooner', async () => {
    const { intake, concurrency } = open(1);
    concurrency.opened(1, 1);
    concurrency.emitted(1, 1);
    concurrency.granted(1, 1);
    await vi.advanceTimersByTimeAsync(20);
    expect([intake.concurrency, intake.fills]).toEqual([1, 0]);
  });

  it.each(['granted', 'ended'] as const)('a stream that is %s takes its slot back', async (how) => {
    const { intake, concurrency } = open(2);
    concurrency.opened(1, 1);
    concurrency.opened(2, 1);
    concurrency.emitted(1, 1);
    concurrency.emitted(2, 1);
    await vi.advanceTimersByTimeAsync(10);
    expect(intake.concurrency).toBe(4);
    if (how === 'granted') concurrency.granted(1, 1);
    else concurrency.ended(1);
    expect(intake.concurrency).toBe(3);
    concurrency.ended(2);
    expect(intake.concurrency).toBe(2);
  });

  it('a closed Concurrency has no timer left', () => {
    const { intake, concurrency } = open(1);
    concurrency.opened(1, 1);
    concurrency.emitted(1, 1);
    concurrency.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(intake.concurrency).toBe(1);
  });
});
