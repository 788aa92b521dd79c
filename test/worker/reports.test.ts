import { transfer } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  REPORT_FULFILLED,
  REPORT_FULFILLED_ENCODED,
  REPORT_REJECTED,
  REPORT_SKIPPED,
  REPORT_UNCLONABLE,
} from '../../src/protocol/messages.js';
import { fromBytes } from '../../src/protocol/serialize.js';
import type { Drain } from '../../src/worker/host.js';
import { Reports } from '../../src/worker/reports.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

/** Reports that are posted to a list. Each message is cloned, as a port does. */
function open({
  drainOutput = () => false,
  drainPosts = () => false,
}: {
  drainOutput?: Drain;
  drainPosts?: Drain;
} = {}) {
  const sent: any[] = [];
  const unblocked = vi.fn();
  const post = (message: object, list: readonly unknown[] = []) =>
    void sent.push(structuredClone(message, { transfer: [...list] as never }));
  const reports = new Reports(
    { post: post as never, drainOutput, drainPosts, end: () => {}, importModule: async () => ({}) },
    unblocked,
  );
  const outcomes = () =>
    sent.flatMap(({ cells, values }) =>
      values.map((value: any, i: number) => [...cells.slice(2 * i, 2 * i + 2), value]),
    );
  return { reports, sent, outcomes, unblocked };
}

describe('a batch', () => {
  it('reports are collected, and sent together in order', () => {
    const { reports, sent, outcomes } = open();
    reports.fulfil(1, 'one');
    reports.skip(2);
    reports.reject(3, new RangeError('three'));
    expect([reports.isEmpty, sent]).toEqual([false, []]);
    reports.flush();
    expect(sent).toHaveLength(1);
    expect(outcomes()).toMatchObject([
      [1, REPORT_FULFILLED, 'one'],
      [2, REPORT_SKIPPED, undefined],
      [3, REPORT_REJECTED, expect.objectContaining({ message: 'three' })],
    ]);
    reports.flush();
    expect([reports.isEmpty, sent.length]).toEqual([true, 1]);
  });

  it('a batch is due after it has waited for more than a millisecond', () => {
    const { reports } = open();
    const isDue = () => reports.isDue(performance.now());
    vi.advanceTimersByTime(10);
    expect(isDue()).toBe(false);
    reports.fulfil(1, 1);
    vi.advanceTimersByTime(1);
    expect(isDue()).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isDue()).toBe(true);
  });

  it('a batch contains the time in which the worker was busy', () => {
    const { reports, sent } = open();
    reports.markBusy(100);
    reports.markIdle(130);
    reports.fulfil(1, 1);
    reports.flush();
    reports.fulfil(2, 2);
    reports.flush();
    expect(sent.map(({ busy }) => busy)).toEqual([30, 0]);
  });
});

describe('a value', () => {
  it('small plain data is copied, so that later changes are not seen', () => {
    const { reports, outcomes } = open();
    const value = { list: [1] };
    reports.fulfil(1, value);
    value.list.push(2);
    reports.flush();
    expect(outcomes()).toEqual([[1, REPORT_FULFILLED, { list: [1] }]]);
  });

  it('other data is sent at once, together with the reports before it', () => {
    const { reports, outcomes } = open();
    reports.fulfil(1, 1);
    reports.fulfil(2, /a+/);
    expect(outcomes()).toEqual([
      [1, REPORT_FULFILLED, 1],
      [2, REPORT_FULFILLED, /a+/],
    ]);
  });

  it('a marked value is moved', () => {
    const { reports, outcomes } = open();
    const bytes = new Uint8Array([1, 2]);
    reports.fulfil(1, transfer(bytes));
    reports.flush();
    expect(bytes.byteLength).toBe(0);
    expect(outcomes()).toEqual([[1, REPORT_FULFILLED, new Uint8Array([1, 2])]]);
  });

  it('a value that cannot be sent rejects only its own job', () => {
    const { reports, outcomes } = open();
    reports.fulfil(1, 'before');
    reports.fulfil(2, { f: () => {} });
    reports.fulfil(3, 'after');
    reports.flush();
    const all = outcomes();
    expect(all.map(([slot, kind]) => [slot, kind])).toEqual([
      [1, REPORT_FULFILLED],
      [2, REPORT_REJECTED],
      [3, REPORT_FULFILLED],
    ]);
    expect(JSON.stringify(all[1])).toContain('result.f');
  });

  it('a generator as a result is explained', () => {
    const { reports, outcomes } = open();
    reports.fulfil(1, (function* () {})());
    reports.flush();
    expect(outcomes()[0][2].message).toMatch(/^The task is a generator function/);
  });
});

describe('a value that another job of the tree receives', () => {
  it('data is sent as bytes, and a short plain value as it is', () => {
    const { reports, outcomes } = open();
    reports.fulfilLazily(1, 7);
    reports.fulfilLazily(2, { a: [1] });
    reports.flush();
    const [[, first], [, kind, bytes]] = outcomes();
    expect([first, kind]).toEqual([REPORT_FULFILLED, REPORT_FULFILLED_ENCODED]);
    expect(fromBytes(bytes)).toEqual({ a: [1] });
  });

  it('shared memory is sent as it is, and a function is reported as unclonable', () => {
    const { reports, outcomes } = open();
    reports.fulfilLazily(1, new SharedArrayBuffer(1));
    reports.fulfilLazily(2, () => {});
    reports.flush();
    expect(outcomes().map(([, kind]) => kind)).toEqual([REPORT_FULFILLED, REPORT_UNCLONABLE]);
  });
});

describe('the output of tasks', () => {
  it('reports wait until the output has arrived, and then jobs may start again', () => {
    let drained = () => {};
    const drainOutput = (then: () => void) => {
      drained = then;
      return true;
    };
    const { reports, sent, unblocked } = open({ drainOutput });
    reports.fulfil(1, 1);
    reports.flush();
    expect([reports.isBlocked, sent]).toEqual([true, []]);
    drained();
    expect([reports.isBlocked, sent.length, unblocked.mock.calls.length]).toEqual([false, 1, 1]);
  });

  it('no job starts until posted messages are written', () => {
    let drained = () => {};
    const drainPosts = (then: () => void) => {
      drained = then;
      return true;
    };
    const { reports, sent, unblocked } = open({ drainPosts });
    reports.fulfil(1, 1);
    reports.flush();
    expect([reports.isBlocked, sent.length]).toEqual([true, 1]);
    drained();
    expect([reports.isBlocked, unblocked.mock.calls.length]).toEqual([false, 1]);
  });

  it('flushNow() does not wait for output, because the thread is about to end', () => {
    const { reports, sent } = open({ drainOutput: () => true });
    reports.fulfil(1, 1);
    reports.flush();
    reports.flushNow();
    expect(sent).toHaveLength(1);
  });
});
