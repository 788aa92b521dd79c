/** The leases of a server on its jobs. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Leases } from '../../src/serving/leases.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

describe('Leases', () => {
  beforeEach(() => {
    useVirtualTime();
  });
  afterEach(() => {
    useRealTime();
  });

  function open({ isOurs = true, rerunLost = 0 } = {}) {
    const notes: unknown[] = [];
    const leases = new Leases(
      {
        async noteRetries(...note) {
          notes.push(note);
          return isOurs;
        },
        async noteStep(...note) {
          notes.push(note);
          return isOurs;
        },
      },
      { lostAfter: 1_000, rerunLost },
    );
    return { leases, notes };
  }

  it('a lease is held for lostAfter ms after the last renewal', () => {
    const { leases } = open();
    const lease = leases.claim('job', 'token', () => {});
    vi.advanceTimersByTime(999);
    expect(lease.isHeld).toBe(true);
    leases.renewed(['other', 'job']);
    vi.advanceTimersByTime(999);
    expect(lease.isHeld).toBe(true);
    vi.advanceTimersByTime(1);
    expect(lease.isHeld).toBe(false);
  });

  it('a lost lease is reported to the job, unless the job has ended', () => {
    const { leases } = open();
    const lose = vi.fn();
    leases.claim('job', 'token', lose);
    leases.lost(['job', 'other']);
    expect(lose).toHaveBeenCalledOnce();
    leases.release('job', 'token');
    leases.lost(['job']);
    expect(lose).toHaveBeenCalledOnce();
  });

  it('the end of an old lease does not end a new one of the same job', () => {
    const { leases } = open();
    const lose = vi.fn();
    leases.claim('job', 'old', () => {});
    leases.claim('job', 'new', lose);
    leases.release('job', 'old');
    leases.lost(['job']);
    expect(lose).toHaveBeenCalledOnce();
  });

  it('a note names the job and its token', () => {
    const { leases, notes } = open({ rerunLost: 1 });
    const lease = leases.claim('job', 'token', () => {});
    lease.retrying(5);
    lease.stepped(5, 2, '=1');
    expect(lease.isRerun).toBe(true);
    expect(notes).toEqual([
      ['job', 'token', [5]],
      ['job', 'token', 5, 2, '=1'],
    ]);
  });

  it('a refused note means that the lease is lost', async () => {
    const { leases } = open({ isOurs: false });
    const lose = vi.fn();
    leases.claim('job', 'token', lose).retrying(5);
    await Promise.resolve();
    await Promise.resolve();
    expect(lose).toHaveBeenCalledOnce();
  });
});
