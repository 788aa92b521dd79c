import { serialize } from 'node:v8';
import { Deferred } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import { LazyValue } from '../../src/protocol/lazy-value.js';

describe('LazyValue', () => {
  it('the value is decoded once, when it is first read', async () => {
    const lazy = new LazyValue(serialize({ title: 'home' }));
    const decode = vi.spyOn(lazy, 'decode');
    const deferred = new Deferred<unknown>();
    deferred.resolve(lazy);
    expect([deferred.future.state, decode.mock.calls.length]).toEqual(['fulfilled', 0]);
    const awaited = await deferred.future;
    expect(awaited).toEqual({ title: 'home' });
    const seen: unknown[] = [];
    deferred.future.subscribe((value) => seen.push(value));
    deferred.future.addDoneCallback((outcome) => outcome.status === 'fulfilled' && seen.push(outcome.value));
    expect(seen[0]).toBe(awaited);
    expect(seen[1]).toBe(awaited);
    expect(decode).toHaveBeenCalledTimes(1);
  });
});
