import { expect, it } from 'vitest';
import { freezeDeeply } from '../../src/worker/freeze.js';

it('objects, arrays and errors are frozen at any depth, also in cycles', () => {
  const value: any = { list: [{ deep: {} }], error: new Error('a', { cause: { reason: 1 } }) };
  value.self = value;
  expect(freezeDeeply(value)).toBe(value);
  for (const part of [value, value.list, value.list[0], value.list[0].deep, value.error, value.error.cause])
    expect(Object.isFrozen(part)).toBe(true);
});

it('the methods that change a Map or a Set throw a TypeError, and its items are frozen', () => {
  const map = freezeDeeply(new Map<unknown, unknown>([[{ key: 1 }, { item: 1 }]]));
  const set = freezeDeeply(new Set<unknown>([{ item: 1 }]));
  const calls = [
    () => map.set(1, 2),
    () => map.delete(1),
    () => map.clear(),
    () => set.add(1),
    () => set.delete(1),
    () => set.clear(),
  ];
  for (const call of calls) expect(call).toThrow(/can't change a shared value, which is read-only/);
  for (const part of [...map.keys(), ...map.values(), ...set]) expect(Object.isFrozen(part)).toBe(true);
});

it('a structured clone of a frozen value can be changed', () => {
  const copy = structuredClone(freezeDeeply({ map: new Map([[1, [1]]]), set: new Set([1]) }));
  copy.map.set(2, []).get(1)!.push(2);
  copy.set.add(2);
  expect(copy).toEqual({ map: new Map([[1, [1, 2]], [2, []]]), set: new Set([1, 2]) }); // biome-ignore format: pairs
});

it('bytes stay as they are', () => {
  const value = freezeDeeply({
    bytes: new Uint8Array(8),
    view: new DataView(new ArrayBuffer(8)),
    data: new ArrayBuffer(8),
  });
  value.bytes[0] = 1;
  expect(value.bytes[0]).toBe(1);
});

it('the items of a long array are frozen', () => {
  const items = freezeDeeply(Array.from({ length: 20_000 }, (_, i) => ({ i })));
  expect([items, items[0], items.at(-1)].every(Object.isFrozen)).toBe(true);
});

it('a value that is nested deeper than the stack allows is frozen', () => {
  const first = { n: 1 };
  let value: unknown = first;
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  freezeDeeply(value);
  expect(Object.isFrozen(first)).toBe(true);
});
