import { serialize } from 'node:v8';
import { Deferred } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import { asBytes, LazyValue } from '../../src/protocol/lazy-value.js';
import { NoBytesError } from '../../src/protocol/serialize.js';

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

  it('a value becomes bytes with a buffer of their own, and is decoded again', () => {
    const part = { n: 1 };
    const value = { parts: [part, part], at: new Date(5), view: new Uint8Array([1, 2]) };
    const bytes = asBytes(value).data as Uint8Array;
    expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    const decoded = new LazyValue(bytes).decode() as typeof value;
    expect(decoded).toEqual(value);
    expect(decoded.parts[0]).toBe(decoded.parts[1]);
  });

  it('a function and shared memory do not become bytes', () => {
    for (const value of [() => {}, new SharedArrayBuffer(8)]) expect(() => asBytes(value)).toThrow(NoBytesError);
  });
});
