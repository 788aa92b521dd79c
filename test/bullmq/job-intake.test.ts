/** The BullMQ worker of a server: how it claims more jobs than it has room for at first. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { BullmqIntake } from '../../src/bullmq/job-intake.js';

/** The part of a BullMQ worker that the intake uses. */
class StubWorker extends EventEmitter {
  closing: Promise<void> | undefined;
  pauses = 0;
  #isPaused = false;

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

describe('BullmqIntake', () => {
  function open() {
    const worker = new StubWorker();
    class Worker {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: the intake gets the stub
        return worker;
      }
    }
    const unused = {} as never;
    const intake = new BullmqIntake({ Worker } as never, unused, { engine: {} } as never, 1, unused, () => {});
    return { worker, intake };
  }

  it('fill() pauses and resumes the worker, so that the worker fetches jobs again', async () => {
    const { worker, intake } = open();
    intake.fill();
    expect([worker.pauses, worker.isPaused()]).toEqual([1, true]);
    await Promise.resolve();
    expect([worker.pauses, worker.isPaused()]).toEqual([1, false]);
  });

  it('fill() leaves a worker alone that is closing or paused', async () => {
    const closing = open();
    closing.worker.closing = Promise.resolve();
    closing.intake.fill();
    expect(closing.worker.pauses).toBe(0);
    const paused = open();
    await paused.intake.pause();
    paused.intake.fill();
    await Promise.resolve();
    expect([paused.worker.pauses, paused.worker.isPaused()]).toEqual([1, true]);
  });
});
