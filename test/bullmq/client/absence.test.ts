/** The time for which Redis may be unreachable. Time is virtual. */
import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { Absence } from '../../../src/bullmq/client/absence.js';
import { pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

function open(limit = 100, quietFor = 0) {
  const lost = vi.fn<(error: Error) => void>();
  const redis = new EventEmitter();
  const absence = new Absence('pages', limit, lost);
  absence.watch({ redis, heartbeat: { quietFor } } as never);
  return { absence, redis, lost };
}

describe('Absence', () => {
  it('the connection is given up after the limit, with an error that names the queue and the next step', () => {
    const { redis, lost } = open();
    redis.emit('close');
    pass(99);
    expect(lost).not.toHaveBeenCalled();
    pass(1);
    expect(lost.mock.calls[0]![0].message).toBe(
      'Redis, which holds the queue "pages", was unreachable for more than 100 ms. Check Redis and the network.',
    );
  });

  it('the limit counts from the last byte of Redis', () => {
    const { redis, lost } = open(100, 60);
    redis.emit('close');
    pass(40);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('the limit counts from the first loss, and a connection that is restored ends it', () => {
    const { redis, lost } = open();
    redis.emit('close');
    pass(60);
    redis.emit('close');
    redis.emit('ready');
    pass(1_000);
    expect(lost).not.toHaveBeenCalled();
    redis.emit('close');
    pass(60);
    redis.emit('close');
    pass(40);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  it('the connection is given up at once if ioredis makes no further attempt', () => {
    const { redis, lost } = open(Number.POSITIVE_INFINITY);
    redis.emit('close');
    pass(1_000_000);
    expect(lost).not.toHaveBeenCalled();
    redis.emit('end');
    expect(lost.mock.calls[0]![0].message).toContain('retryStrategy ended the attempts to reconnect');
  });

  it('a closed client gives up nothing, and no timer is left', () => {
    const { absence, redis, lost } = open();
    redis.emit('close');
    absence.close();
    expect(vi.getTimerCount()).toBe(0);
    redis.emit('end');
    redis.emit('close');
    expect([lost.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
