/** Number of jobs that a server processes at a time while streams wait for their readers. */
import type { Worker } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Concurrency } from '../../src/serving/concurrency.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

/** The part of a BullMQ worker that Concurrency uses. */
class StubWorker {
  concurrency: number;
  closing: Promise<void> | undefined;
  pauses = 0;
  #isPaused = false;

  constructor(concurrency: number) {
    this.concurrency = concurrency;
  }

  isPaused(): boolean {
    return this.#isPaused;
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    this.pauses++;
  }

  resume(): void {
    this.#isPaused = false;
  }
}

describe('Concurrency', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  function open(count: number) {
    const worker = new StubWorker(count);
    const concurrency = new Concurrency(count);
    concurrency.open(worker as unknown as Worker);
    return { worker, concurrency };
  }

  it('a stream that has waited 10 ms for its reader lends its slot', async () => {
    const { worker, concurrency } = open(1);
    concurrency.opened(1, 2);
    concurrency.emitted(1, 1);
    await vi.advanceTimersByTimeAsync(20);
    expect(worker.concurrency).toBe(1);
    concurrency.emitted(1, 1);
    await vi.advanceTimersByTimeAsync(9);
    expect(worker.concurrency).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(worker.concurrency).toBe(2);
    // The worker fetches jobs again after a pause.
    expect([worker.pauses, worker.isPaused()]).toEqual([1, false]);
  });

  it('a stream keeps its slot if its reader returns sooner', async () => {
    const { worker, concurrency } = open(1);
    concurrency.opened(1, 1);
    concurrency.emitted(1, 1);
    concurrency.granted(1, 1);
    await vi.advanceTimersByTimeAsync(20);
    expect([worker.concurrency, worker.pauses]).toEqual([1, 0]);
  });

  it.each(['granted', 'ended'] as const)('a stream that is %s takes its slot back', async (how) => {
    const { worker, concurrency } = open(2);
    concurrency.opened(1, 1);
    concurrency.opened(2, 1);
    concurrency.emitted(1, 1);
    concurrency.emitted(2, 1);
    await vi.advanceTimersByTimeAsync(10);
    expect(worker.concurrency).toBe(4);
    if (how === 'granted') concurrency.granted(1, 1);
    else concurrency.ended(1);
    expect(worker.concurrency).toBe(3);
    concurrency.ended(2);
    expect(worker.concurrency).toBe(2);
  });

  it('a worker that is closing or paused is not paused and resumed', async () => {
    const { worker, concurrency } = open(1);
    worker.closing = Promise.resolve();
    concurrency.opened(1, 1);
    concurrency.emitted(1, 1);
    await vi.advanceTimersByTimeAsync(10);
    expect(worker.pauses).toBe(0);
    const paused = open(1);
    await paused.worker.pause();
    paused.concurrency.opened(1, 1);
    paused.concurrency.emitted(1, 1);
    await vi.advanceTimersByTimeAsync(10);
    expect([paused.worker.pauses, paused.worker.isPaused()]).toEqual([1, true]);
  });

  it('a closed Concurrency has no timer left', () => {
    const { worker, concurrency } = open(1);
    concurrency.opened(1, 1);
    concurrency.emitted(1, 1);
    concurrency.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(worker.concurrency).toBe(1);
  });
});
