/** A connection that dies silently. The socket is a fake, and time is virtual. */
import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { Heartbeat, type HeartbeatOptions } from '../../../src/bullmq/redis/heartbeat.js';
import { block, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

class FakeRedis extends EventEmitter {
  status = 'ready';
  pings = 0;
  readonly stream = { bytesRead: 0, _handle: { writeQueueSize: 0 }, destroy: vi.fn<(error: Error) => void>() };

  ping(): Promise<string> {
    this.pings++;
    return new Promise(() => {});
  }

  get isDestroyed(): boolean {
    return this.stream.destroy.mock.calls.length > 0;
  }
}

function open(options: Partial<HeartbeatOptions> = {}) {
  const redis = new FakeRedis();
  const heartbeat = new Heartbeat(redis as never, { silence: 1_000, ...options });
  return { redis, heartbeat };
}

describe('Heartbeat', () => {
  it('a PING is sent when nothing was read, and no second one before the reply', () => {
    const { redis } = open();
    pass(250);
    expect(redis.pings).toBe(1);
    pass(500);
    expect(redis.pings).toBe(1);
  });

  it('a socket is destroyed when it was silent for that time, with an error that says what to check', () => {
    const { redis } = open();
    pass(1_000);
    expect(redis.isDestroyed).toBe(false);
    pass(251);
    expect(redis.stream.destroy.mock.calls[0]![0].message).toMatch(
      /^Redis sent nothing for 1000 ms, .* check the network/,
    );
  });

  it.each<[string, (stream: FakeRedis['stream'], round: number) => void]>([
    ['bytes are read', (stream) => stream.bytesRead++],
    ['the write queue shrinks', ({ _handle }, round) => (_handle.writeQueueSize = 1_000 - round)],
  ])('a socket lives as long as %s', (_what, move) => {
    const { redis } = open();
    for (let round = 0; round < 20; round++) {
      pass(500);
      move(redis.stream, round);
    }
    expect(redis.isDestroyed).toBe(false);
  });

  it('a write queue that grows does not show that the socket lives', () => {
    const { redis } = open();
    for (let round = 0; round < 6; round++) {
      pass(250);
      redis.stream._handle.writeQueueSize += 100;
    }
    expect(redis.isDestroyed).toBe(true);
  });

  it('a busy thread does not count as silence, because no PING was sent meanwhile', () => {
    const { redis } = open();
    block(10_000);
    pass(250);
    expect([redis.pings, redis.isDestroyed]).toEqual([1, false]);
  });

  it('bytes that waited in the socket while the thread was busy save the connection', () => {
    const { redis } = open();
    pass(250);
    block(10_000);
    vi.advanceTimersToNextTimer();
    redis.stream.bytesRead++;
    pass(0);
    expect(redis.isDestroyed).toBe(false);
  });

  it('a blocking connection is never pinged, and may be silent for the time of its command in addition', () => {
    const { redis } = open({ block: 2_000 });
    pass(3_000);
    expect([redis.pings, redis.isDestroyed]).toEqual([0, false]);
    pass(251);
    expect(redis.isDestroyed).toBe(true);
  });

  it('a connection that is not open is not checked, and a handshake without a reply ends', () => {
    const { redis } = open();
    redis.status = 'reconnecting';
    pass(10_000);
    expect(redis.isDestroyed).toBe(false);
    redis.status = 'connect';
    redis.emit('connect');
    pass(1_251);
    expect(redis.isDestroyed).toBe(true);
  });

  it('the quiet time counts from the last byte that was read', () => {
    const { redis, heartbeat } = open();
    pass(100);
    redis.stream.bytesRead++;
    expect(heartbeat.quietFor).toBe(0);
    pass(70);
    expect(heartbeat.quietFor).toBe(70);
  });

  it('close() leaves no timer and no listener', () => {
    const { redis, heartbeat } = open();
    heartbeat.close();
    expect([vi.getTimerCount(), redis.listenerCount('connect')]).toEqual([0, 0]);
  });
});
