/** The BullMQ worker of a server: how it claims more jobs than it has room for at first. */
import { EventEmitter } from 'node:events';
import * as bullmq from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { BullmqIntake } from '../../../src/bullmq/server/job-intake.js';
import { describeWithRedis, startRedis } from '../../support/redis.js';

/** ms, a third of the time that BullMQ waits by default before it repeats a command. */
const SOON = 5_000;

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
    const redis = { defineCommand() {} } as never;
    const options = { engine: {} } as never;
    const intake = new BullmqIntake({ Worker } as never, redis, unused, options, 1, unused, () => {});
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

describeWithRedis('BullmqIntake with a real BullMQ worker', () => {
  it('close() resolves soon after a command has failed with its connection, which BullMQ repeats later', async () => {
    const server = await startRedis();
    const redis = new Redis(server.url, { maxRetriesPerRequest: null });
    let waits!: () => void;
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    class Worker extends bullmq.Worker {
      /** BullMQ calls it before it repeats the fetch. */
      override async delay(...args: Parameters<bullmq.Worker['delay']>): Promise<void> {
        const delayed = super.delay(...args);
        waits();
        await delayed;
      }
    }
    // BullMQ calls this private method for each job that it fetches.
    Object.assign(Worker.prototype, { _getNextJob: () => Promise.reject(new Error('Connection is closed.')) });
    const options = { queue: 'jobs', prefix: 'bull', lostAfter: 30_000, engine: { name: 'crew' } };
    const listener = { renewed: () => {}, lost: () => {} };
    const intake = new BullmqIntake(
      { ...bullmq, Worker } as never,
      redis as never,
      {} as never,
      options as never,
      1,
      listener as never,
      () => {},
    );
    await waiting;
    const start = performance.now();
    await intake.close();
    expect(performance.now() - start).toBeLessThan(SOON);
    redis.disconnect();
    await server.stop();
  });
});
