import { SerializationError } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import { captureContext } from '../../../src/engine/run/context.js';
import { tracedContext } from '../../../src/protocol/traced-context.js';
import { transfer } from '../../../src/protocol/transfer.js';

function makeRun(own?: unknown, { kind = 'call', isSettled = false } = {}) {
  const run = { kind, task: { options: { context: own } }, rare: {} as { context?: unknown }, fail: vi.fn() };
  return { ...run, future: { isSettled } };
}

function take(run: ReturnType<typeof makeRun>, read?: () => unknown, headers?: Record<string, string>): unknown {
  captureContext(run as never, read, headers);
  return run.rare.context;
}

describe('captureContext()', () => {
  it('the context of the task takes precedence over the option of the executor, which is not called', () => {
    const read = vi.fn();
    expect(take(makeRun('own'), read)).toBe('own');
    expect(read).not.toHaveBeenCalled();
    expect(take(makeRun(), () => 'of the executor')).toBe('of the executor');
  });

  it('the headers of a trace travel with the context, or alone', () => {
    const headers = { traceparent: '00-1-2-01' };
    expect(take(makeRun('own'), undefined, headers)).toEqual(tracedContext('own', headers));
    expect(take(makeRun(), undefined, headers)).toEqual(tracedContext(undefined, headers));
    expect(take(makeRun('own', { isSettled: true }), undefined, headers)).toBe(undefined);
  });

  it('the context is copied, so that later changes have no effect', () => {
    const context = { user: 'ann' };
    const taken = take(makeRun(context));
    context.user = 'bob';
    expect(taken).toEqual({ user: 'ann' });
  });

  it('a run without a context, a settled run and an attached run keep none', () => {
    expect(take(makeRun(), () => undefined)).toBe(undefined);
    expect(take(makeRun('own', { isSettled: true }))).toBe(undefined);
    expect(take(makeRun('own', { kind: 'attach' }))).toBe(undefined);
  });

  it.each<[string, () => unknown, unknown]>([
    [
      'an option that throws',
      () => {
        throw new RangeError('no request');
      },
      RangeError,
    ],
    ['a value that cannot be sent', () => () => {}, SerializationError],
    ['a value that is marked with transfer()', () => transfer(new Uint8Array(8)), TypeError],
  ])('%s rejects the run, and the call does not throw', (_what, read, type) => {
    const run = makeRun();
    expect(take(run, read)).toBe(undefined);
    expect(run.fail.mock.calls).toEqual([[expect.any(type)]]);
  });
});
