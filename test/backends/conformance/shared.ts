/** Shared values: one copy for each worker, read-only, until they are disposed of. */
import { all } from 'rx-futures';
import { lastValueFrom, toArray } from 'rxjs';
import { expect } from 'vitest';
import type { Suite } from '../describe-backend.js';

export function shared({ it, open, makeGate }: Suite): void {
  it('all tasks on a worker receive the same object for a shared value', async () => {
    await using executor = open('shared.js');
    using value = executor.share({ list: [1] });
    const results = await all(Array.from({ length: 50 }, (_, i) => executor.tasks.identify(value, i)));
    const numbers = new Map<string, Set<number>>();
    for (const { worker, number } of results) numbers.set(worker, (numbers.get(worker) ?? new Set()).add(number));
    // On the calling thread, both workers have the same name.
    for (const seen of numbers.values()) expect(seen.size).toBeLessThanOrEqual(2);
    expect(results.map(({ extra }) => extra)).toEqual(results.map((_, i) => i));
  });

  it('a shared value arrives as it was when share() was called, and is read-only', async () => {
    await using executor = open('shared.js');
    const value = { name: 'a', list: [{}], map: new Map([['a', [1]]]), set: new Set([1]) };
    const original = structuredClone(value);
    using kept = executor.share(value);
    value.list.length = 0;
    value.map.clear();
    expect(await executor.tasks.mutate(kept)).toEqual(new Array(7).fill('TypeError'));
    expect(await executor.tasks.echo(kept)).toEqual(original);
  });

  it('large bytes of a shared value arrive, in shared memory', async () => {
    await using executor = open('shared.js');
    const bytes = new Uint8Array(100_000).fill(5);
    using kept = executor.share({
      bytes,
      data: bytes.buffer,
      view: new DataView(bytes.buffer),
      small: bytes.slice(0, 9),
    });
    expect(await executor.tasks.readByte(kept)).toBe(5);
    expect(await executor.tasks.kinds(kept)).toEqual([
      'Uint8Array on SharedArrayBuffer of 100000',
      'SharedArrayBuffer on SharedArrayBuffer of 100000',
      'DataView on SharedArrayBuffer of 100000',
      'Uint8Array on ArrayBuffer of 9',
    ]);
  });

  it('a shared value is an argument of map, stream, retries and tasks with futures', async () => {
    await using executor = open('shared.js');
    using gate = makeGate();
    using kept = executor.share([1, 2]);
    const { plus, echo, items, failOnce } = executor.tasks;
    expect(await plus(kept, plus(kept, 1))).toBe(3);
    expect(await lastValueFrom(executor.map(echo, [kept, [3]]).pipe(toArray()))).toEqual([[1, 2], [3]]);
    expect(await lastValueFrom(items.stream(kept).pipe(toArray()))).toEqual([1, 2]);
    expect(await failOnce.with({ retry: 1 })(kept, gate.cells)).toBe(2);
  });

  it('dispose() lets tasks finish that use the value, and a later call throws', async () => {
    await using executor = open('shared.js');
    const value = executor.share([1, 2]);
    const sums = Array.from({ length: 20 }, (_, i) => executor.tasks.plus(value, i));
    value.dispose();
    expect(await all(sums)).toEqual(sums.map((_, i) => 1 + i));
    expect(() => executor.tasks.plus(value, 1)).toThrow(/was disposed of/);
  });
}
